import Signing
import StrictJSON
import TestSupport
import Testing
import Vocabulary

@testable import Tokens

/// Reading tokens of any origin: nothing changed passes, nothing odd is silent, nothing hostile costs much.
@Suite struct AgoraTokenTests {
    static func token(_ services: [AgoraService]) throws -> String {
        let credentials = try AgoraSample.credentials()
        let content = AgoraContent(
            appID: credentials.appID, issuedAtSeconds: 1_700_000_000, lifetimeSeconds: 3600, salt: 12_345_678, services: services)
        return try AgoraTokenEngine().token(of: content, certificate: credentials)
    }

    static let rtc = AgoraService(.rtc(channel: "room-1", account: "42"), privileges: [1: 3600, 2: 3600])
    static let everyKind: [AgoraService] = [
        rtc, AgoraService(.rtm(user: "42"), privileges: [1: 3600]),
        AgoraService(.streaming(channel: "live", account: "5"), privileges: [1: 3600]), AgoraService(.fpa, privileges: [1: 0]),
        AgoraService(.chat(user: "42"), privileges: [1: 3600]), AgoraService(.fcdn(channel: "live", account: "c"), privileges: [2: 3600]),
        AgoraService(.apaas(room: "r", user: "u", role: -1), privileges: [1: 3600]),
        AgoraService(
            .rtm2(user: "u", permissions: AgoraRTM2Permissions([.init(resource: 1, permission: 0, names: ["b", "a"])])),
            privileges: [1: 3600]),
    ]

