import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

/// The known answers: official tokens, tokens of the reference builders, and what their readers say to spoilt ones.
@Suite struct AgoraKnownAnswerTests {
    @Test func `all known answers are here`() {
        #expect(AgoraVectors.official.count == 40)
        #expect(AgoraVectors.generated.count == 50)
        #expect(AgoraVectors.decodeCases.count == 22)
        #expect(AgoraVectors.builderCases.count == 6)
        #expect(AgoraVectors.webhooks.count == 2)
    }

    @Test(arguments: (AgoraVectors.official + AgoraVectors.generated).filter { $0.version == "006" })
    func `a 006 token is written byte for byte, read and verified`(_ vector: AgoraVector) throws {
        let credentials = try vector.credentials()
        let channel = try vector.text("channel_name")
        let account = try vector.text("uid_signed")
        let privileges = try Self.legacyPrivileges(vector)
        let token = AgoraAccessToken(
            appID: credentials.appID, salt: try vector.number("salt"), ts: try vector.number("ts"), privileges: privileges,
            channelChecksum: AgoraAccessToken.checksum(channel), accountChecksum: AgoraAccessToken.checksum(account))

        let text = try token.text(channel: channel, account: account, key: HMACKey(.sha256, secret: credentials.certificate))
        let read = try AgoraToken.decode(text)

        #expect(text == (try vector.text("token")))
        #expect(read.content == .accessToken(token))
        #expect(read.signature == (try vector.bytes("signature_hex")))
        #expect(token.channelChecksum == (try vector.number("crc_channel")))
        #expect(token.accountChecksum == (try vector.number("crc_uid")))
        #expect(read.check(with: credentials, channel: channel, account: account) == .valid)
        #expect(read.check(with: credentials) == .channelAndAccountNeeded)
        #expect(read.irregularities.isEmpty)
    }

    @Test(arguments: AgoraVectors.official.filter { $0.version == "007" })
    func `an official 007 token is read, verified and written again`(_ vector: AgoraVector) throws {
        let read = try AgoraToken.decode(try vector.text("token"))
        let content = try vector.content(try vector.services())

        #expect(read.content == .accessToken2(content))
        #expect(read.signature == (try vector.bytes("signature_hex")))
        #expect(read.irregularities.isEmpty)
        // One of them is of an app whose certificate nobody published.
        guard vector.has("app_certificate") else { return }
        #expect(read.check(with: try vector.credentials()) == .valid)
        let body = try AgoraBodies.body(of: try AgoraTokenEngine().token(of: content, certificate: try vector.credentials()))
        #expect(body == [32, 0] + (try vector.bytes("signature_hex")) + (try vector.bytes("content_hex")))
    }

    @Test(arguments: AgoraVectors.generated.filter { $0.version == "007" })
    func `a 007 token is written as the reference writes it`(_ vector: AgoraVector) throws {
        let credentials = try vector.credentials()
        let content = try Self.content(of: vector)

        let text = try AgoraTokenEngine().token(of: content, certificate: credentials)
        let textOfZlib = try AgoraTokenEngine(deflate: AgoraDeflate()).token(of: content, certificate: credentials)

        #expect(try AgoraBodies.body(of: text) == [32, 0] + (try vector.bytes("signature_hex")) + (try vector.bytes("content_hex")))
        // The reference is zlib at level 6, as we are: the text must be the same too.
        #expect(textOfZlib == (try vector.text("token")))
        #expect(try AgoraToken.decode(text).check(with: credentials) == .valid)
    }

    @Test(arguments: AgoraVectors.generated.filter { $0.has("token_as_go_encodes_it") })
    func `other encoders' texts say the same`(_ vector: AgoraVector) throws {
        let ours = try AgoraToken.decode(try vector.text("token"))
        for name in ["token_as_go_encodes_it", "token_as_node20_encodes_it"] {
            let theirs = try AgoraToken.decode(try vector.text(name))
            #expect(theirs.content == ours.content)
            #expect(theirs.check(with: try vector.credentials()) == .valid)
        }
    }

    @Test(arguments: AgoraVectors.decodeCases)
    func `a token is judged as the reference's readers judge it`(_ vector: AgoraVector) throws {
        let verdict: String
        do {
            let token = try AgoraToken.decode(try vector.text("token"))
            let hasUnknown = token.irregularities.contains { if case .unknownService = $0 { true } else { false } }
            switch token.check(with: try vector.credentials()) {
            case .valid: verdict = hasUnknown ? "valid_unknown_service" : "valid"
            case .invalid: verdict = "bad_signature"
            case .otherApp: verdict = "wrong_app"
            case .otherChannel, .otherAccount, .channelAndAccountNeeded: verdict = "?"
            }
        } catch TokenError.malformed {
            verdict = "malformed"
        }
        // "either" stands where the reference's own readers pass something over that is not quite right.
        #expect(verdict == (try vector.text("expect")))
    }

