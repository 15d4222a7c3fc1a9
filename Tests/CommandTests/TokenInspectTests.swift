import Foundation
import StrictJSON
import TestSupport
import Testing
import Tokens
import Vocabulary

@Suite(.timeLimit(.minutes(2))) struct TokenInspectTests {
    private static let at: Int64 = 1_767_225_600
    private static let both = Canary.livekit.merging(Canary.agora) { $1 }
    private let home: Home

    init() throws { home = try Home() }

    private func token(_ provider: ProviderKind) async throws -> String {
        let end = try await Command.run(
            [
                "token", "mint", "--provider", provider.rawValue, "--room", "acme-room-0123456789abcdefghij01234", "--identity", "alice",
                "--role", "participant", "--at", "\(Self.at)",
            ], in: home, environment: Self.both)
        return try #require(end.results.first)
    }

    private func ask(
        _ question: String, _ arguments: [String], environment: [String: String] = both, input: String? = nil
    ) async throws -> Finished {
        try await Command.run(["token", question] + arguments, in: home, environment: environment, input: input)
    }

    @Test(arguments: ProviderKind.allCases)
    func `a token is inspected from an argument and from standard input alike`(provider: ProviderKind) async throws {
        let token = try await token(provider)
        let time = ["--at", "\(Self.at)"]

        let argument = try await ask("inspect", [token] + time)

        #expect(argument.code == 0)
        #expect(argument.stderr.isEmpty)
        #expect(argument.results.contains("verdict: valid"))
        #expect(argument.results.contains("signature: valid"))
        #expect(argument.results.contains("expires at: 2026-01-01T00:05:00Z"))
        #expect(!argument.stdout.contains(token), "an inspection does not repeat the token")
        for (arguments, end) in [(["-"], ""), (["-"], "\n"), ([], "\n")] {
            let piped = try await ask("inspect", arguments + time, input: token + end)
            #expect(piped.code == 0)
            #expect(piped.stdout == argument.stdout)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `the JSON is what the inspector says`(provider: ProviderKind) async throws {
        let token = try await token(provider)
        let end = try await ask("inspect", [token, "--json", "--at", "\(Self.at)"], environment: [:])
        #expect(end.code == 0)
        let object = try JSONValue.parse(end.stdout, limits: JSONLimits(bytesMax: 1 << 20))
        #expect(object == TokenInspector.inspect(token, now: UnixTime(Self.at)).jsonValue)
        #expect(object["signature"] == "not_checked")
    }

    @Test(arguments: ["garbage", "", "eyJ.eyJ.x", "007x", "cg_live_000000000000000000000000000000000000", "\u{0}\u{1}"])
    func `what is no token ends with 1`(text: String) async throws {
        let end = try await ask("inspect", ["--json"], input: text)
        #expect(end.code == 1)
        #expect(end.stderr.isEmpty)
        let object = try JSONValue.parse(end.stdout, limits: JSONLimits(bytesMax: 1 << 20))
        #expect(object["verdict"] == "malformed")
        #expect(try await ask("verify", [], input: text).code == 1)
    }

    @Test func `more than a token can be is not read`() async throws {
        let end = try await ask("inspect", ["-"], input: String(repeating: "a", count: 1 << 20))
        #expect(end.code == 1)
        #expect(end.stdout.contains("[too_long]"))
    }

    @Test func `a hostile token cannot hurt whoever inspects it`() async throws {
        let header = "eyJhbGciOiJIUzI1NiJ9"
        // {"exp":-9223372036854775808,"iat":9223372036854775807}
        let claims = "eyJleHAiOi05MjIzMzcyMDM2ODU0Nzc1ODA4LCJpYXQiOjkyMjMzNzIwMzY4NTQ3NzU4MDd9"
        let token = "\(header).\(claims).\(String(repeating: "A", count: 43))"
        for time in ["0", "253402300799"] {
            let end = try await ask("inspect", [token, "--at", time])
            #expect(end.code == 0 || end.code == 1)
            #expect(end.stdout.contains("verdict: "))
        }
    }

    // MARK: Verify

    /// Made by other means: the first with zlib and the algorithm of Agora's Python builder, the second with Python's own hmac.
    @Test(arguments: [
        "007eJxTYNjtoMnSZDkvz1ygJGWaRIXI45i0bPl8FiEj7dOu/268OaTAYGBoZGxiamZuYZmYlJySmobOZ9gZmhnBxMDQfk2IgREIWYAYxGcCk8xgkgVMKjMkJuem6hbl"
            + "5+fqopuSnpGZBRZjZUjMyUxOBQDctid7",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
            + ".eyJpc3MiOiJBUEljb21tYW5kIiwic3ViIjoiYWxpY2UiLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMCwidmlk"
            + "ZW8iOnsicm9vbSI6ImFjbWUtcm9vbS0wMTIzNDU2Nzg5YWJjZGVmZ2hpajAxMjM0Iiwicm9vbUpvaW4iOnRydWV9fQ"
            + ".GtHX6yO5XLEiiXzKgm_a_lfgxXf9FBGnYubQyRdYLTI",
    ])
    func `a token that was made elsewhere with the same credentials is valid`(token: String) async throws {
        #expect(try await ask("verify", [token, "--at", "\(Self.at + 60)"]).results == ["valid"])
        #expect(try await ask("verify", [token, "--at", "\(Self.at - 3600)"]).code == 1)
    }

    @Test(arguments: ProviderKind.allCases)
    func `only a token that holds now is valid`(provider: ProviderKind) async throws {
        let token = try await token(provider)
        let middle = token.index(token.startIndex, offsetBy: token.count - 30)
        let tampered = token.replacingCharacters(in: middle...middle, with: token[middle] == "A" ? "B" : "A")
        let other = [
            "LIVEKIT_API_SECRET": "another-secret-that-is-long-enough-0", "AGORA_APP_CERTIFICATE": String(repeating: "b", count: 32),
        ]

        let valid = try await ask("verify", [token, "--at", "\(Self.at)"])
        #expect(valid.code == 0)
        #expect(valid.stdout == "valid\n")
        #expect(valid.stderr.isEmpty)

        let expired = try await ask("verify", [token, "--at", "\(Self.at + 3600)"])
        #expect(expired.code == 1)
        #expect(expired.stdout == "expired\n")
        #expect(expired.stderr.isEmpty)

        let changed = try await ask("verify", [tampered, "--at", "\(Self.at)"])
        #expect(changed.code == 1)
        #expect(changed.results.count == 1 && changed.stdout != "valid\n")

        let foreign = try await ask("verify", [token, "--at", "\(Self.at)"], environment: Self.both.merging(other) { $1 })
        #expect(foreign.code == 1)
        #expect(foreign.stdout == "signature_invalid\n")

        let unknown = try await ask("verify", [token, "--at", "\(Self.at)"], environment: [:])
        #expect(unknown.code == 1)
        #expect(unknown.stdout == "not_checked\n")
        #expect(unknown.messages.count == 1)
    }

    @Test(arguments: [
        ["token", "inspect", "a", "b"], ["token", "inspect", "--at", "now"], ["token", "verify", "--json"], ["token", "open"], ["token"],
        ["token", "inspect", "x", "--at", "-1"], ["token", "verify", "x", "--at", "9223372036854775807"],
    ])
    func `misuse ends with 2`(arguments: [String]) async throws {
        let end = try await Command.run(arguments, in: home)
        #expect(end.code == 2)
        #expect(end.stdout.isEmpty)
        #expect(!end.messages.isEmpty)
    }

    @Test func `credentials that are set and malformed are a misuse`() async throws {
        let end = try await ask("inspect", ["x"], environment: ["AGORA_APP_ID": "x", "AGORA_APP_CERTIFICATE": Canary.agoraCertificate])
        #expect(end.code == 2)
        #expect(end.messages.count == 1)
    }
}
