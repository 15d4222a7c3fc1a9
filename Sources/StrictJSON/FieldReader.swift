/// Reads one object as a closed schema, and collects every fault with its pointer instead of stopping at the first.
///
/// Ask for each field once, then call `finish()`: it adds a fault for every member that nobody asked for, and throws when there is any
/// fault. What the readers returned is good only after that. `required…` makes a fault of an absent field, the others return nil.
/// `null` is a value of the wrong type, unless the reader was told that it means absent.
///
///     var fields = FieldReader(body)
///     let user = fields.requiredParsed("user_id", UserID.init)
///     let ttlSeconds = fields.integer("ttl_seconds", in: 60...600) ?? 300
///     try fields.finish()
public struct FieldReader: Sendable {
    /// Where the object stands in the whole text.
    public let pointer: JSONPointer
    /// What was found wrong so far, in order; no more than `JSONFaults.countMax`.
    public private(set) var faults: [JSONFault] = []

    /// Nil when the value was no object: then that is the one fault, and every field is silently absent.
    private let object: JSONObject?
    private let nullMeansAbsent: Bool
    /// Which members somebody asked for, by their place.
    private var isKnown: [Bool]

    /// Starts to read a value that should be an object. Anything else is a fault, which `finish()` throws.
    public init(_ value: JSONValue, at pointer: JSONPointer = .root, nullMeansAbsent: Bool = false) {
        self.pointer = pointer
        self.nullMeansAbsent = nullMeansAbsent
        object = value.objectValue
        isKnown = Array(repeating: false, count: object?.count ?? 0)
        if object == nil { fault(nil, .wrongType, "must be an object") }
    }

    /// True when something was wrong so far.
    public var hasFaults: Bool { !faults.isEmpty }

    /// Adds a fault at that field, or at the object itself.
    public mutating func fault(_ name: String?, _ code: JSONFault.Code, _ message: String) {
        fault(at: name.map(pointer.appending) ?? pointer, code, message)
    }

    /// Adds a fault at any place.
    public mutating func fault(at pointer: JSONPointer, _ code: JSONFault.Code, _ message: String) {
        guard faults.count < JSONFaults.countMax else { return }
        faults.append(JSONFault(pointer: pointer, code: code, message: message))
    }

    /// Makes a fault of every member that nobody asked for, and throws all faults, if there are any.
    public mutating func finish() throws(JSONFaults) {
        addUnknownFields()
        guard faults.isEmpty else { throw JSONFaults(faults: faults) }
    }

    /// The member of that name as it is, from now on known; nil when it is absent.
    public mutating func value(_ name: String) -> JSONValue? {
        guard let object, let index = object.index(of: name) else { return nil }
        isKnown[index] = true
        let value = object.members[index].value
        // Not written with `?:`, where a bare `nil` would be a JSON null.
        if nullMeansAbsent && value.isNull { return nil }
        return value
    }

    /// The member of that name as it is; its absence is a fault.
    public mutating func requiredValue(_ name: String) -> JSONValue? {
        if let value = value(name) { return value }
        if object != nil { fault(name, .missing, "is required") }
        return nil
    }

    /// Reads a nested closed object: nil when it is absent, no object, or anything within it is wrong.
    public mutating func object<Value>(_ name: String, _ read: (inout FieldReader) -> Value?) -> Value? {
        value(name).flatMap { object($0, at: pointer.appending(name), read) }
    }

    /// Reads a nested closed object; its absence is a fault.
    public mutating func requiredObject<Value>(_ name: String, _ read: (inout FieldReader) -> Value?) -> Value? {
        requiredValue(name).flatMap { object($0, at: pointer.appending(name), read) }
    }

    /// Where a field stands, or an element of the list in it.
    func place(_ name: String, _ index: Int? = nil) -> FieldPlace {
        FieldPlace(base: pointer, name: name, index: index)
    }

    /// Reads a closed object that stands anywhere below, and takes over its faults.
    mutating func object<Value>(_ value: JSONValue, at pointer: JSONPointer, _ read: (inout FieldReader) -> Value?) -> Value? {
        var fields = FieldReader(value, at: pointer, nullMeansAbsent: nullMeansAbsent)
        let result = read(&fields)
        fields.addUnknownFields()
        for found in fields.faults { fault(at: found.pointer, found.code, found.message) }
        return fields.hasFaults ? nil : result
    }

    private mutating func addUnknownFields() {
        guard let object else { return }
        for (member, isKnown) in zip(object.members, isKnown) where !isKnown {
            if member.name.utf8.count <= JSONLocator.nameBytesMax {
                fault(member.name, .unknownField, "is not a field of this object")
            } else {
                fault(nil, .unknownField, "has a field with a name too long to be one of its fields")
            }
        }
        // Reported once: a second `finish()` says the same, not the same twice.
        isKnown = Array(repeating: true, count: isKnown.count)
    }
}

/// Where a value stands, written out as a pointer only when there is a fault: most fields have none, and a pointer costs a string.
struct FieldPlace {
    let base: JSONPointer
    let name: String
    var index: Int?

    var pointer: JSONPointer {
        let field = base.appending(name)
        return index.map(field.appending) ?? field
    }
}
