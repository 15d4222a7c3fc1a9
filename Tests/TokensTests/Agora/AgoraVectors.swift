import Foundation
import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

/// The known answers of `agora.json` beside this file. Its member `about` says where they come from and how to compare.
enum AgoraVectors {
    static let all: JSONObject = load()

    static let official = rows("official")
    static let generated = rows("generated")
    static let decodeCases = rows("decode_cases")
    static let builderCases = rows("builder_cases")
    static let webhooks = rows("ncs_webhook")

    static func rows(_ name: String) -> [AgoraVector] {
        (all[name]?.arrayValue ?? []).compactMap(\.objectValue).map(AgoraVector.init)
    }

    private static func load() -> JSONObject {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "agora.json")
        do {
            let value = try JSONValue.parse(Array(try Data(contentsOf: file)), limits: JSONLimits(bytesMax: 1 << 20, depthMax: 16))
            guard let object = value.objectValue else { fatalError("agora.json is no object") }
            return object
        } catch {
            fatalError("agora.json cannot be read: \(error)")
        }
    }
}

/// One row of the known answers.
struct AgoraVector: CustomTestStringConvertible, Sendable {
    let members: JSONObject

    var id: String { members["id"]?.stringValue ?? "?" }
    var testDescription: String { "\(id) \(members["note"]?.stringValue ?? members["why"]?.stringValue ?? "")" }
    var version: String { members["version"]?.stringValue ?? "" }

