import Signing
import TestSupport
import Testing
import Vocabulary

@testable import Tokens

/// 006, the weak format: what can be forged in it, and that it cannot be forged out of our tokens.
@Suite struct AgoraLegacyMinterTests {
    /// Turns a 006 token for (channel, account) into one for (forgedChannel, forgedAccount), as somebody without the certificate can:
    /// new checksums, and where the message moves, a new message.
    static func forged(_ token: String, channel: String, account: String, message: [UInt8]? = nil) throws -> String {
        let content = try Base64.decode(String(token.dropFirst(35)))
        let oldMessage = Array(content.dropFirst(2 + 32 + 8 + 2))
        var writer = AgoraWriter()
        writer.write(raw: content.prefix(34))
        writer.write(AgoraAccessToken.checksum(channel))
        writer.write(AgoraAccessToken.checksum(account))
        let message = message ?? oldMessage
        try writer.write(count: message.count)
        writer.write(raw: message)
        return token.prefix(35) + Base64.encode(writer.bytes)
    }

    static func message(of token: String) throws -> [UInt8] {
        Array(try Base64.decode(String(token.dropFirst(35))).dropFirst(2 + 32 + 8 + 2))
    }

    /// Until when a message lets somebody join; nil where it cannot be read, or lets nobody.
    static func joinExpiry(inMessage message: [UInt8]) -> UInt32? {
        do {
            var reader = AgoraReader(message, from: 8)
            return try reader.privileges()[1]
        } catch {
            return nil
        }
    }

