import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HelpTests {
    private let home: Home

    init() throws { home = try Home() }

    @Test(arguments: [
        [], ["serve"], ["demo"], ["token"], ["token", "mint"], ["token", "inspect"], ["token", "verify"], ["key"], ["key", "create"],
        ["key", "list"], ["key", "revoke"], ["config"], ["config", "check"], ["contract"], ["audit"], ["audit", "verify"], ["bench"],
        ["bench", "tokens"],
        ["bench", "http"], ["bench", "fairness"], ["bench", "calls"], ["bench", "signaling"],
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
        [], ["token"], ["key"], ["config"], ["audit"], ["bench"], ["sing"], ["--verbose"], ["token", "sing"], ["demo", "--port", "65536"],
        ["bench", "tokens", "--rounds", "0"], ["bench", "tokens", "--rounds", "x"], ["bench", "http", "--seconds", "0"],
        ["bench", "fairness", "--per-second", "1000"], ["bench", "http", "--connections", "0"], ["bench", "calls", "--seconds", "0"],
        ["bench", "calls", "--concurrency", "0"],
        ["bench", "calls", "--folder", "nowhere"], ["bench", "signaling", "--clients", "1"],
        ["bench", "signaling", "--calls-per-second", "0"], ["bench", "signaling", "--seconds", "0"],
        ["bench", "signaling", "--connections", "0"], ["bench", "signaling", "--server-threads", "0"],
        ["bench", "signaling", "--peer", ""], ["bench", "signaling", "--peer-only"], ["audit", "verify", "--head", "7"],
        ["audit", "verify", "--database", ""], ["contract", "--format", "xml"], ["contract", "--file", ""], ["contract", "x"],
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
