internal import Signing
internal import StrictJSON
internal import Vocabulary

/// The text of a person's token in pieces, as drawn above ``LiveKitMinter``.
struct LiveKitPersonText: Sendable {
    /// A head that is written and ends on a group of three bytes, for which it took the first bytes of the grants' text.
    struct Head {
        let bytes: UnsafeRawBufferPointer
        /// How many bytes it took: 0, 1 or 2.
        let taken: Int
        let grants: EncodedText
    }

    /// The head with zeros in its holes: three times, and the token's id.
    private let template: [UInt8]
    private let holes: Holes
    private let texts = LiveKitConstantTexts.shared

    private static let signatureBytes = 43

    init(apiKey: String) {
        let key = JSONValue.string(apiKey).canonicalText
        let time = "0000000000"
        let tokenID = "0000000000000000000000"
        var bytes: [UInt8] = []
        func append(_ text: String) -> Int {
            bytes += Array(text.utf8)
            return bytes.count
        }
        let attributes = append("{")
        let expiry = append("\"exp\":")
        let issued = append(time + ",\"iat\":")
        let id = append(time + ",\"iss\":\(key),\"jti\":\"")
        let metadataAndName = append(tokenID + "\",\"kind\":\"standard\"")
        let notBefore = append(",\"nbf\":")
        let roomConfig = append(time)
        _ = append(",\"sub\":\"")
        template = bytes
        holes = Holes(
            attributes: attributes, expiry: expiry, issued: issued, tokenID: id, metadataAndName: metadataAndName, notBefore: notBefore,
            roomConfig: roomConfig)
    }

    /// What the holes are filled with. Taken out of the grant before any closure, because a closure would keep the whole grant.
    private struct Filling {
        let issuedAt: Int64
        let expiresAt: Int64
        let tokenID: UInt128
    }

    /// Writes the head of the grant's payload and lends it for the duration of the closure.
    @inline(__always)
    func withHead<R>(of grant: borrowing JoinGrant, _ body: (Head) -> R) -> R {
        let grants = texts.grants(of: grant)
        let issuedAt = grant.issuedAt.seconds
        let filling = Filling(issuedAt: issuedAt, expiresAt: issuedAt + Int64(grant.lifetimeSeconds), tokenID: grant.tokenID)
        if grant.hasOptionalText {
            return withHead(filling, grant.identity.text, grants, OptionalText(grant), body)
        }
        return withHead(filling, grant.identity.text, grants, nil, body)
    }

    @inline(__always)
    private func withHead<R>(
        _ filling: Filling, _ identity: String, _ grants: EncodedText, _ optional: OptionalText?, _ body: (Head) -> R
    ) -> R {
        let bytes = template.count + (optional?.count ?? 0) + identity.utf8.count
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes + 2) { memory in
            var head = ByteWriter(memory)
            template.withUnsafeBytes { template in
                if let optional {
                    optional.write(template, holes, to: &head)
                } else {
                    head.append(template)
                }
            }
            fill(filling, optional, in: head)
            head.append(identity)
            let taken = (3 - head.count % 3) % 3
            head.append(UnsafeRawBufferPointer(start: grants.bytes.baseAddress, count: taken))
            return body(Head(bytes: head.written, taken: taken, grants: grants))
        }
    }

    @inline(__always)
    private func fill(_ filling: Filling, _ optional: OptionalText?, in head: ByteWriter) {
        let first = optional?.attributes.count ?? 0
        let second = first + (optional?.metadataAndName.count ?? 0)
        head.put(tenDigits: filling.expiresAt, at: holes.expiry + first)
        head.put(tenDigits: filling.issuedAt, at: holes.issued + first)
        head.put(base64URLOf: filling.tokenID, at: holes.tokenID + first)
        head.put(tenBytesFrom: holes.issued + first, at: holes.notBefore + second)
    }

    /// The length of the whole token, signature included.
    @inline(__always)
    func tokenBytes(_ head: Head, _ room: String) -> Int {
        let payload = head.bytes.count - head.taken + head.grants.bytes.count + room.utf8.count + texts.tail.bytes.count
        return texts.header.count + Base64URL.encodedCount(payload) + 1 + Self.signatureBytes
    }

    /// Writes what is signed, header and payload, into memory of `tokenBytes`; answers its length.
    @inline(__always)
    func write(_ head: Head, _ room: String, into start: UnsafeMutablePointer<UInt8>) -> Int {
        UnsafeMutableRawBufferPointer(start: start, count: texts.header.count).copyMemory(from: texts.header)
        var count = texts.header.count
        count += Base64URL.encode(head.bytes, into: start + count)
        count += head.grants.copy(taken: head.taken, to: start + count)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room.utf8.count + 4) { memory in
            var middle = ByteWriter(memory)
            middle.append(head.grants.leftOver(taken: head.taken))
            middle.append(room)
            let taken = (3 - middle.count % 3) % 3
            middle.append(UnsafeRawBufferPointer(start: texts.tail.bytes.baseAddress, count: taken))
            count += Base64URL.encode(middle.written, into: start + count)
            count += texts.tail.copy(taken: taken, to: start + count)
        }
        return count
    }
}

