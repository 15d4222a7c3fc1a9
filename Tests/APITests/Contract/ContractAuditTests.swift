import StrictJSON
import Testing

@testable import API

/// The review of the contract's text: it finds nothing in ours, and every fault in a text that has exactly that one.
///
/// One after the other: each is half a second of work in one piece, and side by side they would hold up whatever else waits for a thread.
@Suite(.serialized) struct ContractAuditTests {
    /// Changes to the document that make one fault of it.
    struct Breakage: Sendable, CustomTestStringConvertible {
        typealias Change = (path: [String], value: JSONValue?)

        let kind: ContractFault.Kind
        let changes: [Change]

        init(_ kind: ContractFault.Kind, _ path: String..., becomes value: JSONValue?) {
            self.kind = kind
            changes = [(path, value)]
        }

        init(_ kind: ContractFault.Kind, changes: [Change]) {
            self.kind = kind
            self.changes = changes
        }

        var testDescription: String { "\(kind.rawValue): \(changes.map { $0.path.joined(separator: " > ") })" }
    }

    @Test func `a review finds nothing in the contract`() throws {
        #expect(ContractAudit(try Contract.current.get().document).faults.map(\.description) == [])
        #expect(try ContractAudit.served().faults == [])
    }

    @Test(arguments: breakages)
    func `a contract with one fault is told exactly that one`(_ breakage: Breakage) throws {
        var document = try Contract.current.get().document
        for change in breakage.changes {
            let changed = try #require(document.replacing(change.path, with: change.value), "the path leads nowhere")
            #expect(changed != document, "nothing was changed")
            document = changed
        }
        let faults = ContractAudit(document).faults
        #expect(Set(faults.map(\.kind)) == [breakage.kind], "\(faults.map(\.description))")
        #expect(faults.allSatisfy { !$0.place.isEmpty && !$0.detail.isEmpty })
    }

    @Test func `every kind of fault has a row that makes it`() {
        let made = Set(Self.breakages.map(\.kind))
        #expect(ContractFault.Kind.allCases.filter { !made.contains($0) } == [])
    }

    @Test(arguments: [[:], [], "text", nil, ["paths": [:]], ["paths": "text"], ["openapi": "3.1.0"]] as [JSONValue])
    func `what is no contract does not pass as one without faults`(document: JSONValue) {
        #expect(ContractAudit(document).faults.map(\.kind) == [.unreadable])
    }

    @Test func `a reference that goes in a circle ends`() {
        let circle: JSONValue = ["$ref": "#/components/schemas/A"]
        let answers: JSONValue = ["200": ["content": ["a/b": ["schema": circle]]], "429": [:]]
        let operation: JSONValue = ["security": [], "x-public": true, "responses": answers]
        let document: JSONValue = [
            "paths": ["/a": ["get": operation], "/b": circle],
            "components": ["schemas": ["A": ["items": circle, "$ref": "#/components/schemas/A"]]],
        ]
        #expect(ContractAudit(document).faults.map(\.kind) == [.unreadable])
    }

    @Test func `the matrix has every operation, and every token with its lifetime as the operation gives it`() throws {
        let contract = try Contract.current.get()
        let rows = ContractAudit(contract.document).matrix.rows
        #expect(Set(rows.map(\.operation)) == Set(contract.operations.map(\.id)))
        for operation in contract.operations {
            let mine = rows.filter { $0.operation == operation.id }
            let expected = (operation.mints ?? []).flatMap { mint in operation.providers.map { "\(mint) \($0)" } }
            let tokens = mine.compactMap(\.token)
            #expect(tokens.filter { $0.provider != nil }.map { "\($0.profile) \($0.provider ?? "")" } == expected)
            #expect(tokens.filter { $0.provider == nil }.map(\.profile) == (operation.issues.map { [$0] } ?? []))
            if let scope = operation.scope { #expect(mine.allSatisfy { $0.caller.hasPrefix(scope) }) }
            #expect(mine.allSatisfy { $0.caller.contains("a user") == (operation.takesUserToken && operation.scope != nil) })
        }
        let mint = try #require(rows.first { $0.operation == "mintRoomToken" }?.token)
        #expect("\(mint.lifetime)" == "60 to 600 s, 300 unless asked")
        #expect(mint.effectiveSeconds == 660)
        #expect(mint.grantsInShort.hasPrefix("canPublish, canPublishData, canSubscribe, roomJoin, canPublishSources [camera, "))
        #expect(mint.grantsInShort.contains("room {room.name}; not agent, canManageAgentSession"))
        let accept = rows.filter { $0.operation == "acceptCall" }.compactMap(\.token)
        #expect(accept.map { "\($0.lifetime) \($0.effectiveSeconds ?? 0)" } == ["300 s 360", "300 s 300"])
        let key = try #require(rows.first { $0.operation == "createKey" }?.token)
        #expect("\(key.lifetime)" == "60 to 315360000 s, or until revoked")
    }
}

// The rows that break it.
extension ContractAuditTests {
    private static let rooms = "/v1/rooms"
    private static let mint = "/v1/rooms/{room}/tokens"