    @Test(arguments: AgoraVectors.builderCases)
    func `what the reference's builders refuse is refused`(_ vector: AgoraVector) throws {
        let count = Int(try #require(vector.members["services"]?.integerValue))
        let services = Array(repeating: AgoraService(.rtc(channel: "room-1", account: "42"), privileges: [1: 600]), count: count)
        let build = {
            let credentials = try vector.credentials()
            let content = AgoraContent(
                appID: credentials.appID, issuedAtSeconds: 1_700_000_000, lifetimeSeconds: 600, salt: 1, services: services)
            return try AgoraTokenEngine().token(of: content, certificate: credentials)
        }
        if try vector.text("expect") == "refused" {
            #expect(throws: TokenError.self) { try build() }
        } else {
            #expect(try AgoraToken.decode(try build()).check(with: try vector.credentials()) == .valid)
        }
    }

    /// A row has either what to write, or the name of a reference builder and its arguments.
    private static func content(of vector: AgoraVector) throws -> AgoraContent {
        guard vector.has("builder") else { return try vector.content(try vector.services()) }
        let arguments = try #require(vector.members["builder_arguments"]?.objectValue)
        func number(_ name: String) -> UInt32 { UInt32(arguments[name]?.integerValue ?? 0) }
        func text(_ name: String) -> String { arguments[name]?.stringValue ?? "" }
        let account = arguments["uid"]?.integerValue.map { AgoraContent.account(ofUID: UInt32($0)) } ?? text("account")
        let expiry = number("privilege_expire")
        let ofRole: AgoraPrivileges = number("role") == 1 ? [1: expiry, 2: expiry, 3: expiry, 4: expiry] : [1: expiry]
        let rtc = AgoraService(.rtc(channel: text("channel_name"), account: account), privileges: ofRole)
        var lifetime = number("token_expire")
        let services: [AgoraService]
        switch try vector.text("builder") {
        case "RtcTokenBuilder2.build_token_with_uid", "RtcTokenBuilder2.build_token_with_user_account":
            services = [rtc]
        case "RtcTokenBuilder2.build_token_with_uid_and_privilege":
            let names = ["join_channel", "pub_audio", "pub_video", "pub_data_stream"]
            let each = zip(UInt16(1)..., names.map { number("\($0)_privilege_expire") }).map { (number: $0, expiry: $1) }
            services = [AgoraService(rtc.fields, privileges: AgoraPrivileges(each))]
        case "RtcTokenBuilder2.build_token_with_rtm":
            services = [AgoraService(.rtm(user: account), privileges: [1: lifetime]), rtc]
        case "RtmTokenBuilder2.build_token":
            lifetime = number("expire")
            services = [AgoraService(.rtm(user: text("user_id")), privileges: [1: lifetime])]
        case "ApaasTokenBuilder.build_room_user_token":
            lifetime = number("expire")
            let user = text("user_uuid")
            services = [
                AgoraService(.apaas(room: text("room_uuid"), user: user, role: Int16(number("role"))), privileges: [1: lifetime]),
                AgoraService(.rtm(user: user), privileges: [1: lifetime]),
                // MD5 of "alice", the only user in these rows.
                AgoraService(.chat(user: "6384e2b2184bcbf58eccf10ca7a6563c"), privileges: [1: lifetime]),
            ]
        case "FpaTokenBuilder.build_token":
            lifetime = 86_400
            services = [AgoraService(.fpa, privileges: [1: 0])]
        case let other:
            Issue.record("the builder \(other) is not known here")
            services = []
        }
        return AgoraContent(
            appID: try vector.text("app_id"), issuedAtSeconds: try vector.number("issue_ts"), lifetimeSeconds: lifetime,
            salt: try vector.number("salt"), services: services)
    }

    private static func legacyPrivileges(_ vector: AgoraVector) throws -> AgoraPrivileges {
        guard vector.has("builder") else { return try vector.privileges() }
        let arguments = try #require(vector.members["builder_arguments"]?.objectValue)
        let expiry = UInt32(try #require(arguments["privilegeExpiredTs"]?.integerValue))
        if try vector.text("builder") == "RtmTokenBuilder.buildToken" { return [1000: expiry] }
        return arguments["role"]?.integerValue == 1 ? [1: expiry, 2: expiry, 3: expiry, 4: expiry] : [1: expiry]
    }
}
