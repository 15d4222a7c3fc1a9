/// Reads Agora's bytes with every bound checked: little-endian integers, and texts with a u16 length before them.
struct AgoraReader {
    private let bytes: [UInt8]
    private(set) var position: Int
    /// What was odd so far.
    private(set) var irregularities: [AgoraIrregularity] = []
    /// How many services, privileges and names may still come.
    private var entriesLeft = AgoraReader.entriesMax

    /// The most services, privileges and names that one token is read with. An honest token has a handful; without a bound a hostile one
    /// of a few kilobytes, which inflates to 64, would hold fifteen thousand, and everything built over them would have to be careful.
    static let entriesMax = 1024

    init(_ bytes: [UInt8], from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// How many bytes were not read yet.
    var rest: Int { bytes.count - position }

    /// All bytes not read yet.
    var remaining: [UInt8] { Array(bytes[position...]) }

    mutating func number(_ part: String) throws(AgoraDamage) -> UInt16 {
        let bytes = try take(2, part)
        return bytes.reversed().reduce(0) { $0 << 8 | UInt16($1) }
    }

    mutating func longNumber(_ part: String) throws(AgoraDamage) -> UInt32 {
        let bytes = try take(4, part)
        return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A count of entries that follow.
    mutating func count(_ part: String) throws(AgoraDamage) -> Int {
        let count = Int(try number(part))
        guard count <= entriesLeft else { throw .tooManyEntries }
        entriesLeft -= count
        return count
    }

    /// The bytes behind a u16 length.
    mutating func block(_ part: String) throws(AgoraDamage) -> [UInt8] {
        let count = try number(part)
        return Array(try take(Int(count), part))
    }

    /// The text behind a u16 length. Bytes that are not UTF-8 are replaced, and it is noted.
    mutating func text(_ part: String) throws(AgoraDamage) -> String {
        let bytes = try block(part)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        note(.textNotUTF8)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Notes an irregularity, once.
    mutating func note(_ irregularity: AgoraIrregularity) {
        if !irregularities.contains(irregularity) { irregularities.append(irregularity) }
    }

    private mutating func take(_ count: Int, _ part: String) throws(AgoraDamage) -> ArraySlice<UInt8> {
        guard count <= rest else { throw .endsInside(part) }
        defer { position += count }
        return bytes[position..<position + count]
    }
}

extension AgoraReader {
    mutating func privileges() throws(AgoraDamage) -> AgoraPrivileges {
        var pairs: [(number: UInt16, expiry: UInt32)] = []
        var highest = -1
        for _ in 0..<(try count("the privileges")) {
            let number = try number("a privilege")
            if Int(number) <= highest { note(.privilegesOutOfOrder) }
            highest = max(highest, Int(number))
            pairs.append((number, try longNumber("a privilege")))
        }
        return AgoraPrivileges(pairs)
    }

    /// Reads the content of a 007 token. Stops at the first service of an unknown kind, and notes it.
    mutating func content() throws(AgoraDamage) -> AgoraContent {
        var content = AgoraContent(
            appID: try text("the app id"), issuedAtSeconds: try longNumber("the time of issue"),
            lifetimeSeconds: try longNumber("the lifetime"),
            salt: try longNumber("the salt"), services: [])
        if !AgoraCredentials.isHexadecimal(content.appID.utf8) { note(.appIDMalformed) }
        for _ in 0..<(try count("the count of services")) {
            let number = try number("a service")
            guard let kind = AgoraService.Kind(rawValue: number) else {
                note(.unknownService(number))
                return content
            }
            content.services.append(try service(kind))
        }
        if rest > 0 { note(.bytesAfterContent(rest)) }
        return content
    }

    private mutating func service(_ kind: AgoraService.Kind) throws(AgoraDamage) -> AgoraService {
        let privileges = try privileges()
        let fields: AgoraService.Fields
        switch kind {
        case .rtc: fields = .rtc(channel: try text("a channel"), account: try text("an account"))
        case .rtm: fields = .rtm(user: try text("a user"))
        case .streaming: fields = .streaming(channel: try text("a channel"), account: try text("an account"))
        case .fpa: fields = .fpa
        case .chat: fields = .chat(user: try text("a user"))
        case .fcdn: fields = .fcdn(channel: try text("a channel"), account: try text("an account"))
        case .apaas:
            fields = .apaas(room: try text("a room"), user: try text("a user"), role: Int16(bitPattern: try number("a role")))
        case .rtm2: fields = .rtm2(user: try text("a user"), permissions: try permissions())
        }
        return AgoraService(fields, privileges: privileges)
    }

    private mutating func permissions() throws(AgoraDamage) -> AgoraRTM2Permissions {
        var entries: [AgoraRTM2Permissions.Entry] = []
        for _ in 0..<(try count("the resources")) {
            let resource = try number("a resource")
            for _ in 0..<(try count("the permissions")) {
                let permission = try number("a permission")
                var names: [String] = []
                for _ in 0..<(try count("the names")) { names.append(try text("a name")) }
                entries.append(AgoraRTM2Permissions.Entry(resource: resource, permission: permission, names: names))
            }
        }
        return AgoraRTM2Permissions(entries)
    }
}