    static let breakages = access + handingOut + profiles + grants

    private static let access: [Breakage] = [
        Breakage(.unreadable, "paths", becomes: [:]),
        Breakage(.unreadable, "paths", becomes: nil),
        Breakage(.unreadable, "paths", "/v1/other", becomes: ["$ref": "other.yaml#/paths/a"]),
        Breakage(.unreadable, "paths", rooms, "get", "responses", "500", becomes: ["$ref": "#/components/responses/Nothing"]),
        Breakage(.unreadable, "components", "schemas", "Room", "properties", "name", becomes: ["$ref": "#/components/schemas/Nothing"]),
        Breakage(.securityMissing, "paths", rooms, "get", "security", becomes: nil),
        Breakage(.securityMissing, "paths", "/livez", "get", "security", becomes: nil),
        Breakage(
            .securityMissing, changes: [(["paths", rooms, "get", "security"], nil), (["security"], [["apiKey": ["rooms:read"]]])]),
        Breakage(.publicUnmarked, "paths", "/livez", "get", "x-public", becomes: nil),
        Breakage(.publicUnmarked, "paths", rooms, "get", "security", becomes: []),
        Breakage(.publicUnmarked, "paths", rooms, "get", "security", becomes: [["apiKey": ["rooms:read"]], [:]]),
        Breakage(.publicContradicted, "paths", rooms, "get", "x-public", becomes: true),
        Breakage(.schemeUnknown, "paths", rooms, "get", "security", becomes: [["apiKey": ["rooms:read"]], ["cookie": []]]),
        Breakage(.alternativeWithoutScope, "paths", rooms, "get", "security", becomes: [["apiKey": ["rooms:read"]], ["apiKey": []]]),
        Breakage(.alternativeWithoutScope, "paths", rooms, "get", "security", becomes: [["apiKey": ["rooms:read"]], ["userToken": []]]),
        Breakage(.alternativeWithoutScope, "paths", "/v1/calls/{call}/accept", "post", "x-user-access", becomes: ""),
        Breakage(.alternativeWithoutScope, "paths", "/v1/calls", "get", "security", becomes: [["apiKey": ["calls:read"]], ["apiKey": []]]),
        Breakage(.alternativeWithoutScope, "paths", "/v1/token-profiles", "get", "x-any-credential", becomes: nil).with(
            ["paths", "/v1/token-profiles", "get", "responses", "403"], ["$ref": "#/components/responses/MissingScope"]),
        Breakage(
            .alternativeWithoutScope,
            changes: [
                (["paths", mint, "post", "security"], [["apiKey": []]]), (["paths", mint, "post", "x-any-credential"], true),
            ]),
        Breakage(.scopeUnknown, "paths", rooms, "get", "security", becomes: [["apiKey": ["rooms:peek"]]]),
        Breakage(.scopeUnknown, "paths", rooms, "get", "security", becomes: [["apiKey": ["rooms:read", "rooms:peek"]]]),
        Breakage(.scopeWildcard, "paths", rooms, "get", "security", becomes: [["apiKey": ["rooms:*"]]]),
        Breakage(.scopeWildcard, "components", "x-scopes", "rooms:*", becomes: ["holder": "tenant", "description": "All."]),
        Breakage(.scopeUnused, "components", "x-scopes", "rooms:idle", becomes: ["holder": "tenant", "description": "Nothing."]),
        Breakage(.refusalUndeclared, "paths", rooms, "get", "responses", "401", becomes: nil),
        Breakage(.refusalUndeclared, "paths", rooms, "get", "responses", "403", becomes: nil),
        Breakage(.refusalUndeclared, "paths", rooms, "get", "responses", "429", becomes: nil),
        Breakage(.refusalUndeclared, "paths", "/livez", "get", "responses", "429", becomes: nil),
        Breakage(
            .refusalUndeclared,
            changes: [
                (["paths", rooms, "get", "responses", "401"], nil),
                (["paths", rooms, "get", "responses", "4XX"], ["$ref": "#/components/responses/Unauthenticated"]),
            ]),
    ]

