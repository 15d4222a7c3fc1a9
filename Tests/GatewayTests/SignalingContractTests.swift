import Foundation
import Switchboard
import Testing
import Vocabulary
import Yams

@testable import Gateway
@testable import Signaling

/// `openapi/signaling.yaml` says what the code does, and the code does nothing else.
@Suite struct SignalingContractTests {
    private let contract: Section

    init() throws {
        let document = try Self.document.get()
        contract = Section(document: document, value: document)
    }

    /// Read once: it takes half a second of a thread that all tests share. Unsafe, because `Any` says nothing of threads; nobody changes
    /// it.
    nonisolated(unsafe) private static let document = Result {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "openapi/signaling.yaml"), encoding: .utf8)
        return try #require(try Yams.load(yaml: text) as? [String: Any])
    }

    // MARK: Names

    @Test(arguments: zip(["colon", "dash"], Dialect.all))
    func `a namespace has these events and no other`(channel: String, dialect: Dialect) throws {
        let section = try contract["channels"][channel]
        let address = try section["address"].text
        #expect(address == dialect.namespace)
        let listed = try section["messages"].names.subtracting(["{event}"])
        let known = Set(dialect.clientNames.values).union(dialect.serverNames.values)
        #expect(listed == known)
        for name in listed {
            let direction = try section["messages"][name].resolved["x-from"].text
            #expect(direction == (dialect.clientNames.values.contains(name) ? "client" : "server"), "\(name)")
        }
    }

    @Test func `every message stands in a channel`() throws {
        let used = try ["colon", "dash"].flatMap { channel in
            let messages = try contract["channels"][channel]["messages"]
            return try messages.names.map { try messages[$0]["$ref"].text }
        }
        let all = try contract["components"]["messages"].names.map { "#/components/messages/\($0)" }
        #expect(Set(used) == Set(all))
    }

    @Test func `every schema is used, and every reference leads somewhere`() throws {
        let references = contract.references
        for reference in references { _ = try contract.follow(reference) }
        let schemas = try contract["components"]["schemas"].names.map { "#/components/schemas/\($0)" }
        // How a client is let in stands in no message: it is part of the protocol below.
        #expect(Set(schemas).subtracting(references) == ["#/components/schemas/Auth", "#/components/schemas/Refusal"])
    }

    // MARK: Fields

    @Test(arguments: zip(["colon", "dash"], Dialect.all))
    func `clients' events have these fields, and these are acknowledged`(channel: String, dialect: Dialect) throws {
        for event in ClientEvent.allCases {
            let name = try #require(dialect.clientNames[event])
            let message = try contract["channels"][channel]["messages"][name].resolved
            let payload = try fields(of: message["payload"])
            #expect(payload == Set(dialect.fields(of: event)), "\(name)")
            let acknowledgement = try fields(of: message["x-ack"])
            #expect(acknowledgement == Set(dialect.acknowledgementFields(of: event)), "the acknowledgement of \(name)")
        }
    }

    @Test(arguments: zip(["colon", "dash"], Dialect.all))
    func `the service's events have these fields`(channel: String, dialect: Dialect) throws {
        for event in ServerEvent.allCases {
            guard let name = dialect.serverNames[event] else { continue }
            let message = try contract["channels"][channel]["messages"][name].resolved
            let payload = try fields(of: message["payload"])
            #expect(payload == Set(dialect.fields(of: event)), "\(name)")
        }
    }

    @Test func `a refusal has these fields`() throws {
        let refusal = try fields(of: contract["components"]["schemas"]["Refusal"])
        #expect(refusal == Set(Dialect.refusalFields))
    }

    /// Only what holds a token says that it mints one, and `call:incoming` is not among it.
    @Test func `a message says that it mints exactly where it holds a token`() throws {
        for name in try contract["components"]["messages"].names {
            let message = try contract["components"]["messages"][name]
            let places = try [message["payload"], message.optional("x-ack")].compactMap { $0 }
            let names = try places.flatMap { place in try fields(of: place).map(\.name) }
            let holdsToken = names.contains("join")
            let profile = try message.optional("x-mints")?.text
            #expect(profile == (holdsToken ? "participant" : nil), "\(name)")
        }
    }

    // MARK: Codes and limits

    @Test func `the codes of refusals are these and no other`() throws {
        var listed = Set(try contract["x-connect-codes"].texts + contract["x-common-codes"].texts)
        for name in try contract["components"]["messages"].names {
            if let codes = try contract["components"]["messages"][name].optional("x-codes") { listed.formUnion(try codes.texts) }
        }
        #expect(listed == Set(Refusal.Code.allCases.map(\.rawValue)))
    }

    @Test func `the limits are those of the code`() throws {
        let limits = try contract["x-limits"]
        let settings = SignalingSettings()
        let sockets = SocketTransportSettings()
        let expected = [
            "ping_interval_seconds": sockets.pingIntervalSeconds, "ping_timeout_seconds": sockets.pingTimeoutSeconds,
            "payload_bytes_max": sockets.payloadBytesMax, "events_per_user_per_minute": settings.eventsPerUser.perMinute,
            "events_per_connection_per_minute": settings.eventsPerConnection.perMinute,
            "connects_per_user_per_minute": settings.connectsPerUser.perMinute,
            "connects_per_address_per_minute": settings.connectsPerAddress.perMinute, "sockets_per_user_max": settings.socketsPerUserMax,
            "rooms_per_socket_max": settings.roomsPerSocketMax, "grace_seconds": settings.graceSeconds,
            "return_seconds": settings.returnSeconds,
            "stale_seconds": settings.staleSeconds, "presence_broadcast_users_max": settings.presenceBroadcastUsersMax,
            "ring_seconds": Limits.ringSeconds,
        ]
        #expect(limits.names == Set(expected.keys))
        for (name, value) in expected {
            let stated = try limits[name].number
            #expect(stated == value, "\(name)")
        }
    }

    @Test func `texts have the bounds that the code gives them`() throws {
        let schemas = try contract["components"]["schemas"]
        let metadata = try schemas["Initiation"]["properties"]["metadata"]["x-bytes-max"].number
        #expect(metadata == Limits.callMetadataBytesMax)
        let metadataByDash = try schemas["InitiationByDash"]["properties"]["metadata"]["x-bytes-max"].number
        #expect(metadataByDash == Limits.callMetadataBytesMax)
        let reason = try schemas["Farewell"]["properties"]["reason"]["x-bytes-max"].number
        #expect(reason == Limits.endNoteBytesMax)
        let topic = try schemas["Topic"]["maxLength"].number
        #expect(topic == TopicName.bytes.upperBound)
    }

    private func fields(of schema: Section) throws -> Set<EventField> {
        let schema = try schema.resolved
        guard let properties = try schema.optional("properties") else { return [] }
        let required = try schema.optional("required")?.texts ?? []
        return Set(properties.names.map { EventField(name: $0, isRequired: required.contains($0)) })
    }
}

