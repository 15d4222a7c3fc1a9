import Foundation
import StrictJSON
import TestSupport
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
        #expect(object["the disk: 4 KiB written over and synchronised, one right after the other"]?["rate /s"] != nil)
        #expect(try home.leftovers().isEmpty, "the throw-away store is thrown away")
    }

    @Test func `the store of a benchmark can be put on another disk`() async throws {
        let other = home.url.appending(path: "other")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: false)
        let object = try await results(["calls", "--seconds", "1", "--concurrency", "1", "--folder", other.path])
        #expect(object["title"]?.stringValue?.hasSuffix("the store in \(other.path)") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).isEmpty)
    }

    @Test func `the benchmark of sockets counts every connection and every call`() async throws {
        let load = ["--clients", "4", "--calls-per-second", "20", "--seconds", "1", "--connections", "8"]
        let object = try await results(["signaling"] + load)
        for who in ["all users new", "all users come back"] {
            let connect = object["callgate: connect with a user's token, \(who), 64 handshakes at once"]
            #expect(connect?["rate /s"] != nil && connect?["server CPU us/connect"] != nil && connect?["p99 ms"] != nil)
        }
        #expect(object["callgate: idle"]?["open sockets"] == 8.0)
        #expect(object["callgate: idle"]?["memory KiB/socket"] != nil)
        for name in ["place -> incoming", "reject -> rejected"] {
            let row = object["callgate: \(name), 4 clients, 20 calls/s"]
            #expect(row?["p50 ms"] != nil && row?["p99 ms"] != nil)
        }
        let rings = object["callgate: placed and rejected, 4 clients, 20 calls/s"]
        let played = rings?["played calls"]?.realValue ?? 0
        #expect(played > 0 && played + (rings?["late calls"]?.realValue ?? 0) == 20, "what is due is placed, or said to be late")
        let full = object["callgate: place, accept with both tokens, end, 2 calls at once"]
        #expect(full?["played calls"]?.realValue ?? 0 > 0)
        #expect(full?["server CPU us/call"] != nil && full?["server cores"] != nil && full?["load cores"] != nil)
        let disk = object["the disk: 4 KiB written over and synchronised, 40 a second"]
        #expect(disk?["p50 ms"] != nil && disk?["p99 ms"] != nil)
        #expect(disk?["rate /s"]?.realValue ?? 0 > 0 && disk?["rate /s"]?.realValue ?? 100 <= 40, "no more than are due")
        #expect(try home.leftovers().isEmpty, "the throw-away stores are thrown away")
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
