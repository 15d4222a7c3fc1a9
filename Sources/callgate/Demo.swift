import StrictJSON

/// The steps of the demo. Each is checked; the first that is not as it should be ends the demo with an error.
///
/// Two tenants: acme, whose users and backend play the calls, and globex, which has no business there. Everything goes through the public
/// REST doors; what only the demo knows are the secrets of the media planes and identity providers that it invented.
struct Demo {
    let port: Int
    let operatorKey: String
    let secrets: DemoSecrets
    /// The file of the service's own store.
    let database: String

    private var base: String { "http://127.0.0.1:\(port)" }

    func play() async throws {
        try Terminal.show("callgate listens on \(base), on a throw-away store")
        let acme = try await makeTenant("acme")
        _ = try await makeTenant("globex")
        var tokens = try await playCallsOnSockets()
        tokens += try await playCallOfUsers()
        tokens += try await playCallOfServer(key: acme)
        tokens.append(try await openRoom(key: acme))
        try await showAudit(key: acme, tokens: tokens)
        try await verifyChain()
        try Terminal.show("\nEverything went as it should.")
    }

    func showCurl() throws {
        try Terminal.show(
            """

            Still serving. To try a call yourself (the operator's key is good until this ends):

            export CALLGATE=\(base) OPERATOR=\(operatorKey)
            ask() { curl -s "$CALLGATE$1" -H "Authorization: Bearer $2" -H 'Content-Type: application/json' ${3:+-d "$3"}; echo; }
            KEY=$(ask /v1/keys $OPERATOR '{"tenant":"acme","scopes":["calls:write","calls:read","audit:read"]}' \\
              | sed 's/.*"key":"\\([^"]*\\)".*/\\1/')
            CALL=$(ask /v1/calls $KEY '{"caller":"erin","callee":"frank","media":"video"}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
            ask /v1/calls/$CALL/token $KEY '{"user":"erin"}'      # refused: nobody has accepted
            ask /v1/calls/$CALL/accept $KEY '{"user":"frank"}'    # a token for each of the two
            ask /v1/calls/$CALL/end $KEY '{}'
            ask /v1/audit $KEY

            The contract for people: \(base)/docs   Stop with Ctrl-C.
            """)
    }

    // MARK: What there has to be

    private func makeTenant(_ id: String) async throws -> String {
        try step("the operator makes the tenant \(id), whose users bring tokens of their own identity provider, and a key for its backend")
        _ = try await send("POST", "/v1/tenants", secrets.tenantOrder(id), as: operatorKey, expecting: 201)
        let scopes: JSONValue = ["calls:read", "calls:write", "rooms:write", "tokens:mint", "audit:read"]
        let key: JSONValue = ["tenant": .string(id), "scopes": scopes, "environment": "test"]
        let made = try await send("POST", "/v1/keys", key, as: operatorKey, expecting: 201)
        try show("key", "\(text("prefix", of: made))…, shown once, for \(made["scopes"]?.canonicalText ?? "")")
        return try text("key", of: made)
    }

    /// Rooms without calls are there too: for whoever brings people together in another way.
    private func openRoom(key: String) async throws -> String {
        try step("without a call: acme's backend makes a room for a webinar, and lets heidi listen")
        let room = try await send("POST", "/v1/rooms", ["provider": "livekit"], as: key, expecting: 201)
        let name = try text("name", of: room)
        try show("room", "\(name), open until \(text("expires_at", of: room))")
        let order: JSONValue = ["user_id": "heidi", "role": "listener", "ttl_seconds": 120]
        let join = try await send("POST", "/v1/rooms/\(name)/tokens", order, as: key, expecting: 201)
        return try verify(join, of: "heidi", in: name, isBrief: true)
    }

    // MARK: HTTP and output

    /// Asks the service.
    /// - Parameter credential: an API key, or the token of a user.
    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, as credential: String, expecting status: Int
    ) async throws -> JSONValue {
        let answer = try await LoopbackClient(port: port).send(method, path, body?.canonicalBytes, key: credential)
        guard answer.status == status else {
            throw Refusal.no("\(method) \(path) was not answered with \(status): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer.body.isEmpty ? .null : try JSONValue.parse(answer.body, limits: JSONLimits(bytesMax: 1 << 20))
    }

    /// Asks for something that must be refused.
    func expectRefusal(
        _ status: Int, _ code: String, of path: String, _ body: JSONValue, as credential: String, because reason: String
    ) async throws {
        let problem = try await send("POST", path, body, as: credential, expecting: status)
        guard problem["code"]?.stringValue == code else {
            throw Refusal.no("POST \(path) was not refused with \(code): \(problem.canonicalText)")
        }
        try show("refused", "\(status) \(code): \(reason)")
    }

    func text(_ name: String, of value: JSONValue) throws -> String {
        guard let text = value[name]?.stringValue else { throw Refusal.no("the answer has no \(name): \(value.canonicalText)") }
        return text
    }

    func step(_ text: String) throws { try Terminal.show("\n— \(text)") }
    func show(_ name: String, _ text: String) throws { try Terminal.show("  \(name): \(text)") }
}
