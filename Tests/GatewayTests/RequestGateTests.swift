import NIOCore
import NIOHTTP1
import Switchboard
import Testing

@testable import Gateway

/// The gate's moves one by one, with answers that take as long as the test wants.
@Suite struct `The gate of a connection` {
    private static let refused: [GateBench.Event] = [.status(400, isLast: true), .end, .endOutput]
    private static let answered: [GateBench.Event] = [.status(200, isLast: false), .end]
    private static let answeredLast: [GateBench.Event] = [.status(200, isLast: true), .end, .endOutput]

    @Test func `X05 a request has its deadline from its first byte to its last`() async throws {
        try await GateBench.with { bench in
            bench.bytes()
            bench.advance(10)
            try bench.head(.POST, "/v1/rooms", ["content-length": "10"])
            bench.advance(4)
            #expect(bench.events().isEmpty)
            bench.advance(1)
            #expect(bench.events() == [.status(408, isLast: true), .end, .endOutput])
        }
    }

    @Test func `X05 a request that begins while another is answered has its deadline too`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            bench.bytes()
            bench.advance(20)
            #expect(bench.events().isEmpty)
            try bench.answer()
            #expect(bench.events() == Self.answered + [.status(408, isLast: true), .end, .endOutput])
        }
    }

    @Test func `nothing runs against the clock while an answer is being made`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            bench.advance(1000)
            #expect(bench.events().isEmpty)
            try bench.answer()
            bench.advance(74)
            #expect(bench.events() == Self.answered)
            bench.advance(2)
            #expect(bench.events() == [.close])
        }
    }

    @Test func `a refusal waits for the answers ahead, and nothing after it is read`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            try bench.request()
            bench.garbage()
            bench.garbage()
            try bench.request()
            #expect(try bench.handedOn() == 2)
            #expect(bench.events().isEmpty)
            try bench.answer()
            #expect(bench.events() == Self.answered)
            try bench.answer()
            #expect(bench.events() == Self.answered + Self.refused)
            bench.garbage()
            try bench.request()
            #expect(try bench.handedOn() == 0)
            #expect(bench.events().isEmpty)
        }
    }

    @Test func `a request that could be hot waits its turn behind one that is not`() async throws {
        try await GateBench.with { bench in
            let hot = { try bench.request(.POST, "/v1/rooms/acme-room-1/tokens") }
            try hot()
            #expect(try bench.handedOn() == 0)
            #expect(bench.events() == [.status(401, isLast: false), .end])
            try bench.request()
            try hot()
            #expect(try bench.handedOn() == 2)
            #expect(bench.events().isEmpty)
        }
    }

    @Test func `N11 a connection that asks too often is not read from for a moment, unless it carries the requests of others`() async throws
    {
        var limits = DeskLimits()
        limits.requestsPerAddress = Rate(perMinute: 1)
        for relay in ["", "Via", "Forwarded", "X-Forwarded-For"] {
            try await GateBench.with(limits: limits) { bench in
                let ask = { try bench.request(.POST, "/v1/rooms/acme-room-1/tokens", relay.isEmpty ? [:] : [relay: "1.1 proxy"]) }
                try ask()
                bench.channel.read()
                #expect(bench.events() == [.status(401, isLast: false), .end])
                #expect(!bench.gate.isReadHeld)
                try ask()
                bench.channel.read()
                #expect(bench.events() == [.status(429, isLast: false), .end])
                #expect(bench.gate.isReadHeld == relay.isEmpty)
                bench.advance(milliseconds: 100)
                #expect(!bench.gate.isReadHeld)
            }
        }
    }

    @Test func `X08 a client that asks first hears when the line is free`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            try bench.request()
            bench.bytes()
            try bench.head(.POST, "/v1/rooms", ["content-length": "10", "expect": "100-continue"])
            try bench.answer()
            #expect(bench.events() == Self.answered)
            try bench.answer()
            #expect(bench.events() == Self.answered + [.status(100, isLast: false)])
        }
    }

    @Test func `a service that stops lets answers through and says that they are the last`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            try bench.request()
            bench.stop()
            try bench.request()
            #expect(try bench.handedOn() == 2)
            try bench.answer()
            #expect(bench.events() == Self.answered)
            try bench.answer()
            #expect(bench.events() == Self.answeredLast)
        }
    }

    @Test func `a service that stops lets a request that has begun come in`() async throws {
        try await GateBench.with { bench in
            bench.bytes()
            bench.stop()
            try bench.head()
            try bench.end()
            #expect(try bench.handedOn() == 1)
            try bench.answer()
            #expect(bench.events() == Self.answeredLast)
        }
    }

    @Test func `a connection that is made while the service stops says something at once or is closed`() async throws {
        try await GateBench.with(isStopping: true) { bench in
            bench.advance(1)
            #expect(bench.events() == [.close])
        }
        try await GateBench.with(isStopping: true) { bench in
            try bench.request()
            bench.advance(1)
            try bench.answer()
            #expect(bench.events() == Self.answeredLast)
        }
    }

    @Test func `a client that has said everything is given its answers, and Hummingbird is not disturbed`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            bench.endSending()
            #expect(!bench.isDisturbed)
            bench.advance(1000)
            try bench.answer()
            #expect(bench.events() == Self.answeredLast)
        }
    }

    @Test func `a Hummingbird that gives up leaves no connection open`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            try bench.request()
            bench.giveUp()
            #expect(bench.events() == [.endOutput])
            bench.advance(3)
            #expect(bench.events() == [.close])
        }
    }

    @Test func `after the last word the client has a second to leave`() async throws {
        try await GateBench.with { bench in
            try bench.request(.GET, "/health", ["connection": "close"])
            try bench.answer()
            #expect(bench.events() == Self.answeredLast)
            bench.advance(3)
            #expect(bench.events() == [.close])
        }
    }

    @Test func `X05 the output is not closed before everything is taken, and not kept open for ever`() async throws {
        for isTaken in [true, false] {
            try await GateBench.with { bench in
                try bench.request()
                bench.endSending()
                bench.holdWrites()
                try bench.answer()
                bench.advance(9)
                #expect(bench.events() == [.status(200, isLast: true), .end])
                if isTaken { bench.takeWrites() } else { bench.advance(1) }
                #expect(bench.events() == [isTaken ? .endOutput : .close])
                bench.takeWrites()
            }
        }
    }

    @Test func `after the last word what comes is read and dropped, though nobody asks for it`() async throws {
        try await GateBench.with { bench in
            try bench.request(.GET, "/health", ["connection": "close"])
            try bench.answer()
            for _ in 0..<3 {
                _ = bench.reads()
                try bench.request()
                #expect(bench.reads() > 0)
            }
            #expect(try bench.handedOn() == 1)
            #expect(bench.events() == Self.answeredLast)
        }
    }

    @Test func `X05 a client that takes no answers is not read from, and is cut in the end`() async throws {
        try await GateBench.with { bench in
            try bench.request()
            try bench.answer()
            _ = bench.reads()
            bench.setWritable(false)
            bench.askForMore()
            bench.askForMore()
            #expect(bench.reads() == 0)
            bench.setWritable(true)
            #expect(bench.reads() == 1)
            bench.advance(20)
            #expect(bench.events() == Self.answered)
            bench.setWritable(false)
            bench.advance(11)
            #expect(bench.events() == [.close])
        }
    }

    @Test func `X02 parts in an order that is no request are refused`() async throws {
        for part in [HTTPServerRequestPart.body(ByteBuffer(string: "a")), .end(nil)] {
            try await GateBench.with { bench in
                try bench.send(part)
                #expect(bench.events() == Self.refused)
            }
        }
        try await GateBench.with { bench in
            try bench.head()
            try bench.head()
            #expect(bench.events() == Self.refused)
        }
    }
}
