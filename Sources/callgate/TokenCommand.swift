import ArgumentParser
import Foundation
import Gateway
import Signing
import StrictJSON
import Tokens
import Vocabulary

/// `callgate token`: join tokens without a server.
struct TokenCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Mint, explain and verify join tokens without a server.",
        subcommands: [Mint.self, Inspect.self, Verify.self])

    struct Mint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mint a join token for one room and one identity.",
            discussion: """
                Credentials come from the environment: LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or AGORA_APP_ID and AGORA_APP_CERTIFICATE; \
                a secret may stand in a file named by the same variable with _FILE behind it.
                """)

        @Option(help: "livekit or agora.") var provider: String
        @Option(help: "The room's name, <tenant>-room-<id>.") var room: String
        @Option(help: "Who joins: a user id.") var identity: String?
        @Option(help: "Who joins, by number (Agora).") var uid: UInt32?
        @Option(help: "host, participant, viewer or listener.") var role: String
        @Option(help: "The lifetime in seconds, 60 to 600.") var ttl: Int = TokenProfile.lifetimeSecondsDefault
        @Option(help: "Mint as of this Unix time instead of now.") var at: Int64?
        @Option(help: "The salt of an Agora token, a number from 1, instead of a random one.") var salt: UInt32?
        @Flag(help: "Print what the token says beside it, as JSON.") var json = false

        func run() async throws {
            guard let provider = ProviderKind(rawValue: provider) else { throw Refusal.misuse("--provider is livekit or agora") }
            guard let role = Role(rawValue: role) else {
                throw Refusal.misuse("--role is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            guard salt != 0 else { throw Refusal.misuse("--salt is a number from 1 to 4294967295") }
            let room = try asWord("--room") { try RoomName(self.room) }
            let user = try asWord(uid == nil ? "--identity" : "--uid") { try UserID(self.user(provider)) }
            let grant: JoinGrant
            do throws(TokenError) {
                grant = try JoinGrant(
                    room: room, identity: user, role: role, issuedAt: at.map { UnixTime($0) } ?? SystemClock.now(), lifetimeSeconds: ttl,
                    tokenID: SecureRandom.uint128())
            } catch {
                throw Self.refusal(of: error)
            }
            try show(grant, token: try mint(grant, provider), provider)
        }

        /// A refusal in the words of the command line: a field that was given as an option is called by it.
        private static func refusal(of error: TokenError) -> Refusal {
            switch error {
            case .grantRefused(.lifetimeSeconds, let why): .misuse("--ttl: \(why)")
            case .grantRefused(.issuedAt, let why): .misuse("--at: \(why)")
            case .grantRefused(.identity, let why): .misuse("--identity: \(why)")
            case .grantRefused(.room, let why): .misuse("--room: \(why)")
            case .grantRefused, .credentialsRefused, .malformed, .algorithmNotAllowed, .signatureInvalid, .issuerUnknown, .expiryMissing,
                .expired, .notYetValid, .internal:
                .misuse("\(error)")
            }
        }

        private func user(_ provider: ProviderKind) throws -> String {
            switch (identity, uid) {
            case (let identity?, nil): return identity
            case (nil, let uid?) where provider == .agora: return String(uid)
            case (nil, .some): throw Refusal.misuse("--uid is for Agora; LiveKit takes --identity")
            case (nil, nil): throw Refusal.misuse("name who joins: --identity" + (provider == .agora ? " or --uid" : ""))
            case (.some, .some): throw Refusal.misuse("--identity or --uid, not both")
            }
        }

        private func mint(_ grant: JoinGrant, _ provider: ProviderKind) throws -> String {
            let environment = ProcessInfo.processInfo.environment
            do {
                switch provider {
                case .livekit:
                    guard salt == nil else { throw Refusal.misuse("--salt is for Agora") }
                    guard let credentials = try ProviderCredentials.livekit(environment) else {
                        throw Refusal.misuse("set LIVEKIT_API_KEY and LIVEKIT_API_SECRET (or LIVEKIT_API_SECRET_FILE)")
                    }
                    return LiveKitMinter(credentials: credentials).mint(grant)
                case .agora:
                    guard let credentials = try ProviderCredentials.agora(environment) else {
                        throw Refusal.misuse("set AGORA_APP_ID and AGORA_APP_CERTIFICATE (or AGORA_APP_CERTIFICATE_FILE)")
                    }
                    let minter = AgoraMinter(credentials: credentials, identityStyle: uid == nil ? .account : .uid)
                    return try salt.map { try minter.mint(grant, salt: $0) } ?? minter.mint(grant)
                }
            } catch let error as TokenError {
                throw Self.refusal(of: error)
            }
        }

        private func show(_ grant: JoinGrant, token: String, _ provider: ProviderKind) throws {
            guard json else { return try Terminal.show(token) }
            try Terminal.show(
                JSONValue.object([
                    "provider": .string(provider.rawValue), "token": .string(token), "room": .string(grant.room.text),
                    "identity": .string(grant.identity.text), "role": .string(grant.role.rawValue),
                    "issued_at": .string(grant.issuedAt.rfc3339), "expires_at": .string(grant.expiresAt.rfc3339),
                ]).canonicalText)
        }
    }

    /// What inspecting and verifying have in common.
    struct GivenToken: ParsableArguments {
        @Argument(help: "The token; - or nothing reads it from standard input.") var token: String = "-"
        @Option(help: "Judge as of this Unix time instead of now.") var at: Int64?
        @Option(help: "The channel that an Agora client is going to join; format 006 needs it for its signature.") var channel: String?
        @Option(help: "The account or uid that an Agora client is going to join with.") var account: String?

        func inspection() throws -> TokenInspection {
            guard Self.times.contains(at ?? 0) else { throw Refusal.misuse("--at is a Unix time up to the year 9999") }
            let text = token == "-" ? try Self.standardInput() : token
            let keys = try ProviderCredentials.inspectionKeys(ProcessInfo.processInfo.environment)
            return TokenInspector.inspect(
                text, now: at.map { UnixTime($0) } ?? SystemClock.now(), keys: keys, channel: channel, account: account)
        }

        /// The years 1970 to 9999.
        private static let times: ClosedRange<Int64> = 0...253_402_300_799

        private static func standardInput() throws -> String {
            let data = try FileHandle.standardInput.read(upToCount: Limits.inspectedTokenBytesMax + 2) ?? Data()
            let text = String(decoding: data, as: UTF8.self)
            return text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
    }

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a token is, what it allows, and what is wrong with it.",
            discussion: "Ends with 1 when the text is no token that could be read.")

        @OptionGroup var given: GivenToken
        @Flag(help: "Print the inspection as JSON.") var json = false

        func run() async throws {
            let inspection = try given.inspection()
            if json {
                try Terminal.show(inspection.jsonValue.canonicalText)
            } else {
                try Terminal.show(inspection.lines.joined(separator: "\n"))
            }
            if inspection.verdict == .malformed { throw Refusal.no() }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether a token is valid now, by the credentials in the environment.",
            discussion: "Ends with 0 only when the signature was checked and holds and the token is within its times.")

        @OptionGroup var given: GivenToken

        func run() async throws {
            let inspection = try given.inspection()
            try Terminal.show(inspection.verdict.rawValue)
            if inspection.verdict == .notChecked { Terminal.say("No credentials for this token are set; see callgate token mint --help.") }
            if inspection.verdict != .valid { throw Refusal.no() }
        }
    }
}

extension TokenInspection {
    /// The inspection for people, line by line.
    var lines: [String] {
        var lines = ["format: \(format.rawValue)\(provider.map { " (\($0.rawValue))" } ?? "")", "verdict: \(verdict.rawValue)"]
        lines.append("signature: \(signature.rawValue)")
        // From the JSON, which leaves out what RFC 3339 cannot write: a foreign token may hold any number.
        let times = jsonValue
        if let issuedAt = times["issued_at"]?.stringValue { lines.append("issued at: \(issuedAt)") }
        if let expiresAt = times["expires_at"]?.stringValue { lines.append("expires at: \(expiresAt)") }
        for (name, value) in [("header", header), ("claims", claims), ("content", content), ("grants", grants)] {
            if let value { lines.append("\(name): \(value.canonicalText)") }
        }
        for finding in findings { lines.append("\(finding.severity.rawValue): \(finding.message) [\(finding.code)]") }
        return lines
    }
}
