import StrictJSON
import TestSupport
import Testing
import Tokens
import Vocabulary

@Suite(.timeLimit(.minutes(2))) struct TokenMintTests {
    private static let room = "acme-room-0123456789abcdefghij01234"
    private static let at: Int64 = 1_767_225_600
    private let home: Home

    init() throws { home = try Home() }

    private static func options(_ provider: String) -> [String] {
        ["--provider", provider, "--room", room, "--identity", "alice", "--role", "host"]
    }

    private func mint(_ options: [String], environment: [String: String]) async throws -> Finished {
        try await Command.run(["token", "mint"] + options, in: home, environment: environment)
    }

    private func minted(_ options: [String], environment: [String: String]) async throws -> String {
        let end = try await mint(options, environment: environment)
        #expect(end.code == 0)
        #expect(end.stderr.isEmpty)
        let token = try #require(end.results.first)
        #expect(end.stdout == token + "\n", "the token and nothing else")
        return token
    }

    @Test(arguments: Role.allCases)
    func `a LiveKit token holds for its room, person and time, and not after it`(role: Role) async throws {
        let token = try await minted(
            Self.options("livekit").dropLast() + [role.rawValue, "--ttl", "60", "--at", "\(Self.at)"], environment: Canary.livekit)

        let credentials = try LiveKitCredentials(apiKey: "APIcommand", secret: Secret(utf8: Canary.livekitSecret))
        let claims = try LiveKitVerifier(credentials: credentials).verify(token, now: UnixTime(Self.at))
        #expect(claims.subject == "alice")
        let inspection = TokenInspector.inspect(token, now: UnixTime(Self.at))
        #expect(inspection.claims?["nbf"]?.integerValue == Self.at)
        #expect(inspection.claims?["exp"]?.integerValue == Self.at + 60)
        #expect(inspection.grants?["room"]?.stringValue == Self.room)
        #expect(inspection.grants?["canPublishData"] == .bool(TokenProfile.of(role).data))
        #expect(throws: TokenError.self) {
            try LiveKitVerifier(credentials: credentials).verify(token, now: UnixTime(Self.at + 3600))
        }
    }

    @Test func `an Agora token with a fixed time and salt is the same every time`() async throws {
        let options = Self.options("agora") + ["--at", "\(Self.at)", "--salt", "1234567", "--ttl", "600"]
        let token = try await minted(options, environment: Canary.agora)
        let again = try await minted(options, environment: Canary.agora)
        #expect(token == again)

        let credentials = try AgoraCredentials(
            appID: "0123456789abcdef0123456789abcdef", certificate: Secret(utf8: Canary.agoraCertificate))
        let inspection = TokenInspector.inspect(token, now: UnixTime(Self.at), keys: [.agora(credentials)])
        #expect(inspection.verdict == .valid)
        #expect(inspection.content?["issue_ts"]?.integerValue == Self.at)
        #expect(inspection.content?["salt"]?.integerValue == 1_234_567)
        #expect(inspection.content?["expire"]?.integerValue == 600)
        let service = inspection.content?["services"]?[0]
        #expect(service?["channel_name"]?.stringValue == Self.room)
        #expect(service?["uid"] == "alice")
        #expect(service?["privileges"]?.objectValue?.members.map(\.value) == [600, 600, 600, 600])
        #expect(token.hasPrefix("007"))
    }

    @Test func `a number names an Agora user, too`() async throws {
        let options = ["--provider", "agora", "--room", Self.room, "--role", "viewer", "--at", "\(Self.at)", "--salt", "1"]
        let byNumber = try await minted(options + ["--uid", "42"], environment: Canary.agora)
        let byText = try await minted(options + ["--identity", "42"], environment: Canary.agora)
        #expect(byNumber == byText)
    }

    @Test func `as JSON, what the token says stands beside it`() async throws {
        let end = try await mint(Self.options("livekit") + ["--at", "\(Self.at)", "--json"], environment: Canary.livekit)
        #expect(end.code == 0)
        let object = try JSONValue.parse(end.stdout, limits: JSONLimits(bytesMax: 1 << 16))
        #expect(object["provider"] == "livekit")
        #expect(object["room"] == .string(Self.room))
        #expect(object["identity"] == "alice")
        #expect(object["role"] == "host")
        #expect(object["issued_at"] == "2026-01-01T00:00:00Z")
        #expect(object["expires_at"] == "2026-01-01T00:05:00Z")
        #expect(object["token"]?.stringValue?.hasPrefix("ey") == true)
    }

    @Test func `a secret may stand in a file`() async throws {
        let absolute = try home.write(Canary.livekitSecret + "\n", to: "secret")
        for file in [absolute, "secret"] {
            let token = try await minted(
                Self.options("livekit"), environment: ["LIVEKIT_API_KEY": "APIcommand", "LIVEKIT_API_SECRET_FILE": file])
            let verified = try await Command.run(["token", "verify", token], in: home, environment: Canary.livekit)
            #expect(verified.results == ["valid"])
        }
    }

    // MARK: Misuse

    @Test(arguments: [
        (["--provider", "zoom"], "--provider is livekit or agora"),
        (["--role", "king"], "--role is one of host, participant, viewer, listener"),
        (["--ttl", "59"], "--ttl: must be between 60 and 600"),
        (["--ttl", "601"], "--ttl: must be between 60 and 600"),
        (["--at", "5"], "--at: "),
        (["--room", "my-room"], "--room: a room name reads <tenant>-room-<id> or <tenant>-call-<id>"),
        (["--identity", "two words"], "--identity: "),
        (["--identity", ""], "--identity: "),
        (["--uid", "42"], "--identity or --uid, not both"),
        (["--salt", "1"], "--salt is for Agora"),
        (["--salt", "0"], "--salt is a number from 1 to 4294967295"),
    ])
    func `an option that cannot be is named in one line`(options: [String], message: String) async throws {
        // Of an option that is there twice, the last one counts.
        let end = try await mint(Self.options("livekit") + options, environment: Canary.livekit)
        #expect(end.code == 2)
        #expect(end.stdout.isEmpty)
        #expect(end.messages.count == 1)
        #expect(end.stderr.hasPrefix(message), "\(end.stderr)")
    }

    @Test(arguments: [
        (["--provider", "livekit", "--room", room, "--role", "host"], "name who joins: --identity"),
        (["--provider", "agora", "--room", room, "--role", "host"], "name who joins: --identity or --uid"),
        (["--provider", "livekit", "--room", room, "--role", "host", "--uid", "7"], "--uid is for Agora; LiveKit takes --identity"),
    ])
    func `nobody can join without a name`(options: [String], message: String) async throws {
        let end = try await mint(options, environment: Canary.livekit.merging(Canary.agora) { $1 })
        #expect(end.code == 2)
        #expect(end.messages == [message])
        #expect(end.stdout.isEmpty)
    }

    @Test(arguments: [
        ["--provider", "livekit"], ["--ttl", "soon"], ["--uid", "4294967296"], ["--uid", "-1"], ["--salt", "4294967296"],
        ["--at", "99999999999999999999"], ["--colour"], ["--room"], ["alice"],
    ])
    func `options that cannot be read end with 2`(options: [String]) async throws {
        let end = try await mint(options, environment: Canary.livekit)
        #expect(end.code == 2)
        #expect(end.stdout.isEmpty)
        #expect(end.stderr.hasPrefix("Error: "))
    }

    @Test(arguments: [
        ([:], "livekit", "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET (or LIVEKIT_API_SECRET_FILE)"),
        (["LIVEKIT_API_KEY": "APIcommand"], "livekit", "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET (or LIVEKIT_API_SECRET_FILE)"),
        (Canary.livekit, "agora", "set AGORA_APP_ID and AGORA_APP_CERTIFICATE (or AGORA_APP_CERTIFICATE_FILE)"),
        (
            ["LIVEKIT_API_KEY": "APIcommand", "LIVEKIT_API_SECRET": Canary.weakSecret], "livekit",
            "the provider's credentials are refused: the LiveKit secret: "
        ),
        (["LIVEKIT_API_KEY": "", "LIVEKIT_API_SECRET": Canary.livekitSecret], "livekit", "the provider's credentials are refused: "),
        (
            Canary.livekit.merging(["LIVEKIT_API_SECRET_FILE": "secret"]) { $1 }, "livekit",
            "set LIVEKIT_API_SECRET or LIVEKIT_API_SECRET_FILE, not both"
        ),
        (
            Canary.agora.merging(["AGORA_APP_CERTIFICATE_FILE": "secret"]) { $1 }, "agora",
            "set AGORA_APP_CERTIFICATE or AGORA_APP_CERTIFICATE_FILE, not both"
        ),
        (Canary.agora.merging(["AGORA_APP_ID": "short"]) { $1 }, "agora", "the provider's credentials are refused: "),
        (["LIVEKIT_API_KEY": "APIcommand", "LIVEKIT_API_SECRET_FILE": "missing"], "livekit", "LIVEKIT_API_SECRET: the file "),
        (["LIVEKIT_API_KEY": "APIcommand", "LIVEKIT_API_SECRET": ""], "livekit", "LIVEKIT_API_SECRET: the environment variable "),
    ])
    func `credentials that cannot be used are named in one line`(
        environment: [String: String], provider: String, message: String
    ) async throws {
        let end = try await mint(Self.options(provider), environment: environment)
        #expect(end.code == 2)
        #expect(end.stdout.isEmpty)
        #expect(end.messages.count == 1)
        #expect(end.stderr.hasPrefix(message), "\(end.stderr)")
    }

    @Test func `a secret that everybody can read is none`() async throws {
        let file = try home.write(Canary.livekitSecret, to: "secret", rights: 0o644)
        let end = try await mint(
            Self.options("livekit"), environment: ["LIVEKIT_API_KEY": "APIcommand", "LIVEKIT_API_SECRET_FILE": file])
        #expect(end.code == 2)
        #expect(end.messages.count == 1)
        #expect(end.stderr.contains("can be read by everybody"))
    }
}
