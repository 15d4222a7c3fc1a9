/// The members of one JSON object, in the order in which they were read or added; every name once.
///
/// Finding a member takes one pass over the names: right for the few members of a request, not meant for thousands of look-ups.
public struct JSONObject: Sendable {
    /// One name and its value.
    public struct Member: Sendable, Equatable {
        /// The name, unescaped.
        public var name: String
        /// What stands under that name.
        public var value: JSONValue

        /// Makes a member.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }

        public static func == (left: Member, right: Member) -> Bool {
            left.name.hasSameBytes(as: right.name) && left.value == right.value
        }
    }

    /// The members in their order. Changed through the subscript only, so that no name can stand there twice.
    public private(set) var members: [Member]

    /// An empty object.
    public init() {
        members = []
    }

    /// An object of these members, in this order. A name twice is a programmer's mistake.
    public init(_ elements: [(String, JSONValue)]) {
        self.init()
        members.reserveCapacity(elements.count)
        for (name, value) in elements {
            precondition(index(of: name) == nil, "a name twice in one object")
            members.append(Member(name: name, value: value))
        }
    }

    /// Members whose names are already known to be distinct.
    init(distinct members: [Member]) {
        self.members = members
    }

    /// The value under that name: nil when there is none; setting adds at the end, replaces in place, or removes with nil.
    public subscript(_ name: String) -> JSONValue? {
        get {
            index(of: name).map { members[$0].value }
        }
        set {
            switch (index(of: name), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// True when there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// Where that name stands.
    func index(of name: String) -> Int? {
        members.firstIndex { $0.name.hasSameBytes(as: name) }
    }

    /// The members sorted by the bytes of their names: the order in which they are written.
    var sortedMembers: [Member] {
        for index in members.indices.dropFirst() where !members[index - 1].name.precedesByBytes(members[index].name) {
            return members.sorted { $0.name.precedesByBytes($1.name) }
        }
        return members
    }
}

extension JSONObject: Equatable {
    /// True when both have the same names with the same values, whatever the order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.sortedMembers == right.sortedMembers
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}
