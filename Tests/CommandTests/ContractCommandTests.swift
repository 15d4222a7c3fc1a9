import Foundation
import StrictJSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ContractCommandTests {
    private static let file = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "openapi/callgate.yaml")
    private let home: Home

    init() throws { home = try Home() }

    /// The contract with one change, in a file of its own.
    private func contract(_ text: String, becomes other: String) throws -> String {
        let contract = try String(contentsOf: Self.file, encoding: .utf8)
        let range = try #require(contract.firstRange(of: text))
        return try home.write(contract.replacingCharacters(in: range, with: other), to: "contract.yaml")
    }

    @Test func `the contract of the service is printed, operation by operation, and has no fault`() async throws {
        let end = try await Command.run(["contract"], in: home)
        #expect(end.code == 0, "\(end.stdout)")
        #expect(end.messages.last?.hasSuffix("no fault.") == true)
        let mint = try #require(end.results.firstIndex(of: "mintRoomToken  POST /v1/rooms/{room}/tokens"))
        #expect(end.results[mint + 1] == "    caller: tokens:mint")
        #expect(end.results[mint + 2] == "    mints: host for livekit, jwt, for a participant")
        #expect(end.results[mint + 4] == "        lives: 60 to 600 s, 300 unless asked; opens its room for up to 660 s")
        #expect(end.results.contains("getHealth  GET /health"))
        #expect(try await Command.run(["contract", "--file", Self.file.path], in: home).stdout == end.stdout)
    }

    @Test func `a script and a document get the same rows`() async throws {
        let json = try await Command.run(["contract", "--json"], in: home)
        #expect(json.code == 0)
        #expect(try await Command.run(["contract", "--format", "json"], in: home).stdout == json.stdout)
        let report = try JSONValue.parse(Array(json.stdout.utf8), limits: JSONLimits(bytesMax: 1 << 20))
        let rows = try #require(report["rows"]?.arrayValue)
        #expect(report["faults"] == [])
        let accept = try #require(rows.first { $0["operation"] == "acceptCall" })
        #expect(accept["caller"] == "calls:write, or a user")
        #expect(accept["token"]?["grants"]?["video"]?["room"] == "{room.name}")
        #expect(accept["token"]?["ttl_seconds_max"] == 300)
        #expect(accept["token"]?["effective_ttl_seconds_max"] == 360)
        let markdown = try await Command.run(["contract", "--format", "markdown"], in: home)
        #expect(markdown.results.count == rows.count + 2)
        #expect(markdown.results.allSatisfy { $0.hasPrefix("| ") && $0.count { $0 == "|" } == 10 })
    }

    @Test(arguments: ["text", "json", "markdown"])
    func `a contract with a fault ends with 1 and names it`(format: String) async throws {
        let file = try contract(
            "roomAdmin: false\n              roomCreate: false", becomes: "roomAdmin: true\n              roomCreate: false")
        let end = try await Command.run(["contract", "--file", file, "--format", format], in: home)
        #expect(end.code == 1)
        #expect(end.stdout.contains("grant_excessive"))
        #expect(end.stdout.contains("roomAdmin is granted"))
        #expect(end.messages.last?.hasSuffix("faults: 1.") == true)
    }

    @Test func `what cannot be read is no contract`() async throws {
        let missing = try await Command.run(["contract", "--file", "missing.yaml"], in: home)
        #expect(missing.code == 2)
        #expect(missing.messages.count == 1)
        let torn = try await Command.run(["contract", "--file", try home.write("paths: [", to: "torn.yaml")], in: home)
        #expect(torn.code == 1)
        #expect(torn.stdout.isEmpty)
        let empty = try await Command.run(["contract", "--file", try home.write("", to: "empty.yaml")], in: home)
        #expect(empty.code == 1)
        #expect(empty.results.contains { $0.contains("unreadable: paths: there is no operation") })
    }
}
