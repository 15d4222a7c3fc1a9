import Gateway
import StrictJSON
import Tokens
import Vocabulary

/// The steps of the demo. Each is checked; the first that is not as it should be ends the demo with an error.
struct Demo {
    let port: Int
    let operatorKey: String
    let secrets: DemoSecrets

    private var base: String { "http://127.0.0.1:\(port)" }

    func play() async throws {
        try Terminal.show("callgate listens on \(base), on a throw-away store")
        let acme = try await makeTenant("acme")
        let globex = try await makeTenant("globex")

        let livekitRoom = try await makeRoom(["provider": "livekit", "max_participants": 2], key: acme)
        let livekit = try await mint(in: livekitRoom, ["user_id": "alice", "role": "host", "display_name": "Alice"], key: acme)
        try verifyLiveKit(livekit, room: livekitRoom)

        let agoraRoom = try await makeRoom(["provider": "agora"], key: acme)
        let agora = try await mint(in: agoraRoom, ["user_id": "bob", "role": "participant", "ttl_seconds": 120], key: acme)
        try verifyAgora(agora)

        try step("tenant globex asks for acme's room")
        let foreign = try await send(
            "POST", "/v1/rooms/\(livekitRoom)/tokens", ["user_id": "eve", "role": "viewer"], key: globex, expecting: 404)
        try show(
            "refused", "\(foreign["status"]?.integerValue ?? 0) \(foreign["code"]?.stringValue ?? ""), as for a room that does not exist")

        try step("acme closes the room and asks again")
        _ = try await send("DELETE", "/v1/rooms/\(livekitRoom)", nil, key: acme, expecting: 204)
        let late = try await send(
            "POST", "/v1/rooms/\(livekitRoom)/tokens", ["user_id": "alice", "role": "host"], key: acme, expecting: 409)
        try show("refused", "\(late["status"]?.integerValue ?? 0) \(late["code"]?.stringValue ?? "")")
        try Terminal.show("\nEverything went as it should.")
    }

    func showCurl() throws {
        try Terminal.show(
            """

            Still serving. To try it yourself (the operator's key is good until this ends):

            export CALLGATE=\(base) OPERATOR=\(operatorKey)
            KEY=$(curl -s $CALLGATE/v1/keys -H "Authorization: Bearer $OPERATOR" -H 'Content-Type: application/json' \\
              -d '{"tenant":"acme","scopes":["rooms:write","rooms:read","tokens:mint","tokens:inspect"]}' \\
              | sed 's/.*"key":"\\([^"]*\\)".*/\\1/')
            curl -s $CALLGATE/v1/rooms -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{}'

            The contract for people: \(base)/docs   Stop with Ctrl-C.
            """)
    }

    // MARK: Steps

    private func makeTenant(_ id: String) async throws -> String {
        try step("the operator makes the tenant \(id) and a key for its backend")
        let livekit: JSONValue = [
            "server_url": "wss://livekit.example", "api_key": .string(secrets.livekitKey), "api_secret": ["env": "DEMO_LIVEKIT_SECRET"],
        ]
        let agora: JSONValue = ["app_id": .string(secrets.agoraAppID), "app_certificate": ["env": "DEMO_AGORA_CERTIFICATE"]]
        _ = try await send(
            "POST", "/v1/tenants",
            ["id": .string(id), "providers": ["livekit": livekit, "agora": agora], "default_provider": "livekit"], key: operatorKey,
            expecting: 201)
        let made = try await send(
            "POST", "/v1/keys", ["tenant": .string(id), "scopes": ["rooms:read", "rooms:write", "tokens:mint"], "environment": "test"],
            key: operatorKey, expecting: 201)
        try show("key", "\(made["prefix"]?.stringValue ?? "")…, shown once, for \(made["scopes"]?.canonicalText ?? "")")
        return try text("key", of: made)
    }

    private func makeRoom(_ order: JSONValue, key: String) async throws -> String {
        try step("acme's backend asks for a room: \(order.canonicalText)")
        let room = try await send("POST", "/v1/rooms", order, key: key, expecting: 201)
        let name = try text("name", of: room)
        try show("room", "\(name), open until \(text("expires_at", of: room))")
        return name
    }

    private func mint(in room: String, _ order: JSONValue, key: String) async throws -> JSONValue {
        try step("acme's backend asks for a join token: \(order.canonicalText)")
        let join = try await send("POST", "/v1/rooms/\(room)/tokens", order, key: key, expecting: 201)
        try show("token", text("token", of: join))
        try show("expires", text("expires_at", of: join))
        try show("connect", join["connect"]?.canonicalText ?? "")
        return join
    }

    private func verifyLiveKit(_ join: JSONValue, room: String) throws {
        let credentials = try LiveKitCredentials(apiKey: secrets.livekitKey, secret: Secret(utf8: secrets.livekitSecret))
        let token = try text("token", of: join)
        _ = try LiveKitVerifier(credentials: credentials).verify(token, now: SystemClock.now())
        let inspection = inspect(token)
        try show("decoded", inspection.claims?.canonicalText ?? "")
        guard inspection.verdict == .valid, inspection.grants == join["grants"], inspection.grants?["room"]?.stringValue == room else {
            throw Refusal.no("the LiveKit token does not say what the answer says")
        }
        try show("verified", "HS256 signature, times and grants")
    }

    private func verifyAgora(_ join: JSONValue) throws {
        let inspection = inspect(try text("token", of: join))
        try show("decoded", inspection.content?.canonicalText ?? "")
        guard inspection.verdict == .valid, inspection.grants == join["grants"] else {
            throw Refusal.no("the Agora token does not say what the answer says")
        }
        try show("verified", "HMAC-SHA256 signature, times and privileges")
    }

    private func inspect(_ token: String) -> TokenInspection {
        var keys: [InspectionKey] = [.livekit(apiKey: secrets.livekitKey, secret: Secret(utf8: secrets.livekitSecret))]
        do {
            keys.append(.agora(try AgoraCredentials(appID: secrets.agoraAppID, certificate: Secret(utf8: secrets.agoraCertificate))))
        } catch {
            Terminal.say("the demo's own Agora credentials are malformed: \(error)")
        }
        return TokenInspector.inspect(token, now: SystemClock.now(), keys: keys)
    }

    // MARK: HTTP and output

    private func send(_ method: String, _ path: String, _ body: JSONValue?, key: String, expecting status: Int) async throws -> JSONValue {
        let answer = try await LoopbackClient(port: port).send(method, path, body?.canonicalBytes, key: key)
        guard answer.status == status else {
            throw Refusal.no("\(method) \(path) was not answered with \(status): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer.body.isEmpty ? .null : try JSONValue.parse(answer.body, limits: JSONLimits(bytesMax: 1 << 20))
    }

    private func text(_ name: String, of value: JSONValue) throws -> String {
        guard let text = value[name]?.stringValue else { throw Refusal.no("the answer has no \(name)") }
        return text
    }

    private func step(_ text: String) throws { try Terminal.show("\n— \(text)") }
    private func show(_ name: String, _ text: String) throws { try Terminal.show("  \(name): \(text)") }
}
