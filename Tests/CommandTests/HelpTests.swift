import Foundation
import StrictJSON
import Testing
import Tokens
import Vocabulary

@Suite(.timeLimit(.minutes(2))) struct HelpTests {
    private let home: Home

    init() throws { home = try Home() }

    @Test(arguments: [
        [], ["serve"], ["demo"], ["token"], ["token", "mint"], ["token", "inspect"], ["token", "verify"], ["key"], ["key", "create"],
        ["key", "list"], ["key", "revoke"], ["config"], ["config", "check"], ["bench"], ["bench", "tokens"], ["bench", "http"],
    ])
    func `every command says how it is used`(command: [String]) async throws {
        let end = try await Command.run(command + ["--help"], in: home)
        #expect(end.code == 0)
        #expect(end.stderr.isEmpty)
        #expect(end.stdout.contains("USAGE: callgate\(command.map { " \($0)" }.joined()) "))
    }

    @Test func `the version is a number of three parts`() async throws {
        let end = try await Command.run(["--version"], in: home)
        #expect(end.code == 0)
        #expect(end.stdout.contains(#/^\d+\.\d+\.\d+\n$/#))
        #expect(end.stderr.isEmpty)
    }

    @Test(arguments: [
        [], ["token"], ["key"], ["config"], ["bench"], ["sing"], ["--verbose"], ["token", "sing"], ["demo", "--port", "65536"],
        ["bench", "tokens", "--rounds", "0"], ["bench", "tokens", "--rounds", "x"], ["bench", "http", "--seconds", "0"],
        ["bench", "http", "--connections", "0"],
    ])
    func `a command that is used wrongly ends with 2, and says so where messages go`(arguments: [String]) async throws {
        let end = try await Command.run(arguments, in: home)
        #expect(end.code == 2)
        #expect(end.stdout.isEmpty)
        #expect(!end.messages.isEmpty)
    }

    @Test func `a group of commands says which there are`() async throws {
        let end = try await Command.run(["token"], in: home)
        #expect(end.messages == ["say what to do: mint, inspect, verify; --help tells more"])
    }

    @Test(arguments: [["--help"], ["--version"], ["token", "inspect", "x"]])
    func `a result that cannot be written is a no`(arguments: [String]) async throws {
        let full = try await Command(arguments, in: home, shell: #""$@" >/dev/full"#).finish()
        #expect(full.code == 1)
        #expect(full.messages == ["standard output cannot be written: No space left on device"])

        let closed = try await Command(arguments, in: home, shell: Command.unread).finish()
        #expect(closed.stderr.isEmpty)
        #expect(try String(decoding: home.bytes(of: "code"), as: UTF8.self) == "1\n")
    }
}

@Suite(.timeLimit(.minutes(2))) struct DemoTests {
    private let home: Home

    init() throws { home = try Home() }

    @Test func `the demo plays to its end, and both tokens are verified`() async throws {
        // A proxy that is not there: the demo asks this machine only.
        let end = try await Command.run(["demo"], in: home, environment: ["http_proxy": "http://127.0.0.1:1"])
        #expect(end.code == 0, "\(end.stderr)")
        #expect(end.results.filter { $0.hasPrefix("  verified: ") }.count == 2)
        #expect(end.results.last == "Everything went as it should.")
        let tokens = end.results.compactMap { $0.hasPrefix("  token: ") ? String($0.dropFirst(9)) : nil }
        let formats = tokens.map { TokenInspector.inspect($0, now: UnixTime(1_767_225_600)).format }
        #expect(formats == [.jwt, .agora007])
        #expect(try home.leftovers().isEmpty, "the throw-away store is thrown away")
    }

    @Test func `a demo that is kept goes on until it is ended`() async throws {
        let command = try Command(["demo", "--keep"], in: home)
        let address = try await command.result(after: "callgate listens on ")
        #expect(address.hasPrefix("http://127.0.0.1:"))
        _ = try await command.result(after: "The contract for people: ")

        #expect(await command.finish(SIGINT).code == 0)
        #expect(try home.leftovers().isEmpty)
    }

    @Test func `a demo that nobody watches ends, and throws its store away`() async throws {
        let end = try await Command(["demo"], in: home, shell: #""$@" | head -n 1"#).finish()
        #expect(end.results.count == 1)
        #expect(try home.leftovers().isEmpty)
    }

    @Test func `the benchmark of tokens answers in JSON`() async throws {
        let end = try await Command.run(["bench", "tokens", "--rounds", "1", "--json"], in: home)
        #expect(end.code == 0)
        #expect(end.stderr.isEmpty, "progress is for a terminal")
        let object = try JSONValue.parse(end.stdout, limits: JSONLimits(bytesMax: 1 << 16))
        #expect(object["title"]?.stringValue?.isEmpty == false)
        for name in ["LiveKit token", "Agora 007 token", "HMAC-SHA256 alone, 400 bytes, kept key"] {
            #expect(object[name]?["median /s"] != nil && object[name]?["best /s"] != nil)
        }
    }
}
