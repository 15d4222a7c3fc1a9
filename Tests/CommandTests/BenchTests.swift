import Foundation
import StrictJSON
import Testing

/// The benchmarks run to their end and say what they are to say. How much it is, is looked at by people.
@Suite(.timeLimit(.minutes(2))) struct BenchTests {
    private let home: Home

    init() throws { home = try Home() }

    @Test func `the benchmark of tokens answers in JSON`() async throws {
        let object = try await results(["tokens", "--rounds", "1"])
        for name in ["LiveKit token", "Agora 007 token", "HMAC-SHA256 alone, 400 bytes, kept key"] {
            #expect(object[name]?["median /s"] != nil && object[name]?["best /s"] != nil)
        }
    }

    @Test func `the benchmark of calls shows every step, and the disk beside it`() async throws {
        let object = try await results(["calls", "--seconds", "1", "--concurrency", "4"])
        for who in ["4 callers at once", "one after the other"] {
            let whole = object["calls, \(who)"]
            #expect(whole?["rate /s"] != nil && whole?["CPU of all threads us/call"] != nil)
            for name in ["calls", "place", "accept with both tokens", "end"] {
                #expect(object["\(name), \(who)"]?["p50 ms"] != nil && object["\(name), \(who)"]?["p99 ms"] != nil)
            }
        }
        #expect(object["the disk: 4 KiB appended and synchronised, one after the other"]?["rate /s"] != nil)
        #expect(try home.leftovers().isEmpty, "the throw-away store is thrown away")
    }

    @Test func `the store of a benchmark can be put on another disk`() async throws {
        let other = home.folder.appending(path: "other")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: false)
        let object = try await results(["calls", "--seconds", "1", "--concurrency", "1", "--folder", other.path])
        #expect(object["title"]?.stringValue?.hasSuffix("the store in \(other.path)") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).isEmpty)
    }

    private func results(_ arguments: [String]) async throws -> JSONValue {
        let end = try await Command.run(["bench"] + arguments + ["--json"], in: home)
        #expect(end.code == 0, "\(end.stderr)")
        #expect(end.stderr.isEmpty, "progress is for a terminal")
        let object = try JSONValue.parse(end.stdout, limits: JSONLimits(bytesMax: 1 << 16))
        #expect(object["title"]?.stringValue?.isEmpty == false)
        return object
    }
}
