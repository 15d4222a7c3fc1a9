/// The name of a room on a media plane. It carries its tenant, and this file is the only place that can make one.
///
/// Shape: `<tenant>-room-<id>` or `<tenant>-call-<id>`, where the id is 128 random bits as 25 digits of base 36: lower case,
/// 33 to 63 bytes. It is read from the right, because a tenant id may itself contain hyphens: the last 25 bytes are the id,
/// the six before them the kind, everything before those the tenant. So every name has one reading, and two different
/// (tenant, kind, id) never share a name.
public struct RoomName: Hashable, Sendable, CustomStringConvertible {
    /// What the room is for: a room asked for by an app, or the room of one call.
    public enum Kind: String, CaseIterable, Sendable {
        case room
        case call
    }

    public let text: String
    public let tenant: TenantID
    public let kind: Kind

    /// Makes the name of a new room. `random` must come from a cryptographic source; it is what makes the name unguessable.
    public init(tenant: TenantID, kind: Kind, random: UInt128) {
        self.text = "\(tenant.text)-\(kind.rawValue)-\(Base36.text(of: random))"
        self.tenant = tenant
        self.kind = kind
    }

    /// Reads a name that somebody sent.
    /// - Throws: `VocabularyError` when the text is not a name that `init(tenant:kind:random:)` could have made.
    public init(_ text: String) throws(VocabularyError) {
        guard let parts = Self.parts(of: text) else {
            throw VocabularyError("a room name reads <tenant>-room-<id> or <tenant>-call-<id>")
        }
        self.text = text
        self.tenant = try TenantID(parts.tenant)
        self.kind = parts.kind
    }

    public var description: String { text }

    public static func == (left: RoomName, right: RoomName) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Whether the text has the form of a room name, whatever stands in front. Asked by `TenantID`, so that it does not recurse.
    static func endsLikeARoomName(_ text: String) -> Bool { parts(of: text) != nil }

    private static func parts(of text: String) -> (tenant: String, kind: Kind)? {
        let bytes = text.utf8
        guard bytes.count <= 63, Base36.number(of: bytes.suffix(Base36.digitCount)) != nil else { return nil }
        let front = bytes.dropLast(Base36.digitCount)
        for kind in Kind.allCases where front.suffix(6).elementsEqual("-\(kind.rawValue)-".utf8) {
            guard front.count > 6, let tenant = String(front.dropLast(6)) else { return nil }
            return (tenant, kind)
        }
        return nil
    }
}
