import Switchboard
import Testing
import Vocabulary

@testable import Gateway

/// Where a request comes from, with proxies and without.
@Suite struct ClientAddressTests {
    private static let proxies = ["10.0.0.0/8", "192.0.2.7", "2001:db8:ff::/48"].compactMap { AddressRange($0) }

    private func client(_ peer: String, forwardedFor: [String] = [], forwarded: [String] = []) throws -> String {
        let peer = try #require(IPAddress(peer))
        return ClientAddress(peer: peer, proxies: Self.proxies).client(forwardedFor: forwardedFor, forwarded: forwarded).description
    }

    @Test(arguments: [
        (["198.51.100.1"], "198.51.100.1"), (["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        (["203.0.113.9", "198.51.100.1"], "198.51.100.1"), (["203.0.113.9, 198.51.100.1, 10.1.1.1,192.0.2.7"], "198.51.100.1"),
        (["198.51.100.1:4711"], "198.51.100.1"), (["2001:db8::1"], "2001:db8:0:0:0:0:0:0"),
        (["[2001:db8:0:1::1]:443"], "2001:db8:0:1:0:0:0:0"), (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["198.51.100.1, 2001:db8:ff:1::5"], "198.51.100.1"), (["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
        (["198.51.100.1, unknown"], "10.0.0.1"), (["198.51.100.1, nonsense, 10.1.1.1"], "10.1.1.1"), ([""], "10.0.0.1"),
        ([",,"], "10.0.0.1"),
        (["198.51.100.1,"], "10.0.0.1"),
    ])
    func `a trusted proxy names the client: the last who is no proxy`(headers: [String], client: String) throws {
        #expect(try self.client("10.0.0.1", forwardedFor: headers) == client)
    }

    @Test(arguments: [
        (["for=198.51.100.1"], "198.51.100.1"), (["for=203.0.113.9, For=198.51.100.1;proto=https;by=10.0.0.1"], "198.51.100.1"),
        ([#"by=10.0.0.1 ; for="[2001:db8:0:1::1]:443""#], "2001:db8:0:1:0:0:0:0"),
        ([#"for="198.51.100.1:80", for=10.3.3.3"#], "198.51.100.1"),
        (["for=203.0.113.9", "for=198.51.100.1"], "198.51.100.1"), (["for=198.51.100.1, for=_hidden"], "10.0.0.1"),
        (["for=198.51.100.1, proto=https"], "10.0.0.1"), ([#"for="198.51.100.1, for=203.0.113.9"#], "10.0.0.1"),
    ])
    func `the same as RFC 7239 writes it`(headers: [String], client: String) throws {
        #expect(try self.client("10.0.0.1", forwarded: headers) == client)
    }

    @Test func `A09 from anybody else such headers are not looked at`() throws {
        for peer in ["198.51.100.200", "11.0.0.1", "192.0.2.8"] {
            #expect(try client(peer, forwardedFor: ["203.0.113.9"], forwarded: ["for=203.0.113.9"]) == peer)
        }
        #expect(try client("2001:db8:fe::1", forwardedFor: ["203.0.113.9"]) == "2001:db8:fe:0:0:0:0:0")
    }

    @Test func `A09 where two headers name two clients neither is believed`() throws {
        #expect(try client("10.0.0.1", forwardedFor: ["198.51.100.1"], forwarded: ["for=203.0.113.9"]) == "10.0.0.1")
        #expect(try client("10.0.0.1", forwardedFor: ["198.51.100.1"], forwarded: ["for=198.51.100.1"]) == "198.51.100.1")
    }

    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["9.255.255.255", "11.0.0.0", "a00::"]),
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]), ("0.0.0.0/0", ["1.2.3.4"], ["::1", "2001:db8::1"]),
        ("::/0", ["1.2.3.4", "::1"], []), ("2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::1", "2001:db9::"]),
        ("2001:db8::/127", ["2001:db8::", "2001:db8::1"], ["2001:db8::2"]), ("::1", ["::1"], ["::", "::2", "127.0.0.1"]),
    ])
    func `a range holds what begins as it does`(range: String, inside: [String], outside: [String]) throws {
        let range = try #require(AddressRange(range))
        for text in inside { #expect(range.contains(try #require(IPAddress(text))), "\(text)") }
        for text in outside { #expect(!range.contains(try #require(IPAddress(text))), "\(text)") }
    }

    @Test func `addresses of one IPv6 network are one client, of IPv4 each is its own`() throws {
        #expect(try client("2001:db8:0:1::1") == client("2001:db8:0:1:ffff:ffff:ffff:ffff"))
        #expect(try client("2001:db8:0:1::1") != client("2001:db8:0:2::1"))
        #expect(try client("198.51.100.1") != client("198.51.100.2"))
        #expect(try client("::ffff:198.51.100.1") == "198.51.100.1")
    }

    // MARK: On the port

    private static let bad = [("Authorization", "Bearer cg_live_bad"), ("Connection", "close")]

    /// Shows a bad key, on one of the two lanes.
    private func expect(
        _ status: Int, _ header: (String, String), hot: Bool, _ gateway: RunningGateway, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let target = hot ? "/v1/rooms/\(gateway.room)/tokens" : "/v1/rooms"
        let answer = try await gateway.only(HTTPText.request(hot ? "POST" : "GET", target, Self.bad + [header]))
        #expect(answer.status == status, sourceLocation: sourceLocation)
    }

    @Test func `A09 behind a trusted proxy clients are told apart, on both lanes, and nobody writes who it is`() async throws {
        try await RunningGateway.with({ settings in
            settings.deskLimits.badCredentialsPerAddress = Rate(perMinute: 2)
            settings.trustedProxies = ["127.0.0.1"].compactMap { AddressRange($0) }
        }) { gateway in
            let (one, other) = (("X-Forwarded-For", "203.0.113.9, 198.51.100.1"), ("Forwarded", "for=198.51.100.2"))
            try await expect(401, one, hot: true, gateway)
            try await expect(401, one, hot: false, gateway)
            try await expect(429, one, hot: false, gateway)
            try await expect(429, ("X-Forwarded-For", "203.0.113.10, 198.51.100.1"), hot: true, gateway)
            try await expect(401, other, hot: false, gateway)
            // The name of the header between our own two sides opens nothing.
            try await expect(401, (ClientAddress.header, "203.0.113.77"), hot: false, gateway)
            try await expect(401, (ClientAddress.header, "203.0.113.78"), hot: false, gateway)
            try await expect(429, (ClientAddress.header, "203.0.113.79"), hot: false, gateway)
        }
    }

    @Test func `A09 a forged header from a peer that is no proxy changes nothing`() async throws {
        try await RunningGateway.with({ $0.deskLimits.badCredentialsPerAddress = Rate(perMinute: 2) }) { gateway in
            for (number, expected) in [401, 401, 429, 429].enumerated() {
                try await expect(expected, ("X-Forwarded-For", "198.51.100.\(number)"), hot: number % 2 == 0, gateway)
            }
            let answer = try await gateway.only(gateway.hot([("Connection", "close")]))
            #expect(answer.status == 201, "a good key from there goes on")
            #expect(answer["ratelimit-policy"] == [#""key";q=600000;w=60, "tenant";q=600000;w=60"#])
            #expect(answer["ratelimit"] == [#""tenant";r=599999;t=1"#])
        }
    }

    @Test func `what the transport refuses tells how the address stands, too`() async throws {
        try await RunningGateway.with { gateway in
            let answer = try await gateway.only("GET /health HTTP/1.1\r\n\r\n")
            #expect(answer.status == 400)
            #expect(answer["ratelimit-policy"] == [#""address";q=600000;w=60"#])
        }
    }
}
