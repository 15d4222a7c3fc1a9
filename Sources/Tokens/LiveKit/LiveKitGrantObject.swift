public import StrictJSON
import Vocabulary

/// One of the objects in which a LiveKit token keeps its permissions: `video`, `sip`, `agent` and so on.
///
/// Every member is optional, because in LiveKit an absent member may mean yes (`canPublish`) as well as no (`roomAdmin`).
/// A conforming type lists its members once; writing and reading both follow the list. Unknown members are ignored when
/// reading, as LiveKit's server does.
public protocol LiveKitGrantObject: Sendable, Equatable {
    typealias Flag = WritableKeyPath<Self, Bool?>
    typealias Text = WritableKeyPath<Self, String?>
    typealias List = WritableKeyPath<Self, [String]?>

    static var flags: [(name: String, path: Flag)] { get }
    static var texts: [(name: String, path: Text)] { get }
    static var lists: [(name: String, path: List)] { get }

    /// A grant that says nothing.
    init()
}

extension LiveKitGrantObject {
    public static var texts: [(name: String, path: Text)] { [] }
    public static var lists: [(name: String, path: List)] { [] }

    /// The object as it stands in a token: the members that are there, nothing else.
    public var jsonValue: JSONValue {
        var object = JSONObject()
        for (name, path) in Self.flags {
            if let flag = self[keyPath: path] { object[name] = .bool(flag) }
        }
        for (name, path) in Self.texts {
            if let text = self[keyPath: path] { object[name] = .string(text) }
        }
        for (name, path) in Self.lists {
            if let list = self[keyPath: path] { object[name] = .array(list.map(JSONValue.string)) }
        }
        return .object(object)
    }

    /// Reads the object; `null` members count as absent.
    /// - Throws: ``TokenError/malformed(_:)`` when a known member is of another type. LiveKit's server refuses such a token too.
    public init(_ value: JSONValue, named claim: String) throws(TokenError) {
        guard case .object(let object) = value else { throw .malformed("\(claim) is not an object") }
        self.init()
        for (name, path) in Self.flags {
            self[keyPath: path] = try object.present(name)?.flag(named: "\(claim).\(name)")
        }
        for (name, path) in Self.texts {
            self[keyPath: path] = try object.present(name)?.text(named: "\(claim).\(name)")
        }
        for (name, path) in Self.lists {
            self[keyPath: path] = try object.present(name)?.texts(named: "\(claim).\(name)")
        }
    }
}

extension JSONObject {
    /// The member, unless it is absent or `null`.
    func present(_ name: String) -> JSONValue? {
        guard let value = self[name], value != .null else { return nil }
        return value
    }
}

/// Reading one value of a token as the type that LiveKit's server demands; the claim's name goes into the error.
extension JSONValue {
    func flag(named claim: String) throws(TokenError) -> Bool {
        guard case .bool(let flag) = self else { throw .malformed("\(claim) is not true or false") }
        return flag
    }

    func text(named claim: String) throws(TokenError) -> String {
        guard case .string(let text) = self else { throw .malformed("\(claim) is not text") }
        return text
    }

    func texts(named claim: String) throws(TokenError) -> [String] {
        guard case .array(let elements) = self else { throw .malformed("\(claim) is not an array") }
        var texts: [String] = []
        for element in elements { texts.append(try element.text(named: "an element of \(claim)")) }
        return texts
    }

    /// Whole seconds, or a fraction that is cut off. Text is refused: LiveKit 1.11.0 answers it with 401.
    func time(named claim: String) throws(TokenError) -> UnixTime {
        guard let seconds = wholeSeconds else { throw .malformed("\(claim) is not a time in seconds") }
        return UnixTime(seconds)
    }

    /// A time claim: a number of seconds that stays far from where arithmetic on it could overflow.
    var wholeSeconds: Int64? {
        let bound: Int64 = 1 << 53
        switch self {
        case .integer(let seconds): return seconds.magnitude <= bound ? seconds : nil
        case .real(let seconds): return seconds.magnitude <= Double(bound) ? Int64(seconds) : nil
        case .null, .bool, .string, .array, .object: return nil
        }
    }
}
