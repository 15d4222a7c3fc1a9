import StrictJSON

// Two whole calls: one between the devices of two users, and one that a server plays for both.

extension Demo {
    /// Alice calls bob. Each device asks with a token of its user.
    /// - Returns: the join tokens that were handed out.
    func playCallOfUsers() async throws -> [String] {
        let alice = try secrets.userToken(of: "alice", in: "acme")
        let bob = try secrets.userToken(of: "bob", in: "acme")
        let call = try await place(alice)
        try await tryEarly(call.path, alice)
        try await seeItRing(call, bob)
        let joins = [try await accept(call, bob), try await fetch(call, alice)]
        try await answerTwice(call.path, bob)
        try await hangUp(call.path, alice, "alice")
        try step("bob asks for another token")
        try await expectRefusal(
            409, "call_not_active", of: call.path + "/token", ["device": "bobs-phone"], as: bob, because: "the call is over")
        return joins
    }

    /// A call that was placed.
    private struct Placed {
        let id: String
        let room: String
        var path: String { "/v1/calls/\(id)" }
    }

    private func place(_ alice: String) async throws -> Placed {
        try step("alice's phone calls bob: POST /v1/calls, by a token of acme's identity provider")
        let call = try await send(
            "POST", "/v1/calls", ["callee": "bob", "media": "video", "device": "alices-phone"], as: alice, expecting: 201)
        try expect(call, is: "ringing")
        guard call["join"] == nil, call["token"] == nil else { throw Refusal.no("a call that rings came with a token") }
        let placed = Placed(id: try text("id", of: call), room: try text("room", of: call))
        try show("call", "\(placed.id), ringing until \(text("ring_expires_at", of: call))")
        return placed
    }

    private func tryEarly(_ path: String, _ alice: String) async throws {
        try step("alice asks for her token before bob has accepted")
        try await expectRefusal(
            409, "call_not_active", of: path + "/token", ["device": "alices-phone"], as: alice, because: "no token before the acceptance")
        try step("eve, a user of globex, accepts the call")
        let eve = try secrets.userToken(of: "eve", in: "globex")
        try await expectRefusal(
            404, "not_found", of: path + "/accept", ["device": "eves-phone"], as: eve, because: "as for a call that does not exist")
    }

    private func seeItRing(_ call: Placed, _ bob: String) async throws {
        try step("bob's phone looks what rings: GET /v1/calls?state=ringing")
        let list = try await send("GET", "/v1/calls?state=ringing", as: bob, expecting: 200)
        guard let ringing = list["calls"]?.arrayValue, ringing.count == 1, ringing[0]["id"]?.stringValue == call.id else {
            throw Refusal.no("the call does not ring for bob: \(list.canonicalText)")
        }
        try show("ringing", "\(call.id), from \(text("caller", of: ringing[0]))")
    }

    private func accept(_ call: Placed, _ bob: String) async throws -> String {
        try step("bob accepts on his phone, and gets his own token")
        let accepted = try await send("POST", call.path + "/accept", ["device": "bobs-phone"], as: bob, expecting: 200)
        try expect(accepted["call"] ?? .null, is: "active")
        return try verify(accepted["join"] ?? .null, of: "bob", in: call.room)
    }

    private func fetch(_ call: Placed, _ alice: String) async throws -> String {
        try step("alice's phone fetches hers: POST \(call.path)/token")
        let join = try await send("POST", call.path + "/token", ["device": "alices-phone"], as: alice, expecting: 201)
        return try verify(join, of: "alice", in: call.room)
    }

    private func answerTwice(_ path: String, _ bob: String) async throws {
        try step("bob's laptop, which rang too, accepts as well")
        try await expectRefusal(
            409, "answered_elsewhere", of: path + "/accept", ["device": "bobs-laptop"], as: bob, because: "the phone was first")
    }

    private func hangUp(_ path: String, _ credential: String, _ who: String) async throws {
        try step("\(who) hangs up")
        let ended = try await send("POST", path + "/end", [:], as: credential, expecting: 200)
        try expect(ended, is: "ended")
        try show("ended", "\(text("end_reason", of: ended)), version \(ended["version"]?.integerValue ?? 0)")
    }

    // MARK: By a server

    /// Acme's backend plays a call for carol and dave, on Agora.
    /// - Returns: the join tokens that were handed out.
    func playCallOfServer(key: String) async throws -> [String] {
        try step("the other way: acme's backend asks with its own key. It places a call of carol to dave, on Agora")
        let order: JSONValue = ["caller": "carol", "callee": "dave", "media": "audio", "provider": "agora"]
        let placed = try await send("POST", "/v1/calls", order, as: key, expecting: 201)
        try expect(placed, is: "ringing")
        let call = Placed(id: try text("id", of: placed), room: try text("room", of: placed))
        try show("call", "\(call.id), ringing")
        try step("dave has accepted in the app; the backend says so, and gets both tokens to hand over")
        let accepted = try await send("POST", call.path + "/accept", ["user": "dave"], as: key, expecting: 200)
        try expect(accepted["call"] ?? .null, is: "active")
        var tokens: [String] = []
        for user in ["carol", "dave"] {
            tokens.append(try verify(accepted["joins"]?[user] ?? .null, of: user, in: call.room))
        }
        try await hangUp(call.path, key, "the backend")
        return tokens
    }

    private func expect(_ call: JSONValue, is state: String) throws {
        guard call["state"]?.stringValue == state else { throw Refusal.no("the call is not \(state): \(call.canonicalText)") }
    }
}
