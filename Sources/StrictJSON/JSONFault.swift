/// One thing that is wrong with one field of an object.
public struct JSONFault: Sendable, Equatable {
    /// What kind of wrong it is. The raw values are part of the contract.
    public enum Code: String, Sendable, CaseIterable {
        case missing
        case wrongType = "wrong_type"
        case tooShort = "too_short"
        case tooLong = "too_long"
        case outOfRange = "out_of_range"
        case notAllowed = "not_allowed"
        case unknownField = "unknown_field"
        case duplicate
        case invalid
    }

    /// Where it is.
    public let pointer: JSONPointer
    /// What kind it is.
    public let code: Code
    /// What would be right, in a sentence for whoever sent it. It repeats nothing of what was sent.
    public let message: String

    /// Makes a fault.
    public init(pointer: JSONPointer, code: Code, message: String) {
        self.pointer = pointer
        self.code = code
        self.message = message
    }
}

/// Everything that is wrong with an object, in the order in which it was read. Never empty.
public struct JSONFaults: Error, Equatable, Sendable {
    /// At most this many are collected: nobody repairs more at once, and a hostile body must not grow into a larger answer.
    public static let countMax = 64

    /// The faults.
    public let faults: [JSONFault]

    /// Makes the error. No faults at all is a programmer's mistake.
    public init(faults: [JSONFault]) {
        precondition(!faults.isEmpty, "faults without a fault")
        self.faults = faults
    }
}

extension JSONFaults: CustomStringConvertible {
    /// One line a fault.
    public var description: String {
        faults.map { "\($0.pointer): \($0.message)" }.joined(separator: "\n")
    }
}
