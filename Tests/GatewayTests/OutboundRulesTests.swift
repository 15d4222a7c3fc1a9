import NIOCore
import NIOPosix
import Testing
import Vocabulary

@testable import Gateway

/// Which addresses the service may be made to connect to.
@Suite struct OutboundRulesTests {
    @Test(
        "O05 an address that is not public is refused, however it is written",
        arguments: [
            "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
            "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1", "::", "::1", "::ffff:127.0.0.1",
            "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
            "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a9fe:a9fe::1", "3fff::1", "4000::1",
            "::127.0.0.1",
        ])
    func privateAddress(text: String) throws {
        #expect(!OutboundRules().mayConnect(to: try #require(IPAddress(text))))
        let host = text.contains(":") ? "[\(text)]" : text
        #expect(OutboundRules().objection(to: try WebAddress("https://\(host)/")) != nil)
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "128.0.0.1", "169.253.255.255", "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
        "2a00:1450:4001::1", "2001:4860:4860::8888", "::ffff:1.1.1.1",
    ])
    func `a public address may be asked`(text: String) throws {
        #expect(OutboundRules().mayConnect(to: try #require(IPAddress(text))))
    }

    @Test func `what the operator lists may be asked, and its neighbours may not`() throws {
        var rules = OutboundRules()
        rules.privateNetworks = try ["10.20.0.0/15", "127.0.0.1", "fd00:20::/32"].map { try #require(AddressRange($0)) }
        for (text, isAllowed) in [
            ("10.20.0.1", true), ("10.21.255.255", true), ("10.22.0.0", false), ("10.19.255.255", false), ("::ffff:10.20.0.1", true),
            ("127.0.0.1", true), ("127.0.0.2", false), ("fd00:20::1", true), ("fd00:21::1", false), ("::1", false), ("1.1.1.1", true),
        ] {
            #expect(rules.mayConnect(to: try #require(IPAddress(text))) == isAllowed, "\(text)")
        }
        #expect(rules.objection(to: try WebAddress("https://localhost/")) == nil)
        #expect(rules.objection(to: try WebAddress("http://10.20.0.1/")) != nil)
        rules.allowsPlainHTTP = true
        #expect(rules.objection(to: try WebAddress("http://10.20.0.1/")) == nil)
    }

    @Test(arguments: ["http://id.example.com/", "https://localhost/", "https://LOCALHOST:8443/", "https://a.localhost/", "https://[1:2]/"])
    func `O06 plain http, this machine and what is no address are refused when they are set`(text: String) throws {
        #expect(OutboundRules().objection(to: try WebAddress(text)) != nil)
    }

    @Test func `a name may be set, whatever it leads to`() throws {
        #expect(OutboundRules().objection(to: try WebAddress("https://id.example.com/keys")) == nil)
    }

    @Test func `names are resolved to addresses, and an address is itself`() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        #expect(try await NameResolver.addresses(of: "192.0.2.7", on: loop).get() == [try #require(IPAddress("192.0.2.7"))])
        let found = try await NameResolver.addresses(of: "localhost", on: loop).get()
        #expect(found.contains { $0 == IPAddress("127.0.0.1") || $0 == IPAddress("::1") })
        await #expect(throws: NameResolver.Trouble.self) { try await NameResolver.addresses(of: "no-such-host.invalid", on: loop).get() }
    }
}