    /// The damage that reading ends in, nil where it can be read.
    static func damage(_ text: String) -> AgoraDamage? {
        do {
            _ = try AgoraToken.read(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `no single bit of a 007 body can be changed`() throws {
        let credentials = try AgoraSample.credentials()
        for services in [[Self.rtc], Self.everyKind] {
            let body = try AgoraBodies.body(of: try Self.token(services))
            #expect(try AgoraToken.decode(AgoraBodies.token(of: body)).signatureIsValid(with: credentials))
            for bit in 0..<body.count * 8 {
                var changed = body
                changed[bit / 8] ^= 1 << (bit % 8)
                do {
                    let token = try AgoraToken.decode(AgoraBodies.token(of: changed))
                    #expect(!token.signatureIsValid(with: credentials), "bit \(bit)")
                } catch {
                    guard case .malformed = error else { throw error }
                }
            }
        }
    }

    @Test func `no single bit of a 006 token can be changed`() throws {
        let credentials = try AgoraSample.credentials()
        let token = try AgoraLegacyMinter(credentials: credentials).mint(try AgoraSample.grant())
        let channel = try AgoraSample.room().text
        let head = String(token.prefix(35))
        let content = try Base64.decode(String(token.dropFirst(35)))
        #expect(try AgoraToken.decode(token).signatureIsValid(with: credentials, channel: channel, account: "42"))
        for bit in 0..<content.count * 8 {
            var changed = content
            changed[bit / 8] ^= 1 << (bit % 8)
            do {
                let token = try AgoraToken.decode(head + Base64.encode(changed))
                #expect(!token.signatureIsValid(with: credentials, channel: channel, account: "42"), "bit \(bit)")
            } catch {
                guard case .malformed = error else { throw error }
            }
        }
    }

    @Test func `every kind of service comes back as it was written`() throws {
        let token = try AgoraToken.decode(try Self.token(Self.everyKind.reversed()))

        guard case .accessToken2(let content) = token.content else { return #expect(Bool(false)) }
        #expect(content.services == Self.everyKind)
        #expect(token.irregularities.isEmpty)
    }

    @Test func `a certificate in another letter case does not fit`() throws {
        let token = try AgoraToken.decode(try Self.token([Self.rtc]))
        let other = try AgoraCredentials(
            appID: "0123456789abcdef0123456789abcdef", certificate: Secret(utf8: "FEDCBA9876543210FEDCBA9876543210"))
        #expect(token.check(with: other) == .invalid)
    }

    @Test func `channel and account are compared when they are given`() throws {
        let token = try AgoraToken.decode(
            try Self.token([Self.rtc, AgoraService(.rtc(channel: "room-2", account: "43"), privileges: [1: 1])]))
        let credentials = try AgoraSample.credentials()
        #expect(token.check(with: credentials, channel: "room-1", account: "42") == .valid)
        #expect(token.check(with: credentials, channel: "room-2", account: "43") == .valid)
        #expect(token.check(with: credentials, channel: "room-3") == .otherChannel)
        #expect(token.check(with: credentials, channel: "room-1", account: "43") == .otherAccount)
        #expect(token.check(with: credentials, account: "4") == .otherAccount)
    }

    /// Agora's own readers let these pass; so do we, and say so.
    @Test func `oddities that readers disagree on are read and reported`() throws {
        let credentials = try AgoraSample.credentials()
        let token = try Self.token([Self.rtc])
        let body = try AgoraBodies.body(of: token)
        let content = Array(body.dropFirst(34))
        let wrapped = String(token.prefix(60)) + "\r\n" + String(token.dropFirst(60))
        let signed = AgoraBodies.token(signing: content + [1, 2, 3], issuedAtSeconds: 1_700_000_000, salt: 12_345_678, credentials)
        let odd: [(String, AgoraIrregularity)] = [
            (wrapped, .lineBreaks), (" " + token + "\n", .surroundingSpace), (signed, .bytesAfterContent(3)),
            (AgoraBodies.token(of: body, trailing: [9, 9]), .bytesAfterStream(2)),
        ]
        for (text, irregularity) in odd {
            let read = try AgoraToken.decode(text)
            #expect(read.irregularities == [irregularity])
            #expect(read.check(with: credentials) == .valid)
        }
    }

    @Test func `unknown services stay under the signature and end the reading`() throws {
        let credentials = try AgoraSample.credentials()
        var content = Array(try AgoraBodies.body(of: try Self.token([Self.rtc])).dropFirst(34))
        // The count of services stands behind app id, time, lifetime and salt.
        content[2 + 32 + 12] = 2
        let text = AgoraBodies.token(
            signing: content + [0xE7, 0x03, 0xFF, 0xFF], issuedAtSeconds: 1_700_000_000, salt: 12_345_678, credentials)

        let token = try AgoraToken.decode(text)

        #expect(token.irregularities == [.unknownService(999)])
        #expect(token.check(with: credentials) == .valid)
    }

    @Test func `what happens to tokens on their way is named`() throws {
        let token = try AgoraVectors.decodeCases[0].text("token")
        #expect(Self.damage("") == .empty)
        #expect(Self.damage(" \n") == .empty)
        #expect(Self.damage("007") == .truncated)
        #expect(Self.damage(token.replacing("+", with: " ")) == .plusBecameSpace)
        #expect(Self.damage(token.replacing("+", with: "-").replacing("/", with: "_")) == .urlSafeAlphabet)
        #expect(Self.damage(token.replacing("=", with: "")) == .missingPadding)
        #expect(Self.damage(String(token.dropLast())) == .missingPadding)
        for length in 4..<token.count - 4 { #expect(Self.damage(String(token.prefix(length))) == .truncated, "\(length)") }
        #expect(Self.damage(token.replacing("x", with: "*")) == .notBase64)
        #expect(Self.damage(token + "====") == .notBase64)
        #expect(Self.damage(String(repeating: "A", count: 200_000)) == .tooLong)
        #expect(Self.damage("007" + Base64.encode([1, 2, 3])) == .zlib("it is no zlib stream, or its checksum is wrong"))
        #expect(Self.damage(AgoraBodies.token(of: [32, 0, 1])) == .endsInside("the signature"))
    }

    @Test func `a 006 token that was cut is told from one that lost its padding`() throws {
        let token = try #require(AgoraVectors.generated.first { $0.id == "006-o10" }).text("token")
        for length in [3, 20, 35, 37, 60, token.count - 1, token.count - 4] {
            #expect(
                Self.damage(String(token.prefix(length))).map { [.truncated, .endsInside("the message")].contains($0) } == true, "\(length)"
            )
        }
        // No builder writes a 006 token with padding: 54 bytes and 6 for each privilege are whole groups of three. One may have it.
        let padded = String(token.prefix(35)) + Base64.encode(try Base64.decode(String(token.dropFirst(35))) + [0])
        #expect(try AgoraToken.decode(padded).irregularities == [.bytesAfterContent(1)])
        #expect(Self.damage(padded.replacing("=", with: "")) == .missingPadding)
    }

    @Test func `a bomb is not inflated`() throws {
        let limit = AgoraInflate.bytesMax
        #expect(Self.damage(AgoraBodies.token(of: [UInt8](repeating: 0, count: 16 << 20))) == .inflatesTooFar)
        #expect(Self.damage(AgoraBodies.token(of: [UInt8](repeating: 0, count: limit + 1))) == .inflatesTooFar)
        // At the limit it is read, and ends for another reason: the content of zeros is an empty one, with zeros behind it.
        #expect(Self.damage(AgoraBodies.token(of: [UInt8](repeating: 0, count: limit))) == nil)
    }

    @Test(arguments: [1, 1000, 1023, 1024, 10_000])
    func `a token of nothing but entries is read up to a bound`(_ count: Int) throws {
        // App id, time, lifetime, salt and one service, then privileges in falling order.
        var sample = AgoraWriter()
        try sample.write(AgoraContent(appID: "x", issuedAtSeconds: 1, lifetimeSeconds: 1, salt: 1, services: [Self.rtc]))
        var writer = AgoraWriter()
        writer.write(raw: sample.bytes.prefix(2 + 1 + 12 + 2) + [1, 0])
        try writer.write(count: count)
        for number in (0..<count).reversed() {
            writer.write(UInt16(number))
            writer.write(UInt32(5))
        }
        try writer.write("room")
        try writer.write("1")
        let text = AgoraBodies.token(of: [0, 0] + writer.bytes)

        // The service counts as well.
        guard count < AgoraReader.entriesMax else { return #expect(Self.damage(text) == .tooManyEntries) }
        let token = try AgoraToken.decode(text)
        guard case .accessToken2(let content) = token.content else { return #expect(Bool(false)) }
        #expect(content.services.first?.privileges.entries.map(\.number) == (0..<UInt16(count)).map(\.self))
        #expect(token.irregularities.contains(.privilegesOutOfOrder) == (count > 1))
        #expect(AgoraFindings.of(token, now: AgoraSample.issuedAt).count <= 3 * TokenInspection.findingsMax)
    }

    @Test func `random bytes never do more than fail`() throws {
        var random = SeededGenerator(seed: 99)
        for _ in 0..<2000 {
            let body = (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            for text in [
                AgoraBodies.token(of: body), "006" + String(repeating: "a", count: 32) + Base64.encode(body), "007" + Base64.encode(body),
            ] {
                do {
                    let token = try AgoraToken.decode(text)
                    #expect(!token.signatureIsValid(with: try AgoraSample.credentials(), channel: "c", account: "a"))
                    #expect(!AgoraFindings.of(token, now: AgoraSample.issuedAt).isEmpty)
                } catch TokenError.malformed {
                    continue
                }
            }
        }
    }

    @Test func `a text that is not UTF-8 is shown with replacements and still verified`() throws {
        let credentials = try AgoraSample.credentials()
        var content = Array(try AgoraBodies.body(of: try Self.token([Self.rtc])).dropFirst(34))
        content[content.count - 3 - 2] = 0xFF
        let token = try AgoraToken.decode(
            AgoraBodies.token(signing: content, issuedAtSeconds: 1_700_000_000, salt: 12_345_678, credentials))
        #expect(token.irregularities == [.textNotUTF8])
        #expect(token.check(with: credentials) == .valid)
    }

    @Test func `texts and counts that do not fit are refused`() throws {
        let long = String(repeating: "x", count: 65_536)
        #expect(throws: TokenError.self) { try Self.token([AgoraService(.rtc(channel: long, account: "1"), privileges: [1: 1])]) }
        #expect(throws: TokenError.self) { try Self.token([]) }
        let longest = AgoraService(.rtm(user: String(long.dropLast())), privileges: [1: 1])
        #expect(Self.damage(try Self.token([longest])) == .inflatesTooFar)
        #expect(throws: TokenError.self) { try Self.token(Array(repeating: Self.rtc, count: 65_536)) }
    }

    @Test func `a token as JSON has Agora's names`() throws {
        let token = try AgoraToken.decode(try Self.token([Self.rtc]))
        let expected: JSONValue = [
            "version": "007", "app_id": "0123456789abcdef0123456789abcdef", "issue_ts": 1_700_000_000, "expire": 3600, "salt": 12_345_678,
            "services": [
                [
                    "type": 1, "name": "RTC", "channel_name": "room-1", "uid": "42",
                    "privileges": ["joinChannel": 3600, "publishAudioStream": 3600],
                ]
            ],
        ]
        #expect(token.jsonValue == expected)
        #expect(
            token.grants == ["joinChannel": true, "publishAudioStream": true, "publishVideoStream": false, "publishDataStream": false])
        #expect(try AgoraToken.decode(try Self.token([AgoraService(.fpa, privileges: [1: 1])])).grants == nil)
        for vector in AgoraVectors.official { #expect(try AgoraToken.decode(try vector.text("token")).jsonValue.objectValue != nil) }
        let nul = try AgoraToken.decode(try Self.token([AgoraService(.rtm(user: "a\0b"), privileges: [1: 1])]))
        #expect(nul.jsonValue.canonicalText.contains("a\u{FFFD}b"))
    }

    @Test(arguments: Role.allCases)
    func `the grants of a minted token are those that the profiles publish`(_ role: Role) throws {
        let grant = try AgoraSample.grant(role: role)
        let credentials = try AgoraSample.credentials()
        let minted = [try AgoraMinter(credentials: credentials).mint(grant), try AgoraLegacyMinter(credentials: credentials).mint(grant)]
        for token in minted { #expect(try AgoraToken.decode(token).grants == role.agoraGrant(grant.publishSet)) }
    }
}
