import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Switchboard
import TestSupport
import Testing
import Vocabulary

@testable import Gateway

/// The client that asks other servers, against one on this machine.
@Suite struct OutboundClientTests {
    /// Rules that let this machine be asked.
    private static func loopback(_ trusted: String? = nil) -> OutboundRules {
        var rules = OutboundRules()
        rules.privateNetworks = ["127.0.0.0/8"].compactMap { AddressRange($0) }
        rules.allowsPlainHTTP = true
        rules.trustFile = trusted
        return rules
    }

    private static func client(_ rules: OutboundRules = loopback(), totalMilliseconds: Int64 = 5000) throws -> OutboundClient {
        try OutboundClient(
            rules, on: MultiThreadedEventLoopGroup.singleton,
            bounds: .init(connect: .milliseconds(500), total: .milliseconds(totalMilliseconds)))
    }

    /// Why there was no answer; nil when there was one.
    private static func trouble(_ client: OutboundClient, _ url: String, bodyBytesMax: Int = 1000) async throws -> String? {
        let question = OutsideQuestion(try WebAddress(url), bodyBytesMax: bodyBytesMax)
        do throws(OutsideTrouble) {
            _ = try await client.get(question)
            return nil
        } catch {
            return error.description
        }
    }

    private static func trouble(
        _ url: String, with rules: OutboundRules = loopback(), totalMilliseconds: Int64 = 5000, bodyBytesMax: Int = 1000
    ) async throws -> String? {
        try await trouble(client(rules, totalMilliseconds: totalMilliseconds), url, bodyBytesMax: bodyBytesMax)
    }

    @Test func `a question is a GET with what it was given, and its answer comes whole`() async throws {
        try await OtherServer.with { _ in
            .json(#"{"keys":[]}"#)
        } _: { server in
            let question = OutsideQuestion(
                try WebAddress("http://127.0.0.1:\(server.port)/a/keys?of=acme"), headers: [("X-Internal-Secret", Secret(utf8: "canary"))],
                bodyBytesMax: 11)
            let answer = try await Self.client().get(question)
            #expect(answer == OutsideAnswer(status: 200, body: Array(#"{"keys":[]}"#.utf8)))
            let head = try #require(server.heads.first)
            #expect(head.method == .GET)
            #expect(head.uri == "/a/keys?of=acme")
            #expect(head.headers["host"] == ["127.0.0.1:\(server.port)"])
            #expect(head.headers["x-internal-secret"] == ["canary"])
            #expect(head.headers["accept-encoding"] == ["identity"])
        }
    }

    @Test func `A13 a redirect is an answer, and is not followed`() async throws {
        try await OtherServer.with { _ in
            .bytes("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n")
        } _: { server in
            let question = OutsideQuestion(try WebAddress("http://127.0.0.1:\(server.port)/keys"), bodyBytesMax: 1000)
            let answer = try await Self.client().get(question)
            #expect(answer.status == 302)
            #expect(server.heads.count == 1)
        }
    }

    @Test(arguments: [false, true])
    func `A13 an answer that is too large is cut off, announced or not`(isAnnounced: Bool) async throws {
        let body = String(repeating: "x", count: 1001)
        try await OtherServer.with { _ in
            isAnnounced ? .json(body) : .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n\(body)\r\n0\r\n\r\n")
        } _: { server in
            let url = "http://127.0.0.1:\(server.port)/"
            let said = try await Self.trouble(url)
            #expect(said?.contains("more than 1000 bytes") == true)
            #expect(try await Self.trouble(url, bodyBytesMax: 1001) == nil)
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "no http at all\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
    ])
    func `A13 an answer that is not whole is none`(bytes: String) async throws {
        try await OtherServer.with { _ in
            .bytes(bytes)
        } _: { server in
            let said = try await Self.trouble("http://127.0.0.1:\(server.port)/")
            #expect(said != nil)
        }
    }

    @Test func `A13 a server that says nothing, or too little at a time, is not waited for`() async throws {
        try await OtherServer.with {
            $0.uri == "/drip" ? .drip : .silence
        } _: { server in
            for path in ["/silence", "/drip"] {
                let said = try await Self.trouble("http://127.0.0.1:\(server.port)\(path)", totalMilliseconds: 200)
                #expect(said?.contains("no answer in 200 ms") == true)
            }
        }
    }

    @Test func `a server that is slow holds up nobody who asks another one`() async throws {
        try await OtherServer.with { _ in
            .silence
        } _: { slow in
            try await OtherServer.with { _ in
                .json("{}")
            } _: { quick in
                let client = try Self.client(totalMilliseconds: 60_000)
                let waiting = (0..<OutboundLanes.runningMax * 2).map { _ in
                    Task { try await Self.trouble(client, "http://127.0.0.1:\(slow.port)/") }
                }
                while slow.heads.count < OutboundLanes.runningMax { await Task.yield() }
                #expect(try await Self.trouble(client, "http://127.0.0.1:\(quick.port)/") == nil)
                #expect(slow.heads.count == OutboundLanes.runningMax, "the others wait for their turn")
                slow.answer { _ in .json("{}") }
                for task in waiting { task.cancel() }
            }
        }
    }

    @Test("O05 what a name leads to is looked at when it is connected to, and the server hears nothing")
    func rebinding() async throws {
        try await OtherServer.with { _ in
            .json("{}")
        } _: { server in
            var rules = OutboundRules()
            rules.allowsPlainHTTP = true
            // The rules let the name pass where it is set, as they let every name pass.
            rules.privateNetworks = [try #require(AddressRange("10.0.0.0/8"))]
            for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "localhost.localdomain"] {
                #expect(try await Self.trouble("http://\(host):\(server.port)/", with: rules) != nil)
            }
            #expect(server.heads.isEmpty)
        }
    }

    @Test func `https is spoken with a server whose certificate is trusted, and with no other`() async throws {
        let folder = try TemporaryFolder()
        let trusted = try folder.write(TestCertificate.one.certificate, to: "one.pem")
        try await OtherServer.with(.one) { _ in
            .json("{}")
        } _: { server in
            for host in ["localhost", "127.0.0.1"] {
                #expect(try await Self.trouble("https://\(host):\(server.port)/", with: Self.loopback(trusted)) == nil)
            }
            #expect(try await Self.trouble("https://localhost:\(server.port)/") != nil)
            let other = try folder.write(TestCertificate.two.certificate, to: "two.pem")
            #expect(try await Self.trouble("https://localhost:\(server.port)/", with: Self.loopback(other)) != nil)
            // 127.0.0.2 is the same machine, and not what the certificate names.
            #expect(try await Self.trouble("https://127.0.0.2:\(server.port)/", with: Self.loopback(trusted)) != nil)
            #expect(server.heads.count == 2)
        }
        let missing = Self.loopback(folder.path("missing.pem"))
        #expect(throws: StartError.self) { try Self.client(missing) }
    }

    @Test func `nothing that a header cannot hold is sent`() async throws {
        try await OtherServer.with { _ in
            .json("{}")
        } _: { server in
            let question = OutsideQuestion(
                try WebAddress("http://127.0.0.1:\(server.port)/"), headers: [("Authorization", Secret(utf8: "Bearer a\r\nX-Other: b"))],
                bodyBytesMax: 100)
            let client = try Self.client(totalMilliseconds: 500)
            await #expect(throws: OutsideTrouble.self) { try await client.get(question) }
            #expect(server.heads.isEmpty)
        }
    }
}