    @Test(arguments: Role.allCases)
    func `a legacy token is read back and holds for its room and person only`(_ role: Role) throws {
        let credentials = try AgoraSample.credentials()
        let grant = try AgoraSample.grant(role: role)

        let token = try AgoraToken.decode(try AgoraLegacyMinter(credentials: credentials).mint(grant))

        #expect(token.version == .accessToken)
        #expect(token.check(with: credentials, channel: grant.room.text, account: "42") == .valid)
        #expect(token.check(with: credentials, channel: try AgoraSample.room(2).text, account: "42") == .otherChannel)
        #expect(token.check(with: credentials, channel: grant.room.text, account: "43") == .otherAccount)
        guard case .accessToken(let content) = token.content else { return #expect(Bool(false)) }
        #expect(content.ts == 1_700_086_400)
        #expect(content.privileges.entries.allSatisfy { $0.expiry == 1_700_000_300 })
        #expect(content.privileges[1] != nil)
        #expect((content.privileges[4] != nil) == TokenProfile.of(role).data)
    }

    @Test func `the known forgery works on free room names`() throws {
        // room1/23 becomes room/123: this is what the format allows, and why this minter takes no free names.
        let credentials = try AgoraSample.credentials()
        let key = HMACKey(.sha256, secret: credentials.certificate)
        let content = AgoraAccessToken(
            appID: credentials.appID, salt: 1, ts: 1_700_086_400, privileges: [1: 1_700_000_300],
            channelChecksum: AgoraAccessToken.checksum("room1"), accountChecksum: AgoraAccessToken.checksum("23"))
        let token = try content.text(channel: "room1", account: "23", key: key)

        let forged = try AgoraToken.decode(try Self.forged(token, channel: "room", account: "123"))

        #expect(forged.check(with: credentials, channel: "room", account: "123") == .valid)
    }

    @Test func `the names of the known forgery are no room names`() {
        for name in ["room1", "room"] { #expect(throws: VocabularyError.self) { try RoomName(name) } }
    }

    @Test func `no token of ours opens another room of ours, wherever the border is moved to`() throws {
        let credentials = try AgoraSample.credentials()
        var random = SeededGenerator(seed: 5)
        // Tenants that look as much like room names as they may.
        let tenants = ["a", "acme", "a-room-1", "a-call-00000000000000000000000", "a-room-room-call-1"]
        for tenant in try tenants.map(TenantID.init) {
            for kind in RoomName.Kind.allCases {
                let room = RoomName(tenant: tenant, kind: kind, random: UInt128(random.next()) << 64 | UInt128(random.next()))
                let account = "1234567890-room-0123456789012345678901234"
                let token = try AgoraLegacyMinter(credentials: credentials).mint(try AgoraSample.grant(account, room: room))
                let joined = Array((room.text + account).utf8)
                for border in 1..<joined.count where border != room.text.utf8.count {
                    let channel = String(decoding: joined[..<border], as: UTF8.self)
                    let rest = String(decoding: joined[border...], as: UTF8.self)
                    // The forged token holds for Agora, but never for a name that is a room.
                    let forged = try AgoraToken.decode(try Self.forged(token, channel: channel, account: rest))
                    #expect(forged.check(with: credentials, channel: channel, account: rest) == .valid)
                    #expect(throws: VocabularyError.self) { try RoomName(channel) }
                }
            }
        }
    }

    @Test func `a tenant that reads as a room name does not exist`() {
        #expect(throws: VocabularyError.self) { try TenantID("a-room-0000000000000000000000000") }
    }

    @Test(arguments: Role.allCases)
    func `no token of ours becomes one of a shorter or longer account`(_ role: Role) throws {
        let credentials = try AgoraSample.credentials()
        let minter = AgoraLegacyMinter(credentials: credentials)
        var random = SeededGenerator(seed: 6)
        let account = "alice-phone1-0123456789"
        for round in 0..<400 {
            // Also times whose bytes are small, which could pass for counts.
            let time = round % 3 == 0 ? 0x6600_0000 + Int64(random.next() % 600) : 1_700_000_000 + Int64(random.next() % 900_000_000)
            let token = try minter.mint(
                try AgoraSample.grant(
                    account, role: role, issuedAt: UnixTime(time), lifetimeSeconds: 60 + Int(random.next() % 541),
                    tokenID: round % 2 == 0 ? UInt128(random.next()) : UInt128(random.next() % 8) << 16 | UInt128(random.next() % 65_536)))
            let message = try Self.message(of: token)
            // Bytes of the message given to the account: the very first cannot stand in one.
            #expect(message[0] >= 0x80)
            // Bytes of the account given to the message.
            for count in 1..<account.utf8.count {
                let moved = Array(account.utf8.suffix(count)) + message
                guard let join = Self.joinExpiry(inMessage: moved) else { continue }
                #expect(join != 0 && Int64(join) < time, "\(count) bytes moved at \(time)")
            }
        }
    }

    @Test func `without a safe salt the account could be shortened`() throws {
        // The upper half of the salt passes for the count of privileges, its lower half for the end of a time to come.
        let credentials = try AgoraSample.credentials()
        let key = HMACKey(.sha256, secret: credentials.certificate)
        let room = try AgoraSample.room().text
        let content = AgoraAccessToken(
            appID: credentials.appID, salt: 0x0002_7000, ts: 1_700_086_400, privileges: [1: 1_700_000_300],
            channelChecksum: AgoraAccessToken.checksum(room), accountChecksum: AgoraAccessToken.checksum("alice-phone1"))
        let token = try content.text(channel: room, account: "alice-phone1", key: key)
        let message = Array("phone1".utf8) + (try Self.message(of: token))

        let forged = try AgoraToken.decode(try Self.forged(token, channel: room, account: "alice-", message: message))

        #expect(forged.check(with: credentials, channel: room, account: "alice-") == .valid)
        guard case .accessToken(let read) = forged.content else { return #expect(Bool(false)) }
        #expect(read.privileges[1] == 1_700_000_300)
        #expect(Int64(read.ts) > 1_700_000_300)
        #expect(!AgoraLegacyMinter.isSafe(salt: content.salt))
    }

    @Test func `salts are made safe, and unsafe ones are refused`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<1000 { #expect(AgoraLegacyMinter.isSafe(salt: AgoraLegacyMinter.salt(of: UInt128(random.next())))) }
        let minter = AgoraLegacyMinter(credentials: try AgoraSample.credentials())
        for salt in [0, 1, 99_999_999, 0x1010_1010, 0x0F10_1080, 0x1010_0F80] as [UInt32] {
            #expect(throws: TokenError.self) { try minter.mint(try AgoraSample.grant(), salt: salt) }
        }
        #expect(throws: Never.self) { try minter.mint(try AgoraSample.grant(), salt: 0x1010_1080) }
    }

    @Test func `an app with numeric uids takes no other identity here either`() throws {
        let minter = AgoraLegacyMinter(credentials: try AgoraSample.credentials(), identityStyle: .uid)
        #expect(throws: TokenError.self) { try minter.mint(try AgoraSample.grant("alice")) }
        #expect(throws: Never.self) { try minter.mint(try AgoraSample.grant("7")) }
    }
}
