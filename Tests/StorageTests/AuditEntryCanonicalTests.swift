import Calls
import Signing
import Testing
import Vocabulary

@Suite struct AuditEntryCanonicalTests {
    /// A row with everything. Its form and its hash were made by another program, from the description.
    private static func entry() throws -> AuditEntry {
        AuditEntry(
            at: UnixTime(1_800_000_000), tenant: try TenantID("acme"), actor: .user(try UserID("ann")), operation: .mintCallToken,
            subject: "call-öne", requestID: "req_1",
            token: .init(
                id: "0000000000000000000000001", sha256: Array(0..<32), identity: try UserID("ann"),
                room: try RoomName("acme-call-0000000000000000000000007"), role: "participant", provider: .livekit,
                expiresAt: UnixTime(1_800_000_300)))
    }

    private static let salt: [UInt8] = Array(0xF0...0xFF)

    @Test func `the form of a row is the one that is described`() throws {
        let text = String(decoding: try Self.entry().canonicalForm(seq: 42, salt: Self.salt), as: UTF8.self)

        #expect(
            text == """
                16:callgate-audit-1,2:42,32:f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff,10:1800000000,\
                4:acme,8:user:ann,10:call.token,9:call-öne,4:done,5:req_1,\
                25:0000000000000000000000001,64:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,3:ann,\
                35:acme-call-0000000000000000000000007,11:participant,7:livekit,10:1800000300,
                """)
    }

    @Test func `what is not there is a hyphen`() {
        let entry = AuditEntry(
            at: UnixTime(-1), tenant: nil, actor: .service, operation: .closeTenant, subject: "", outcome: "", requestID: nil)

        #expect(
            String(decoding: entry.canonicalForm(seq: .max, salt: []), as: UTF8.self)
                == "16:callgate-audit-1,19:9223372036854775807,0:,2:-1,-,7:service,12:tenant.close,0:,0:,-,-,-,-,-,-,-,-,")
    }

    /// SHA-256 by another program, over 32 zero bytes and the text above.
    @Test func `the hash of a row is made over the hash before it and the form`() throws {
        let zeros = [UInt8](repeating: 0, count: 32)
        let entry = try Self.entry()

        #expect(entry.hashedBytes(seq: 42, salt: Self.salt, after: zeros) == zeros + entry.canonicalForm(seq: 42, salt: Self.salt))
        let digits = Digest.sha256(entry.hashedBytes(seq: 42, salt: Self.salt, after: zeros)).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        #expect(digits.joined() == "8ba0aff20cbe9ff37c9d3aecf72b11e77781b34d56020d1cfb8d49935781eee8")
    }

    @Test func `texts cannot be moved from one field to the next`() {
        func form(_ subject: String, _ outcome: String, _ request: String?) -> [UInt8] {
            AuditEntry(
                at: UnixTime(0), tenant: nil, actor: .machine, operation: .createKey, subject: subject, outcome: outcome, requestID: request
            ).canonicalForm(seq: 1, salt: Self.salt)
        }
        let forms = [
            form("a", "b", nil), form("ab", "", nil), form("", "ab", nil), form("a,1:b", "", nil), form("a", "b", ""), form("a", "b", "-"),
            form("a,", "b", nil), form("a", ",b", nil),
        ]
        #expect(Set(forms).count == forms.count)
    }
}