    private static let handingOut: [Breakage] = [
        Breakage(.secretUndeclared, "paths", "/v1/calls/{call}/token", "post", "x-mints", becomes: nil),
        Breakage(.secretUndeclared, "paths", "/v1/keys", "post", "x-issues", becomes: nil).with(["components", "x-credentials"], [:]),
        Breakage(
            .secretUndeclared, "components", "schemas", "EventSent", "properties", "copy",
            becomes: ["$ref": "#/components/schemas/AgoraToken"]
        )
        .with(["paths", "/v1/events", "post", "responses", "200", "headers", "Cache-Control"], ["$ref": "#/components/headers/NoStore"]),
        Breakage(.secretUnmarked, "components", "schemas", "CreatedKey", "properties", "key", "x-secret", becomes: nil),
        Breakage(.secretUnmarked, "components", "schemas", "Room", "properties", "refresh_token", becomes: ["type": "string"]),
        Breakage(
            .secretUnmarked, "components", "schemas", "Room", "properties", "default",
            becomes: ["properties": ["secret": ["type": "string"]]]),
        Breakage(.secretUnmarked, "paths", rooms, "post", "x-mints", becomes: ["host"]).with(
            ["paths", rooms, "post", "x-providers"], ["livekit"]
        ).with(["components", "schemas", "RoomRequest", "properties", "ttl_seconds"], nil),
        Breakage(.secretCacheable, "paths", mint, "post", "responses", "201", "headers", "Cache-Control", becomes: nil),
        Breakage(.secretCacheable, "components", "headers", "NoStore", "schema", becomes: ["type": "string"]),
        Breakage(.profileUnknown, "paths", mint, "post", "x-mints", becomes: ["host", "participant", "viewer", "listener", "admin"]),
        Breakage(.profileUnknown, "paths", mint, "post", "x-providers", becomes: nil),
        Breakage(.profileUnknown, "paths", mint, "post", "x-providers", becomes: ["livekit", "zoom"]),
        Breakage(.profileUnknown, "paths", "/v1/keys", "post", "x-issues", becomes: ["api_key", "master_key"]),
        Breakage(.profileUnused, "paths", mint, "post", "x-mints", becomes: ["host", "participant", "viewer"]),
        Breakage(.profileUnused, "components", "x-credentials", "spare", becomes: credential),
        Breakage(.requestLifetimeDiffers, "components", "schemas", "TokenLifetimeSeconds", "maximum", becomes: 601),
        Breakage(.requestLifetimeDiffers, "components", "schemas", "TokenLifetimeSeconds", "minimum", becomes: 1),
        Breakage(.requestLifetimeDiffers, "components", "schemas", "TokenLifetimeSeconds", "default", becomes: nil),
        Breakage(
            .requestLifetimeDiffers, "components", "schemas", "KeyRequest", "properties", "expires_in_seconds", "maximum", becomes: nil),
        Breakage(.requestOpen, "components", "schemas", "TokenRequest", "additionalProperties", becomes: nil),
        Breakage(.requestOpen, "components", "schemas", "LiveKitTokenRequest", "additionalProperties", becomes: true),
    ]

    private static let credential: JSONValue = [
        "audience": "server", "format": "text", "alg": "opaque", "grants": "Nothing.", "ttl_seconds": ["min": 1, "default": 1, "max": 1],
        "bound_to": ["tenant"], "revoked_by": "Nobody.",
    ]

    /// A change of the profile `viewer`.
    private static func viewer(_ kind: ContractFault.Kind, _ path: String..., becomes value: JSONValue?) -> Breakage {
        Breakage(kind, changes: [(["components", "x-token-profiles", "viewer"] + path, value)])
    }

