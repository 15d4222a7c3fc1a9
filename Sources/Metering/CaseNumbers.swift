/// The place of each case of an enumeration among all of them: the row of a table that has one for each.
public struct CaseNumbers<Case: CaseIterable & Hashable & Sendable>: Sendable {
    private let numbers = Dictionary(uniqueKeysWithValues: Case.allCases.enumerated().map { ($1, $0) })

    public init() {}

    /// How many cases there are.
    public var count: Int { numbers.count }

    /// The place of a case, from 0.
    public subscript(element: Case) -> Int { numbers[element] ?? 0 }
}