/// Where in the template something is put: into a hole, or between two members.
private struct Holes: Sendable {
    let attributes: Int
    let expiry: Int
    let issued: Int
    let tokenID: Int
    let metadataAndName: Int
    let notBefore: Int
    let roomConfig: Int
}

/// The members that most tokens do not have, each ready to be put in its place.
private struct OptionalText {
    private(set) var attributes: [UInt8] = []
    private(set) var metadataAndName: [UInt8] = []
    private(set) var roomConfig: [UInt8] = []

    var count: Int { attributes.count + metadataAndName.count + roomConfig.count }

    @inline(never)
    init(_ grant: borrowing JoinGrant) {
        if !grant.attributes.isEmpty {
            attributes.append(contentsOf: "\"attributes\":".utf8)
            JSONValue.object(JSONObject(grant.attributes.map { ($0.name, .string($0.value)) })).write(into: &attributes)
            attributes.append(UInt8(ascii: ","))
        }
        metadataAndName.reserveCapacity(32 + (grant.metadata?.utf8.count ?? 0) + (grant.displayName?.utf8.count ?? 0))
        if let metadata = grant.metadata {
            metadataAndName.append(contentsOf: ",\"metadata\":".utf8)
            JSONValue.string(metadata).write(into: &metadataAndName)
        }
        if let name = grant.displayName {
            metadataAndName.append(contentsOf: ",\"name\":".utf8)
            JSONValue.string(name).write(into: &metadataAndName)
        }
        if let config = grant.roomConfig {
            roomConfig.append(contentsOf: ",\"roomConfig\":".utf8)
            config.write(into: &roomConfig)
        }
    }

    /// Writes the template with these members between its own.
    func write(_ template: UnsafeRawBufferPointer, _ holes: Holes, to head: inout ByteWriter) {
        head.append(UnsafeRawBufferPointer(rebasing: template[..<holes.attributes]))
        attributes.withUnsafeBytes { head.append($0) }
        head.append(UnsafeRawBufferPointer(rebasing: template[holes.attributes..<holes.metadataAndName]))
        metadataAndName.withUnsafeBytes { head.append($0) }
        head.append(UnsafeRawBufferPointer(rebasing: template[holes.metadataAndName..<holes.roomConfig]))
        roomConfig.withUnsafeBytes { head.append($0) }
        head.append(UnsafeRawBufferPointer(rebasing: template[holes.roomConfig...]))
    }
}

extension JoinGrant {
    fileprivate var hasOptionalText: Bool {
        displayName != nil || metadata != nil || !attributes.isEmpty || roomMaxParticipants != nil || roomMetadata != nil
    }

    /// What LiveKit shall create the room with, when this join creates it. Two members and never more: a server of version 1.11 refuses the
    /// whole token for a member that it does not know, and `egress` or `agents` in it would act without any permission.
    var roomConfig: JSONValue? {
        var config = JSONObject()
        if let roomMaxParticipants { config["maxParticipants"] = .integer(Int64(roomMaxParticipants)) }
        if let roomMetadata { config["metadata"] = .string(roomMetadata) }
        return config.isEmpty ? nil : .object(config)
    }
}