    private static let profiles: [Breakage] = [
        viewer(.audienceUnstated, "audience", becomes: nil),
        viewer(.audienceUnstated, "audience", becomes: "anybody"),
        viewer(.lifetimeUnstated, "ttl_seconds", becomes: nil),
        viewer(.lifetimeUnstated, "ttl_seconds", "default", becomes: nil),
        viewer(.lifetimeUnstated, "ttl_seconds", "default", becomes: 30),
        viewer(.lifetimeUnstated, "ttl_seconds", "min", becomes: 0),
        viewer(.lifetimeUnstated, "providers", "livekit", "effective_ttl_seconds_max", becomes: nil),
        Breakage(.lifetimeTooLong, changes: lifetime(of: ["host", "participant", "viewer", "listener"], most: 3601)),
        Breakage(.lifetimeTooLong, changes: lifetime(of: ["host", "participant", "viewer", "listener"], most: 3600)),
        viewer(.effectiveLifetimeWrong, "providers", "livekit", "effective_ttl_seconds_max", becomes: 600),
        viewer(.effectiveLifetimeWrong, "providers", "agora", "effective_ttl_seconds_max", becomes: 660),
        viewer(.algorithmUnstated, "providers", "livekit", "alg", becomes: ""),
        viewer(.algorithmUnstated, "providers", "livekit", "alg", becomes: "none"),
        viewer(.algorithmUnstated, "providers", "agora", "format", becomes: nil),
        viewer(.bindingUnstated, "providers", "livekit", "bound_to", becomes: []),
        viewer(.revocationUnstated, "providers", "agora", "revoked_by", becomes: nil),
        viewer(.roomUnpinned, "providers", "livekit", "grants", "video", "room", becomes: "*"),
        viewer(.roomUnpinned, "providers", "livekit", "grants", "video", "room", becomes: ""),
        viewer(.roomUnpinned, "providers", "livekit", "bound_to", becomes: ["api_key", "identity"]),
        viewer(.roomUnpinned, "providers", "agora", "bound_to", becomes: ["app_id", "uid"]),
        viewer(.roomUnpinned, "providers", "agora", "bound_to", becomes: ["app_id", "channel"]),
        Breakage(.bindingUnstated, "components", "x-credentials", "api_key", "bound_to", becomes: nil),
        Breakage(.revocationUnstated, "components", "x-credentials", "api_key", "revoked_by", becomes: ""),
        Breakage(.grantUnstated, "components", "x-credentials", "api_key", "grants", becomes: nil),
    ]

    /// The longest lifetime of these profiles, and of the request, with what follows from it.
    private static func lifetime(of profiles: [String], most: Int64) -> [Breakage.Change] {
        profiles.flatMap { name -> [Breakage.Change] in
            let profile = ["components", "x-token-profiles", name]
            return [
                (profile + ["ttl_seconds", "max"], .integer(most)),
                (profile + ["providers", "livekit", "effective_ttl_seconds_max"], .integer(most + 60)),
                (profile + ["providers", "agora", "effective_ttl_seconds_max"], .integer(most)),
            ]
        } + [(["components", "schemas", "TokenLifetimeSeconds", "maximum"], .integer(most))]
    }

    private static let grants: [Breakage] =
        [
            "roomCreate", "roomList", "roomAdmin", "roomRecord", "ingressAdmin", "hidden", "recorder", "agent", "canUpdateOwnMetadata",
            "canManageAgentSession", "canSubscribeMetrics",
        ].flatMap { grant -> [Breakage] in
            [
                viewer(.grantExcessive, "providers", "livekit", "grants", "video", grant, becomes: true),
                viewer(.grantUnstated, "providers", "livekit", "grants", "video", grant, becomes: nil),
            ]
        } + [
            viewer(.grantExcessive, "providers", "livekit", "grants", "video", "destinationRoom", becomes: "other"),
            viewer(.grantExcessive, "providers", "livekit", "grants", "video", "canFly", becomes: false),
            viewer(.grantExcessive, "providers", "livekit", "grants", "sip", becomes: ["admin": true]),
            viewer(.grantExcessive, "providers", "agora", "grants", "rtm", becomes: ["login": true]),
            viewer(.grantExcessive, "providers", "agora", "grants", "rtc", "kick", becomes: true),
            viewer(.grantUnstated, "providers", "livekit", "grants", becomes: nil),
            viewer(.grantUnstated, "providers", "livekit", "grants", "video", "canPublish", becomes: nil),
            viewer(.grantUnstated, "providers", "livekit", "grants", "video", "canPublishSources", becomes: nil),
            viewer(.grantUnstated, "providers", "agora", "grants", "rtc", "publishAudioStream", becomes: "yes"),
        ]
}

extension ContractAuditTests.Breakage {
    /// The same with one more change, for what would be a second fault without it.
    fileprivate func with(_ path: [String], _ value: JSONValue?) -> Self {
        Self(kind, changes: changes + [(path, value)])
    }
}
