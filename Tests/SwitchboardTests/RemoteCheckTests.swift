import Calls
import Testing
import Vocabulary

@testable import Switchboard

/// Users whose credential only their app can read. Time is the stopwatch's, and the app the test's: nobody waits.
@Suite struct RemoteCheckTests {
    static let secret = "the-app-and-its-gate-know-this"

    static func settings(
        _ url: String = "https://app.example.com/api/users/me", fields: RemoteCheckSettings.Fields = .init(), recheckSeconds: Int = 300
    ) throws -> RemoteCheckSettings {
        RemoteCheckSettings(
            address: try WebAddress(url), secret: .environment("INTERNAL_SECRET"), fields: fields, recheckSeconds: recheckSeconds)
    }

    /// A desk with one tenant, `acme`, whose app knows a user by `7|sanctum`.
    static func house(_ settings: RemoteCheckSettings? = nil) async throws -> UserTokenHouse {
        let house = try await UserTokenHouse()
        house.vault.put(secret, "INTERNAL_SECRET")
        house.outside.know(["7|sanctum": #"{"id": 7}"#])
        try await house.tenant("acme", nil, remoteCheck: settings ?? self.settings())
        return house
    }

    private static func user(_ id: String, of tenant: String = "acme") throws -> Caller.Owner {
        .user(try TenantID(tenant), try UserID(id))
    }

    @Test func `the app is asked with the bearer and the secret, and with nothing else of ours`() async throws {
        let house = try await Self.house()
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        let question = try #require(house.outside.questions.first)
        #expect(question.address.text == "https://app.example.com/api/users/me")
        #expect(question.field("Authorization") == "Bearer 7|sanctum")
        #expect(question.field("X-Internal-Secret") == Self.secret)
        #expect(question.headers.count == 2)
        #expect(question.bodyBytesMax == 65_536)
        #expect("\(question)".contains("<secret>"))
    }

    /// Answers, and who the user is then. The settings ask for a user, a name and roles within `data`.
    static let answers: [(body: String, user: String?, name: String?, roles: [String])] = [
        (#"{"data":{"id":7,"name":"Ada","roles":["nurse","doctor"]}}"#, "7", "Ada", ["nurse", "doctor"]),
        (#"{"data":{"id":"ada","name":"","roles":"nurse"},"ok":true}"#, "ada", nil, ["nurse"]),
        (#"{"data":{"id":"ada","name":7,"roles":[1]}}"#, "ada", nil, []), (#"{"data":{"id":"ada"}}"#, "ada", nil, []),
        (#"{"data":{"id":0}}"#, nil, nil, []), (#"{"data":{"id":4294967296}}"#, nil, nil, []), (#"{"data":{"id":"*"}}"#, nil, nil, []),
        (#"{"data":{"id":""}}"#, nil, nil, []), (#"{"data":{"id":null}}"#, nil, nil, []), (#"{"data":{"id":[7]}}"#, nil, nil, []),
        (#"{"id":7}"#, nil, nil, []), (#"{"data":{"id":7,"id":8}}"#, nil, nil, []), (#"{"data":{"id":7}}}"#, nil, nil, []),
        ("", nil, nil, []), ("<html>7</html>", nil, nil, []), ("[]", nil, nil, []),
    ]

    @Test(arguments: answers)
    func `the answer's fields say who it is, and without a user nothing is decided`(
        body: String, user: String?, name: String?, roles: [String]
    ) async throws {
        let house = try await Self.house(Self.settings(fields: .init(user: "/data/id", name: "/data/name", roles: "/data/roles")))
        house.outside.answer(200, body)
        guard let user else {
            #expect(await refusal { try await house.desk.authenticate("7|sanctum") } == .appUnavailable)
            #expect(house.desk.userTroubles.count == 1)
            return
        }
        let caller = try await house.desk.authenticate("7|sanctum")
        #expect(caller.owner == (try Self.user(user)))
        #expect(caller.userName == name)
        #expect(caller.roles == roles)
        #expect(caller.scopes.isEmpty)
        #expect(house.desk.userTroubles.isEmpty)
    }

    @Test func `a list in the answer is gone into by number`() async throws {
        let house = try await Self.house(Self.settings(fields: .init(user: "/users/1/id")))
        house.outside.answer(200, #"{"users":[{"id":1},{"id":2}]}"#)
        #expect(try await house.owner("7|sanctum") == Self.user("2"))
    }

    @Test(arguments: [
        (401, Refusal.unauthenticated), (403, .unauthenticated), (404, .appUnavailable), (419, .appUnavailable), (429, .appUnavailable),
        (302, .appUnavailable), (204, .appUnavailable), (201, .appUnavailable), (500, .appUnavailable), (503, .appUnavailable),
    ])
    func `only 401 and 403 say no, and every other answer says nothing`(status: Int, expected: Refusal) async throws {
        let house = try await Self.house()
        house.outside.answer(status, #"{"id": 7}"#)
        let error = try #require(await deskError { try await house.desk.authenticate("7|sanctum") })
        #expect(Refusal(error) == expected)
        let trouble = "tenant acme: remote_check: https://app.example.com/api/users/me answered \(status)"
        #expect(error.cause == (expected == .appUnavailable ? trouble : nil))
        #expect(house.desk.userTroubles == (expected == .appUnavailable ? [trouble] : []))
    }

    @Test func `a yes is remembered for 30 seconds, a no for 5`() async throws {
        let house = try await Self.house()
        for _ in 0..<3 {
            #expect(try await house.owner("7|sanctum") == Self.user("7"))
            #expect(await refusal { try await house.desk.authenticate("8|sanctum") } == .unauthenticated)
        }
        #expect(house.outside.questions.count == 2)
        house.outside.know(["8|sanctum": #"{"id": 8}"#])
        house.watch.advance(.seconds(5) - .milliseconds(1))
        #expect(await refusal { try await house.desk.authenticate("8|sanctum") } == .unauthenticated)
        house.watch.advance(.milliseconds(1))
        #expect(try await house.owner("8|sanctum") == Self.user("8"))
        house.watch.advance(.seconds(25) - .milliseconds(1))
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        #expect(house.outside.questions.count == 3)
        house.watch.advance(.milliseconds(1))
        #expect(await refusal { try await house.desk.authenticate("7|sanctum") } == .unauthenticated)
        #expect(house.outside.questions.count == 4)
    }

    @Test func `all who show a credential at once wait for one answer`() async throws {
        let house = try await Self.house()
        house.outside.hold()
        try await withThrowingTaskGroup(of: Caller.Owner.self) { group in
            for _ in 0..<100 { group.addTask { try await house.owner("7|sanctum") } }
            await house.outside.asked(1)
            house.outside.release()
            for try await owner in group { #expect(owner == (try Self.user("7"))) }
        }
        #expect(house.outside.questions.count == 1)
    }

    @Test func `A13 an app that does not answer is left alone for a while, and comes back by itself`() async throws {
        let house = try await Self.house()
        house.outside.fail("nobody is there")
        for number in 1...20 { #expect(await refusal { try await house.desk.authenticate("\(number)|lost") } == .appUnavailable) }
        #expect(house.outside.questions.count == 5)
        house.watch.advance(.seconds(2))
        #expect(await refusal { try await house.desk.authenticate("7|sanctum") } == .appUnavailable)
        #expect(await refusal { try await house.desk.authenticate("7|sanctum") } == .appUnavailable)
        #expect(house.outside.questions.count == 6)
        #expect(house.desk.userTroubles == ["tenant acme: remote_check: nobody is there"])
        house.outside.know(["7|sanctum": #"{"id": 7}"#])
        house.watch.advance(.seconds(2))
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        #expect(house.desk.userTroubles.isEmpty)
    }

    @Test func `an app that answers is asked for everybody, whatever it answers`() async throws {
        let house = try await Self.house()
        house.outside.answer(500, "")
        for number in 1...20 { #expect(await refusal { try await house.desk.authenticate("\(number)|odd") } == .appUnavailable) }
        house.outside.know(["7|sanctum": #"{"id": 7}"#])
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        #expect(house.outside.questions.count == 21)
    }

    @Test func `who was known a moment ago is known while the app is down`() async throws {
        let house = try await Self.house()
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        house.outside.fail("nobody is there")
        for number in 1...20 { _ = await refusal { try await house.desk.authenticate("\(number)|lost") } }
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
    }

    @Test func `A09 guessed credentials fill no memory and cost an address its guesses`() async throws {
        let house = try await Self.house()
        for number in 0...RemoteCheck.rememberedMax + 10 {
            #expect(await refusal { try await house.desk.authenticate("guess-\(number)") } == .unauthenticated)
        }
        let client = ClientNetwork(of: IPAddress(ipv4: 0xC000_0207))
        var refusals: [Refusal?] = []
        for number in 0..<1000 { refusals.append(await refusal { try await house.desk.authenticate("again-\(number)", from: client) }) }
        #expect(refusals.first == .unauthenticated)
        #expect(refusals.last == .rateLimited)
        #expect(house.outside.questions.count < RemoteCheck.rememberedMax + 11 + 1000)
    }

    // MARK: Whose it is

    @Test func `a credential without a tenant belongs to the only one that there is`() async throws {
        let house = try await Self.house()
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        #expect(try await house.owner("acme:7|sanctum") == Self.user("7"))
        #expect(house.outside.questions.count == 1, "both are one credential")
        for text in ["other:7|sanctum", "nobody:7|sanctum", "acme:", ":7|sanctum", "acme:acme:7|sanctum"] {
            #expect(await refusal { try await house.desk.authenticate(text) } == .unauthenticated, "\(text)")
        }
        // The app was asked about those that are its own, whatever it thinks of them.
        #expect(house.outside.questions.dropFirst().map { $0.field("Authorization") } == ["Bearer :7|sanctum", "Bearer acme:7|sanctum"])
    }

    @Test func `N16 with a second tenant no app sees a credential that names none`() async throws {
        let house = try await Self.house()
        try await house.tenant("tokens", UserTokenHouse.settings())
        #expect(await refusal { try await house.desk.authenticate("7|sanctum") } == .unauthenticated)
        #expect(await refusal { try await house.desk.authenticate("tokens:7|sanctum") } == .unauthenticated)
        try await house.desk.closeTenant(TenantID("tokens"), for: .machine)
        try await house.tenant("other", nil, remoteCheck: Self.settings("https://other.example.com/me"))
        #expect(await refusal { try await house.desk.authenticate("7|sanctum") } == .unauthenticated)
        #expect(house.outside.questions.isEmpty)
        #expect(try await house.owner("acme:7|sanctum") == Self.user("7"))
        #expect(try await house.owner("other:7|sanctum") == Self.user("7", of: "other"))
        #expect(house.outside.questions.map(\.address.host) == ["app.example.com", "other.example.com"])

        try await house.desk.closeTenant(TenantID("acme"), for: .machine)
        #expect(try await house.owner("7|sanctum") == Self.user("7", of: "other"))
        #expect(await refusal { try await house.desk.authenticate("acme:7|sanctum") } == .unauthenticated)
    }

    @Test func `what is made like a JWT is one, unless it names a tenant`() async throws {
        let house = try await Self.house()
        house.outside.answer(200, #"{"id": 7}"#)
        #expect(await refusal { try await house.desk.authenticate("aaa.bbb.ccc") } == .unauthenticated)
        #expect(house.outside.questions.isEmpty)
        #expect(try await house.owner("acme:aaa.bbb.ccc") == Self.user("7"))
        #expect(try await house.owner("aaa.bbb") == Self.user("7"))
    }

    @Test func `a tenant may have tokens and opaque credentials side by side`() async throws {
        let house = try await Self.house()
        house.outside.know(["7|sanctum": #"{"id": 7}"#])
        try await house.change(to: UserTokenHouse.settings())
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        #expect(try await house.owner(TokenSigner.secret.token()) == Self.user("alice"))
    }

    @Test(arguments: ["", " ", "a b", "a\r\nX-Internal-Secret: b", "ä", "a\0", "a\u{7F}", String(repeating: "a", count: 4097)])
    func `what cannot go into a header as it is asks nobody`(text: String) async throws {
        let house = try await Self.house()
        for text in [text, "acme:\(text)"] {
            #expect(await refusal { try await house.desk.authenticate(text) } == .unauthenticated)
        }
        #expect(house.outside.questions.isEmpty)
    }

    @Test func `the longest credential is asked about whole`() async throws {
        let house = try await Self.house()
        let long = String(repeating: "~", count: 4096)
        house.outside.know([long: #"{"id": 7}"#])
        #expect(try await house.owner("acme:\(long)") == Self.user("7"))
    }

    // MARK: The secret

    @Test func `the secret is read again within a minute, and the one before goes on while it cannot be read`() async throws {
        let house = try await Self.house()
        func sent(_ text: String) async throws -> String? {
            _ = await refusal { try await house.desk.authenticate(text) }
            return house.outside.questions.last?.field("X-Internal-Secret")
        }
        #expect(try await sent("1") == Self.secret)
        house.vault.put("another-secret-of-the-app", "INTERNAL_SECRET")
        house.watch.advance(.seconds(59))
        #expect(try await sent("2") == Self.secret)
        house.watch.advance(.seconds(1))
        #expect(try await sent("3") == "another-secret-of-the-app")
        house.vault.put(nil, "INTERNAL_SECRET")
        house.watch.advance(.seconds(60))
        #expect(try await sent("4") == "another-secret-of-the-app")
    }

    @Test func `without a secret the app is not asked`() async throws {
        let house = try await Self.house()
        house.vault.put(nil, "INTERNAL_SECRET")
        let error = await deskError { try await house.desk.authenticate("7|sanctum") }
        #expect(error?.cause == "tenant acme: remote_check: secret: the environment variable INTERNAL_SECRET is not set")
        #expect(house.outside.questions.isEmpty)
        #expect(try await house.desk.checkKeys().count == 1)
        #expect(await !house.desk.isReady(), "the only tenant's users cannot be known")
        house.vault.put(Self.secret, "INTERNAL_SECRET")
        _ = try await house.desk.checkKeys()
        #expect(await house.desk.isReady())
    }

    @Test(arguments: [
        ("INTERNAL_SECRET", "fifteen-bytes!!", "secret"), ("INTERNAL_SECRET", "sixteen bytes or", "secret"),
        ("INTERNAL_SECRET", String(repeating: "s", count: 513), "secret"), ("INTERNAL_SECRET", nil, "secret"),
        ("INTERNAL_SECRET", UserTokenHouse.secret, "secret"), ("INTERNAL_SECRET", UserTokenHouse.liveKitSecret, "secret"),
    ])
    func `a secret that is weak, missing, or used for something else is refused`(name: String, text: String?, field: String) async throws {
        let house = try await UserTokenHouse()
        house.vault.put(text, name)
        let error = await refusal { try await house.tenant("acme", remoteCheck: Self.settings()) }
        #expect(error == .invalid("remote_check/\(field)"))
        #expect(try await house.store.tenant(TenantID("acme")) == nil)
    }

    @Test func `an address that may not be asked is refused when it is set`() async throws {
        let house = try await Self.house()
        let change = TenantChange(
            displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil,
            remoteCheck: .some(try Self.settings("http://app.example.com/me")))
        #expect(
            await refusal { try await house.desk.changeTenant(TenantID("acme"), change, for: .machine) } == .invalid("remote_check/url"))
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
    }

    @Test func `settings that are taken away open nothing any more, and a changed app is asked at once`() async throws {
        let house = try await Self.house()
        func change(to settings: RemoteCheckSettings?) async throws {
            let change = TenantChange(
                displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil, remoteCheck: .some(settings))
            _ = try await house.desk.changeTenant(TenantID("acme"), change, for: .machine)
        }
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        try await change(to: Self.settings("https://new.example.com/me"))
        #expect(try await house.owner("7|sanctum") == Self.user("7"))
        #expect(house.outside.questions.map(\.address.host) == ["app.example.com", "new.example.com"])
        try await change(to: nil)
        for text in ["7|sanctum", "acme:7|sanctum"] {
            #expect(await refusal { try await house.desk.authenticate(text) } == .unauthenticated)
        }
        #expect(house.outside.questions.count == 2)
    }

    // MARK: Asked again

    @Test func `a user who stays is asked about again, at most a fifth sooner than the settings say`() async throws {
        let house = try await Self.house(Self.settings(recheckSeconds: 300))
        house.outside.answer(200, #"{"id": 7}"#)
        var dues: Set<Int> = []
        for number in 0..<64 {
            guard case .known(let caller) = try await house.desk.arrive("\(number)|sanctum") else { continue }
            let due = Int(try #require(caller.askAgainAt).seconds - UserTokenHouse.now.seconds)
            #expect((240...300).contains(due))
            #expect(caller.expiresAt == UserTokenHouse.now + (due + 900))
            dues.insert(due)
        }
        #expect(dues.count > 20, "not all at once")
    }

    @Test func `who is asked about again is the same user, or nobody`() async throws {
        let house = try await Self.house()
        guard case .known(let caller) = try await house.desk.arrive("7|sanctum") else {
            Issue.record("not known")
            return
        }
        house.watch.advance(.seconds(300))
        house.clock.pass(300)
        house.outside.know(["7|sanctum": #"{"id": 7}"#])
        guard case .known(let again) = try await house.desk.arriveAgain(caller) else {
            Issue.record("not known again")
            return
        }
        #expect(again.owner == caller.owner)
        #expect(try #require(again.askAgainAt) > UserTokenHouse.now + 300)
        #expect(house.outside.questions.count == 2)

        house.watch.advance(.seconds(300))
        house.outside.know(["7|sanctum": #"{"id": 8}"#])
        #expect(await refusal { try await house.desk.arriveAgain(again) } == .unauthenticated)
        let server = try await house.desk.authenticate(
            house.desk.createKey(
                KeyOrder(tenant: TenantID("acme"), scopes: [.roomsRead], label: nil, environment: .live, lifetimeSeconds: nil),
                for: .machine
            ).secret.withBytes { String(decoding: $0, as: UTF8.self) })
        #expect(await refusal { try await house.desk.arriveAgain(server) } == .unauthenticated)
    }
}
