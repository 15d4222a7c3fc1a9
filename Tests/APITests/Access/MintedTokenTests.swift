import StrictJSON
import Testing
import Tokens
import Vocabulary

@testable import API

/// Every token that any operation mints says exactly what its profile in the contract says, and every request for one is closed.
struct MintedTokenTests {
    /// One way to a token, as the contract's matrix has it.
    struct Way: Sendable, CustomTestStringConvertible {
        let operation: String
        let role: String
        let provider: String
        let profile: JSONValue
        var testDescription: String { "\(operation): \(role) for \(provider)" }
    }

    /// All ways to a join token, from the contract's text.
    static let ways: [Way] = {
        do {
            let contract = try Contract.current.get()
            return contract.operations.flatMap { operation in
                (operation.mints ?? []).flatMap { role in
                    operation.providers.compactMap { provider in
                        contract.tokenProfiles[role].map { Way(operation: operation.id, role: role, provider: provider, profile: $0) }
                    }
                }
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// A token as it was handed out, with whom it is for.
    struct HandedOut {
        let token: String
        let identity: String
        let room: String
        /// What may be published there, where the call's media leave less than the profile.
        let sources: [JSONValue]?
    }

    @Test func `there are as many ways to a token as the matrix says`() throws {
        let rows = ContractAudit(try Contract.current.get().document).matrix.rows
        #expect(rows.count { $0.token?.provider != nil } == Self.ways.count)
        #expect(Self.ways.count == 14)
    }

    @Test(arguments: ways) func `T16 a minted token says what the profile says and nothing else`(_ way: Way) async throws {
        let service = try await Service()
        let tokens = try await Self.minted(way, service)
        #expect(!tokens.isEmpty)
        for token in tokens { try Self.expectProfile(way, token) }
    }

    @Test(arguments: ways) func `T16 what the request and the room give is added by the names that the profile lists, and nothing else`(
        _ way: Way
    ) async throws {
        guard way.operation == "mintRoomToken", way.provider == "livekit" else { return }
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key, ["max_participants": 2, "metadata": "order 1042"])
        let order: JSONValue = [
            "user_id": "alice", "role": .string(way.role), "display_name": "Alice", "metadata": "seat 4", "attributes": ["team": "blue"],
        ]
        let token = try await service.send("POST", "/v1/rooms/\(room)/tokens", order, key: key).text("token")
        let claims = try #require(TokenInspector.inspect(token, now: Service.start, keys: []).claims?.objectValue)
        let names = ["claims", "claims_where_given"].flatMap { way.profile["providers"]?["livekit"]?[$0]?.texts ?? [] }
        #expect(Set(claims.members.map(\.name)) == Set(names))
        #expect(claims["roomConfig"]?["maxParticipants"] == 2)
    }

    @Test(arguments: ways, [60, 61, 300, 599, 600])
    func `T17 a lifetime that the request may name is kept to the second, by every provider`(_ way: Way, _ seconds: Int) async throws {
        guard way.operation == "mintRoomToken" else { return }
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key, ["provider": .string(way.provider)])
        let order: JSONValue = ["user_id": "alice", "role": .string(way.role), "ttl_seconds": .integer(Int64(seconds))]
        let token = try await service.send("POST", "/v1/rooms/\(room)/tokens", order, key: key).text("token")
        #expect(try Self.lifetime(of: token, way) == Int64(seconds))
    }

    @Test(arguments: ["grants", "video", "room", "aud", "sub", "roomAdmin", "identity", "exp", "role", "ttl_seconds", "tenant"])
    func `T15 a request for a token carries nothing that is not its own, and mints nothing where it does`(member: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let contract = try Contract.current.get()
        for (number, operation) in contract.operations.enumerated() where operation.mints?.isEmpty == false {
            let properties = operation.requestBodies.compactMap { contract.resolved($0.schema)["properties"] }
            guard properties.allSatisfy({ $0[member] == nil }) else { continue }
            let trial = try await OperationTrial.of(operation.id, service, key: key, number: number)
            var body = try #require(trial.body?.objectValue)
            body[member] = "acme-room-0000000000000000000000001"
            let before = try service.storedRows()
            let answer = try await service.send(trial.method, trial.target, .object(body), key: key)
            #expect(answer.status == 422, "\(operation.id)")
            #expect(answer.pointers == ["/\(member)"], "\(operation.id)")
            let after = try service.storedRows()
            for (table, rows) in after where table != "audit" { #expect(rows == before[table], "\(operation.id) changed \(table)") }
        }
    }
}

// How a token is got and read.
extension MintedTokenTests {
    private static func minted(_ way: Way, _ service: Service) async throws -> [HandedOut] {
        let key = try await service.tenant("acme")
        let provider = JSONValue.string(way.provider)
        switch way.operation {
        case "mintRoomToken":
            let room = try await service.room(key: key, ["provider": provider])
            let join = try await service.send(
                "POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": .string(way.role)], key: key)
            return [HandedOut(token: try join.text("token"), identity: "alice", room: room, sources: nil)]
        case "mintLiveKitToken", "mintLiveKitTokenAlias":
            let path = way.operation == "mintLiveKitToken" ? "/v1/livekit/token" : "/api/livekit/token"
            let room = try await service.room(key: key)
            let order: JSONValue = ["room_name": .string(room), "participant_identity": "alice"]
            let answer = try await service.send("POST", path, order, key: key)
            return [HandedOut(token: try answer.text("participant_token"), identity: "alice", room: room, sources: nil)]
        default:
            return try await mintedForCalls(way, service, key)
        }
    }

    /// The tokens of both parties in a call of each kind of media, to a server and to a user.
    private static func mintedForCalls(_ way: Way, _ service: Service, _ key: String) async throws -> [HandedOut] {
        let media = try #require(try Contract.current.get().document["components"]?["x-call-media"]?.objectValue?.members)
        var all: [HandedOut] = []
        for medium in media {
            let (caller, callee) = ("caller-\(medium.name)", "callee-\(medium.name)")
            let placed = try await service.placedCall(
                caller, callee, key: key, [("media", .string(medium.name)), ("provider", .string(way.provider))])
            let (call, room) = ("/v1/calls/\(try placed.text("id"))", try placed.text("room"))
            let accepted = try await service.send("POST", call + "/accept", ["user": .string(callee)], key: key)
            for user in [caller, callee] {
                var answers = [try await service.send("POST", call + "/token", ["user": .string(user)], key: key).json]
                answers.append(try await service.send("POST", call + "/token", [:], key: try service.token(user)).json)
                if way.operation == "acceptCall" { answers = [try #require(accepted["joins"]?[user])] }
                all += try answers.map { join in
                    let token = try #require(join["token"]?.stringValue)
                    return HandedOut(token: token, identity: user, room: room, sources: medium.value.arrayValue)
                }
            }
        }
        return all
    }

    /// The claims of a token are those of the profile, with the one room and the one identity that it was asked for.
    private static func expectProfile(_ way: Way, _ handedOut: HandedOut) throws {
        let entry = try #require(way.profile["providers"]?[way.provider])
        let bounds = way.profile["ttl_seconds"]
        #expect(try lifetime(of: handedOut.token, way) == bounds?["default"]?.integerValue)
        let publish = (way.profile["publish"]?.arrayValue ?? []).filter { handedOut.sources?.contains($0) ?? true }
        switch way.provider {
        case "livekit":
            var video = try #require(entry["grants"]?["video"]?.objectValue)
            video["room"] = .string(handedOut.room)
            video["canPublishSources"] = .array(publish)
            video["canPublish"] = .bool(!publish.isEmpty)
            let claims = try #require(TokenInspector.inspect(handedOut.token, now: Service.start, keys: []).claims?.objectValue)
            #expect(claims["video"] == .object(video))
            #expect(claims["sub"] == .string(handedOut.identity))
            #expect(claims["iss"] == "APItest")
            #expect(claims["kind"] == "standard")
            #expect(claims["iat"]?.integerValue == Service.start.seconds)
            #expect(claims["nbf"] == claims["iat"])
            #expect(Set(claims.members.map(\.name)) == Set(entry["claims"]?.texts ?? []))
        default:
            let content = try #require(TokenInspector.inspect(handedOut.token, now: Service.start, keys: []).content?.objectValue)
            let granted = try #require(entry["grants"]?["rtc"]?.objectValue).members.filter { $0.value == true }.map(\.name)
            let names = granted.filter { name in
                (name != "publishVideoStream" || publish.contains("camera") || publish.contains("screen_share"))
                    && (name != "publishAudioStream" || publish.contains("microphone") || publish.contains("screen_share_audio"))
            }
            let ends = bounds?["default"] ?? .null
            let service: JSONValue = [
                "type": 1, "name": "RTC", "privileges": .object(JSONObject(names.map { ($0, ends) })),
                "channel_name": .string(handedOut.room), "uid": .string(handedOut.identity),
            ]
            #expect(content["services"] == [service])
            #expect(content["app_id"] == Service.agoraSettings["app_id"])
            #expect(content["issue_ts"]?.integerValue == Service.start.seconds)
            #expect(Set(content.members.map(\.name)) == ["version", "app_id", "issue_ts", "expire", "salt", "services"])
        }
    }

    /// For how many seconds a token opens its room, leeway apart.
    private static func lifetime(of token: String, _ way: Way) throws -> Int64 {
        let inspection = TokenInspector.inspect(token, now: Service.start, keys: [])
        if way.provider == "agora" { return try #require(inspection.content?["expire"]?.integerValue) }
        let claims = try #require(inspection.claims)
        return try #require(claims["exp"]?.integerValue) - (try #require(claims["iat"]?.integerValue))
    }
}