    func has(_ name: String) -> Bool { members[name].map { !$0.isNull } ?? false }
    func text(_ name: String) throws -> String { try #require(members[name]?.stringValue, "\(id) has no \(name)") }
    func number(_ name: String) throws -> UInt32 { UInt32(try #require(members[name]?.integerValue, "\(id) has no \(name)")) }
    func bytes(_ name: String) throws -> [UInt8] { try Hexadecimal.bytes(try text(name)) }

    func credentials() throws -> AgoraCredentials {
        try AgoraCredentials(appID: try text("app_id"), certificate: Secret(utf8: try text("app_certificate")))
    }

    /// The services, in the order in which the row has them, which need not be the order on the wire.
    func services() throws -> [AgoraService] {
        let rows = members["services_in_the_order_added"] ?? members["services"]
        return try #require(rows?.arrayValue).map { try Self.service(try #require($0.objectValue)) }
    }

    /// The privileges of a 006 row.
    func privileges() throws -> AgoraPrivileges {
        try Self.privileges(try #require(members["privileges_in_the_order_added"] ?? members["privileges"]))
    }

    /// The 007 content of the row.
    func content(_ services: [AgoraService]) throws -> AgoraContent {
        AgoraContent(
            appID: try text("app_id"), issuedAtSeconds: try number("issue_ts"), lifetimeSeconds: try number("expire"),
            salt: try number("salt"),
            services: services)
    }

    private static func privileges(_ value: JSONValue) throws -> AgoraPrivileges {
        var privileges = AgoraPrivileges()
        for entry in value.arrayValue ?? [] {
            if let pair = entry.arrayValue {
                privileges[UInt16(try #require(pair[0].integerValue))] = UInt32(try #require(pair[1].integerValue))
            } else {
                let object = try #require(entry.objectValue)
                privileges[UInt16(try #require(object["id"]?.integerValue))] = UInt32(try #require(object["expire"]?.integerValue))
            }
        }
        return privileges
    }

    private static func service(_ row: JSONObject) throws -> AgoraService {
        func text(_ names: String...) throws -> String {
            for name in names {
                if let text = row[name]?.stringValue { return text }
                if let number = row[name]?.integerValue { return AgoraContent.account(ofUID: UInt32(number)) }
            }
            throw MissingMember(names: names)
        }
        let number = UInt16(try #require(row["type"]?.integerValue))
        let kind = try #require(AgoraService.Kind(rawValue: number))
        let fields: AgoraService.Fields
        switch kind {
        case .rtc: fields = .rtc(channel: try text("channel_name"), account: try text("uid_input", "uid"))
        case .rtm: fields = .rtm(user: try text("user_id"))
        case .streaming: fields = .streaming(channel: try text("channel_name"), account: try text("account_input", "account"))
        case .fpa: fields = .fpa
        case .chat: fields = .chat(user: try text("user_id"))
        case .fcdn: fields = .fcdn(channel: try text("channel_name"), account: try text("account_input", "account"))
        case .apaas:
            let role = Int16(try #require(row["role"]?.integerValue))
            fields = .apaas(room: try text("room_uuid"), user: try text("user_uuid"), role: role)
        case .rtm2: fields = .rtm2(user: try text("user_id"), permissions: try permissions(row))
        }
        let list = try #require(row["privileges_in_the_order_added"] ?? row["privileges"])
        return AgoraService(fields, privileges: try privileges(list))
    }

    private static func permissions(_ row: JSONObject) throws -> AgoraRTM2Permissions {
        let list = try #require((row["permissions_in_the_order_added"] ?? row["permissions"])?.arrayValue)
        return AgoraRTM2Permissions(
            try list.map { entry in
                let parts = entry.arrayValue
                let object = entry.objectValue
                return AgoraRTM2Permissions.Entry(
                    resource: UInt16(try #require((parts?[0] ?? object?["resource"])?.integerValue)),
                    permission: UInt16(try #require((parts?[1] ?? object?["permission"])?.integerValue)),
                    names: try #require((parts?[2] ?? object?["names"])?.arrayValue).compactMap(\.stringValue))
            })
    }

    struct MissingMember: Error {
        let names: [String]
    }
}

/// Bytes as hexadecimal digits, for known answers.
enum Hexadecimal {
    static func bytes(_ text: String) throws -> [UInt8] {
        let digits = Array(text.utf8)
        return try stride(from: 0, to: digits.count, by: 2).map { place in
            try #require(UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16))
        }
    }
}

/// Takes 007 tokens apart and puts them together, without looking at what is inside.
enum AgoraBodies {
    /// The inflated body of a token.
    static func body(of token: String) throws -> [UInt8] {
        try AgoraInflate.inflate(try Base64.decode(String(token.dropFirst(3)))).bytes
    }

    /// A token around any body.
    static func token(of body: [UInt8], trailing: [UInt8] = []) -> String {
        "007" + Base64.encode(deflated(body) + trailing)
    }

    static func deflated(_ body: [UInt8], level: Int32 = 6, memoryLevel: Int32 = 8) -> [UInt8] {
        let deflate = AgoraDeflate(level: level, memoryLevel: memoryLevel)
        var target = [UInt8](repeating: 0, count: deflate.bytesMax(for: body.count))
        let count = target.withUnsafeMutableBytes { target in body.withUnsafeBytes { deflate.compress($0, into: target) } }
        return Array(target.prefix(count ?? 0))
    }

    /// A signed token around any content.
    static func token(signing content: [UInt8], issuedAtSeconds: UInt32, salt: UInt32, _ credentials: AgoraCredentials) -> String {
        var signature = [UInt8](repeating: 0, count: AgoraSigner.signatureBytes)
        signature.withUnsafeMutableBytes { signature in
            content.withUnsafeBytes {
                AgoraSigner().sign($0, issuedAtSeconds: issuedAtSeconds, salt: salt, certificate: credentials.certificate, into: signature)
            }
        }
        return token(of: [32, 0] + signature + content)
    }
}

/// What most tests of this folder start from.
enum AgoraSample {
    static let issuedAt = UnixTime(1_700_000_000)

    static func credentials() throws -> AgoraCredentials {
        try AgoraCredentials(appID: "0123456789abcdef0123456789abcdef", certificate: Secret(utf8: "fedcba9876543210fedcba9876543210"))
    }

    static func room(_ random: UInt128 = 12345) throws -> RoomName {
        RoomName(tenant: try TenantID("acme"), kind: .room, random: random)
    }

    static func grant(
        _ identity: String = "42", room: RoomName? = nil, role: Role = .participant, publish: [PublishSource]? = nil,
        issuedAt: UnixTime = issuedAt, lifetimeSeconds: Int = 300, tokenID: UInt128 = 77
    ) throws -> JoinGrant {
        try JoinGrant(
            room: try room ?? Self.room(), identity: try UserID(identity), role: role, publish: publish, displayName: "Ada", metadata: "{}",
            issuedAt: issuedAt, lifetimeSeconds: lifetimeSeconds, tokenID: tokenID)
    }
}
