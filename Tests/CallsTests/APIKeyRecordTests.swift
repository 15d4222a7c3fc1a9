import Calls
import Testing
import Vocabulary

@Suite struct APIKeyRecordTests {
    static let start = UnixTime(1_800_000_000)

    static func key(expiresAt: UnixTime?) -> APIKeyRecord {
        APIKeyRecord(
            id: APIKeyID(random: 1), tenant: nil, scopes: [.keysAdmin], label: nil, prefix: "cg_live_abcd",
            digest: [UInt8](repeating: 1, count: 32),
            createdAt: start, expiresAt: expiresAt)
    }

    @Test(arguments: [(0, true), (59, true), (60, false), (61, false)])
    func `a key opens until the second in which it expires`(second: Int, isActive: Bool) {
        #expect(Self.key(expiresAt: Self.start + 60).isActive(at: Self.start + second) == isActive)
    }

    @Test func `a key without an end opens at any later moment`() {
        #expect(Self.key(expiresAt: nil).isActive(at: UnixTime(.max)))
    }

    @Test(arguments: [nil, 60]) func `a revoked key opens nothing at any moment`(lifetime: Int?) {
        let key = Self.key(expiresAt: lifetime.map { Self.start + $0 }).revoked(at: Self.start + 30)

        for second in [0, 29, 30, 31, 60] { #expect(!key.isActive(at: Self.start + second)) }
    }

    @Test func `revoking twice keeps the first moment`() {
        let revoked = Self.key(expiresAt: nil).revoked(at: Self.start + 1)

        #expect(revoked.revokedAt == Self.start + 1)
        #expect(revoked.revoked(at: Self.start + 2) == revoked)
    }
}
