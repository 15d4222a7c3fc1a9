import StrictJSON

// The same between two devices that hold a socket: they hear of each other, and wait for nothing.

extension Demo {
    /// Alice calls bob twice over Socket.IO. He accepts the first call and rejects the second.
    /// - Returns: the join tokens that were handed out.
    func playCallsOnSockets() async throws -> [String] {
        try step("alice's phone and bob's connect to /socket.io/, each with a token of acme's identity provider")
        let alice = try await connect("alice")
        defer { alice.close() }
        let bob = try await connect("bob")
        defer { bob.close() }
        let online = try await alice.hears("user:online").payload
        guard try text("userId", of: online) == "bob" else { throw Refusal.no("somebody else came: \(online.canonicalText)") }
        try show("alice hears", "user:online \(online.canonicalText)")
        let tokens = try await acceptOnSocket(alice, bob)
        try await rejectOnSocket(alice, bob)
        return tokens
    }

    private func connect(_ user: String) async throws -> DemoSocket {
        let socket = try await DemoSocket.connect(
            user, device: "\(user)s-phone", token: try secrets.userToken(of: user, in: "acme"), port: port)
        let connected = try await socket.hears("connected").payload
        try show("connected", "\(text("userId", of: connected)), on \(text("deviceId", of: connected))")
        return socket
    }

    /// - Returns: what bob hears of the call.
    private func ring(_ alice: DemoSocket, _ bob: DemoSocket) async throws -> (id: String, incoming: DemoSocket.Heard) {
        let placed = try await alice.asks("call:initiate", ["receiverId": "bob", "callType": "video"])
        let incoming = try await bob.hears("call:incoming")
        let id = try text("callId", of: incoming.payload)
        guard try text("callId", of: placed) == id else { throw Refusal.no("another call rings: \(incoming.payload.canonicalText)") }
        for payload in [placed, incoming.payload] where payload["join"] != nil || payload["agoraToken"] != nil {
            throw Refusal.no("a call that rings came with a token: \(payload.canonicalText)")
        }
        return (id, incoming)
    }

    private func acceptOnSocket(_ alice: DemoSocket, _ bob: DemoSocket) async throws -> [String] {
        try step("alice calls bob: call:initiate. His phone rings, and nobody has a token")
        let (id, incoming) = try await ring(alice, bob)
        let room = try text("channelName", of: incoming.payload)
        try show("bob hears", "call:incoming \(incoming.payload.canonicalText)")
        try show("after", "\(milliseconds(try await alice.delay(of: incoming))) ms")
        try step("bob accepts: call:accept. His token is in the acknowledgement, for this device alone")
        let accepted = try await bob.asks("call:accept", ["callId": .string(id)])
        let his = try verify(accepted["join"] ?? .null, of: "bob", in: room)
        try step("alice hears call:accepted, with a token of her own")
        let heard = try await alice.hears("call:accepted")
        let hers = try verify(heard.payload["join"] ?? .null, of: "alice", in: room)
        try step("alice hangs up: call:end")
        _ = try await alice.asks("call:end", ["callId": .string(id)])
        let ended = try await bob.hears("call:ended").payload
        try show("bob hears", "call:ended by \(text("endedBy", of: ended)), \(text("reason", of: ended))")
        return [his, hers]
    }

    private func rejectOnSocket(_ alice: DemoSocket, _ bob: DemoSocket) async throws {
        try step("alice calls again. Bob rejects, and she hears it at once")
        let (id, _) = try await ring(alice, bob)
        _ = try await bob.asks("call:reject", ["callId": .string(id)])
        let rejected = try await alice.hears("call:rejected")
        guard try text("callId", of: rejected.payload) == id else { throw Refusal.no("another call was rejected") }
        try show("alice hears", "call:rejected \(rejected.payload.canonicalText)")
        try show("after", "\(milliseconds(try await bob.delay(of: rejected))) ms")
    }

    /// With two digits behind the point.
    private func milliseconds(_ duration: Duration) -> Double { (duration / .microseconds(10)).rounded() / 100 }
}
