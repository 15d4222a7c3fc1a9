import Foundation
import StrictJSON
import TestSupport
import Testing
import Tokens
import Vocabulary

@Suite(.timeLimit(.minutes(2))) struct DemoTests {
    private let home: Home

    init() throws { home = try Home() }

    @Test func `the demo plays calls over sockets and over REST, and every token is verified`() async throws {
        // A proxy that is not there: the demo asks this machine only.
        let end = try await Command.run(["demo"], in: home, environment: ["http_proxy": "http://127.0.0.1:1"])
        #expect(end.code == 0, "\(end.stderr)")
        #expect(end.stderr.isEmpty)
        #expect(end.results.last == "Everything went as it should.")

        let refused = end.values(of: "refused").map { $0.prefix { $0 != ":" } }
        #expect(refused == ["409 call_not_active", "404 not_found", "409 answered_elsewhere", "409 call_not_active"])
        #expect(end.values(of: "verified").count == 7)
        let formats = end.values(of: "token").map { TokenInspector.inspect($0, now: UnixTime(1_767_225_600)).format }
        #expect(formats == [.jwt, .jwt, .jwt, .jwt, .agora007, .agora007])
        #expect(end.values(of: "checked").first?.hasPrefix("7 tokens were handed out, and 7 are here") == true)
        #expect(end.values(of: "chain").first?.hasSuffix(" rows, whole") == true)
        #expect(try home.leftovers().isEmpty, "the throw-away store is thrown away")
    }

    @Test func `the demo's phones hear of each other, of the call, and of the rejection`() async throws {
        let end = try await Command.run(["demo"], in: home)

        #expect(end.values(of: "connected") == ["alice, on alices-phone", "bob, on bobs-phone"])
        #expect(end.values(of: "alice hears").map { $0.prefix { $0 != " " } } == ["user:online", "call:rejected"])
        #expect(end.values(of: "bob hears").map { $0.prefix { $0 != " " } } == ["call:incoming", "call:ended"])
        #expect(end.values(of: "bob hears").allSatisfy { !$0.contains("eyJ") }, "no token before the acceptance")
        #expect(end.values(of: "after").allSatisfy { $0.contains(#/^\d+\.\d+ ms$/#) } && end.values(of: "after").count == 2)
    }

    @Test func `the demo prints no credential that is not its own to show`() async throws {
        let end = try await Command.run(["demo"], in: home)
        // Whole API keys have 44 characters; what is printed of them is their prefix.
        #expect(!end.stdout.contains(#/cg_(live|test)_[0-9A-Za-z]{30}/#))
        let tokens = Set(end.values(of: "token"))
        #expect(end.stdout.matches(of: #/eyJ[\w-]+\.[\w-]+\.[\w-]+/#).allSatisfy { tokens.contains(String($0.output)) })
    }

    @Test func `a demo that is kept goes on until it is ended`() async throws {
        let command = try Command(["demo", "--keep"], in: home)
        let address = try await command.result(after: "callgate listens on ")
        #expect(address.hasPrefix("http://127.0.0.1:"))
        _ = try await command.result(after: "The contract for people: ")

        #expect(await command.finish(SIGINT).code == 0)
        #expect(try home.leftovers().isEmpty)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "curl is not installed, so its lines are not tried"))
    func `the lines that a kept demo prints play a call when they are pasted into a shell`() async throws {
        let command = try Command(["demo", "--keep"], in: home)
        let first = try await command.result(after: "export CALLGATE=")
        var lines = ["export CALLGATE=\(first)"]
        while lines.last?.hasPrefix("ask /v1/audit") != true { lines.append(try await command.result(after: "")) }
        try home.write(lines.joined(separator: "\n"), to: "pasted.sh")

        let pasted = try await Tool.run("/bin/sh", ["pasted.sh"], in: home)

        let answers = try pasted.results.map { try JSONValue.parse($0, limits: JSONLimits(bytesMax: 1 << 20)) }
        #expect(answers.count == 4, "\(pasted)")
        #expect(answers.first?["code"] == "call_not_active")
        #expect(answers.dropFirst().first?["joins"]?["frank"]?["token"] != nil)
        #expect(answers.dropFirst(2).first?["end_reason"] == "hung_up")
        #expect(answers.last?["rows"] != nil)
        #expect(await command.finish(SIGINT).code == 0)
    }

    @Test func `a demo that nobody watches ends, and throws its store away`() async throws {
        let end = try await Command(["demo"], in: home, shell: #""$@" | head -n 1"#).finish()
        #expect(end.results.count == 1)
        #expect(try home.leftovers().isEmpty)
    }
}

extension Finished {
    /// What the indented lines `name: value` say.
    func values(of name: String) -> [String] {
        results.compactMap { $0.hasPrefix("  \(name): ") ? String($0.dropFirst(name.count + 4)) : nil }
    }
}
