/// Writes Agora's bytes: little-endian integers, and texts with a u16 length before them.
///
/// It writes to the end of a kept array and checks what Agora's builders do not: a text, or a count, that does not fit its u16.
struct AgoraWriter {
    private(set) var bytes: [UInt8] = []

    /// Forgets what was written and keeps the memory.
    mutating func restart() {
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func write(_ number: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: number))
        bytes.append(UInt8(truncatingIfNeeded: number >> 8))
    }

    mutating func write(_ number: UInt32) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes u16 length and the UTF-8 bytes.
    mutating func write(_ text: String) throws(TokenError) {
        var text = text
        guard let length = UInt16(exactly: text.utf8.count) else {
            throw .malformed("a text of \(text.utf8.count) bytes does not fit an Agora token: 65,535 at most")
        }
        write(length)
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// Writes the bytes as they are.
    mutating func write(raw source: some Collection<UInt8>) {
        bytes.append(contentsOf: source)
    }

    /// Writes a count of things that follow.
    mutating func write(count: Int) throws(TokenError) {
        guard let short = UInt16(exactly: count) else { throw .malformed("\(count) entries do not fit an Agora token: 65,535 at most") }
        write(short)
    }

    /// Keeps a place for a signature: the u16 length and as many zeros.
    mutating func reserveSignature() {
        write(UInt16(AgoraSigner.signatureBytes))
        bytes.append(contentsOf: repeatElement(0, count: AgoraSigner.signatureBytes))
    }

    /// Lends all bytes, to be signed in place.
    mutating func withMutableBytes(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
        bytes.withUnsafeMutableBytes(body)
    }
}

extension AgoraWriter {
    mutating func write(_ privileges: AgoraPrivileges) throws(TokenError) {
        try write(count: privileges.entries.count)
        for entry in privileges.entries {
            write(entry.number)
            write(entry.expiry)
        }
    }

    /// Writes the content of a 007 token.
    /// - Throws: ``TokenError/malformed(_:)`` where there is no service, or something does not fit.
    mutating func write(_ content: AgoraContent) throws(TokenError) {
        guard !content.services.isEmpty else { throw .malformed("an Agora token without a service opens nothing") }
        try write(content.appID)
        write(content.issuedAtSeconds)
        write(content.lifetimeSeconds)
        write(content.salt)
        try write(count: content.services.count)
        // The standard library's sort is stable today and promises nothing; one pass per kind needs no promise.
        for kind in AgoraService.Kind.allCases {
            for service in content.services where service.kind == kind { try write(service) }
        }
    }

    private mutating func write(_ service: AgoraService) throws(TokenError) {
        write(service.kind.rawValue)
        try write(service.privileges)
        switch service.fields {
        case .rtc(let channel, let account), .streaming(let channel, let account), .fcdn(let channel, let account):
            try write(channel)
            try write(account)
        case .rtm(let user), .chat(let user):
            try write(user)
        case .fpa:
            break
        case .apaas(let room, let user, let role):
            try write(room)
            try write(user)
            write(UInt16(bitPattern: role))
        case .rtm2(let user, let permissions):
            try write(user)
            try write(permissions)
        }
    }

    private mutating func write(_ permissions: AgoraRTM2Permissions) throws(TokenError) {
        var resources: [(number: UInt16, entries: [AgoraRTM2Permissions.Entry])] = []
        for entry in permissions.entries {
            if resources.last?.number != entry.resource { resources.append((entry.resource, [])) }
            resources[resources.count - 1].entries.append(entry)
        }
        try write(count: resources.count)
        for resource in resources {
            write(resource.number)
            try write(count: resource.entries.count)
            for entry in resource.entries {
                write(entry.permission)
                try write(count: entry.names.count)
                for name in entry.names { try write(name) }
            }
        }
    }
}
