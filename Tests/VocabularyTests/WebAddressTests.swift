import Testing

@testable import Vocabulary

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("https://id.example.com", "id.example.com", 443, "/", "id.example.com"),
        ("https://id.example.com/keys?a=b", "id.example.com", 443, "/keys?a=b", "id.example.com"),
        ("https://ID.Example.com:443/", "id.example.com", 443, "/", "id.example.com"),
        ("https://id.example.com:8443/k", "id.example.com", 8443, "/k", "id.example.com:8443"),
        ("https://id.example.com?x", "id.example.com", 443, "/?x", "id.example.com"),
        ("http://localhost:1024/", "localhost", 1024, "/", "localhost:1024"), ("http://a", "a", 80, "/", "a"),
        ("https://192.0.2.1/", "192.0.2.1", 443, "/", "192.0.2.1"),
        ("https://[2001:DB8::1]:65535/", "2001:db8::1", 65_535, "/", "[2001:db8::1]:65535"),
        ("https://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1", 443, "/", "[::ffff:10.0.0.1]"), ("https://1a.2b", "1a.2b", 443, "/", "1a.2b"),
    ])
    func `an address is taken apart`(text: String, host: String, port: Int, target: String, authority: String) throws {
        let address = try WebAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.target == target)
        #expect(address.authority == authority)
        #expect(address.text == text)
    }

    @Test(
        "O06 an address with a user, of another scheme, with an odd port or an odd host is refused",
        arguments: [
            "", "https://", "https:///keys", "https:/a", "//a", "a", "/etc/passwd", "file:///etc/passwd", "gopher://a", "ftp://a",
            "HTTPS://a",
            "javascript:alert(1)", "data:,x", "https://user@a", "https://user:pass@a/", "https://@a", "https://a@b@c", "https://a:22/",
            "https://a:80/", "http://a:443/", "https://a:1023", "https://a:0", "https://a:65536", "https://a:", "https://a:+443",
            "https://a:0x1bb", "https://a:443:443", "https://a#b", "https://a/#b", "https://a b", "https://a\\b", "https://a\n",
            "https://a\u{0}",
            "https://é.example", "https://a..b", "https://.a", "https://a.", "https://-a", "https://a-", "https://a_b", "https://%61",
            "https://2130706433", "https://0x7f000001", "https://0x7f.1", "https://127.1", "https://0177.0.0.1", "https://127.0.0.01",
            "https://1.2.3.256", "https://1.2.3.4.5", "https://a.1", "https://[::1", "https://::1", "https://[]", "https://[a]",
            "https://[fe80::1%25eth0]", "https://[::1]x", "https://[::1]@a",
        ])
    func refused(text: String) {
        #expect(throws: VocabularyError.self) { try WebAddress(text) }
    }

    @Test func `an address has at most 512 bytes`() throws {
        let start = "https://a/"
        #expect(try WebAddress(start + String(repeating: "x", count: 512 - start.utf8.count)).text.utf8.count == 512)
        #expect(throws: VocabularyError.self) { try WebAddress(start + String(repeating: "x", count: 513 - start.utf8.count)) }
    }

    @Test func `what is wrong is said without repeating it`() {
        #expect(throws: VocabularyError("an address holds no user and no password")) { try WebAddress("https://canary:canary@a") }
    }
}