/// A part of the contract, with the whole document to follow references in.
private struct Section {
    enum Fault: Error { case missing(String), wrongType(String) }

    let document: [String: Any]
    let value: Any

    subscript(_ name: String) -> Section {
        get throws {
            guard let section = try optional(name) else { throw Fault.missing(name) }
            return section
        }
    }

    func optional(_ name: String) throws -> Section? {
        guard let mapping = value as? [String: Any] else { throw Fault.wrongType(name) }
        return mapping[name].map { Section(document: document, value: $0) }
    }

    var names: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
    var texts: [String] { get throws { try cast([String].self) } }
    var text: String { get throws { try cast(String.self) } }
    var number: Int { get throws { try cast(Int.self) } }

    private func cast<Value>(_: Value.Type) throws -> Value {
        guard let value = value as? Value else { throw Fault.wrongType("\(value)") }
        return value
    }

    /// What a reference leads to; itself where it is none.
    var resolved: Section {
        get throws {
            guard let reference = try optional("$ref") else { return self }
            return try follow(try reference.text).resolved
        }
    }

    func follow(_ reference: String) throws -> Section {
        var section = Section(document: document, value: document)
        for name in reference.split(separator: "/").dropFirst() { section = try section[String(name)] }
        return section
    }

    /// Every reference below.
    var references: Set<String> {
        if let mapping = value as? [String: Any] {
            let own = (mapping["$ref"] as? String).map { Set([$0]) } ?? []
            return mapping.values.reduce(into: own) { $0.formUnion(Section(document: document, value: $1).references) }
        }
        guard let list = value as? [Any] else { return [] }
        return list.reduce(into: []) { $0.formUnion(Section(document: document, value: $1).references) }
    }
}
