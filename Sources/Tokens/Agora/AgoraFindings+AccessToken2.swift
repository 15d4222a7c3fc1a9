import Vocabulary

// What is to be said about the content of a 007 token.
extension FindingList {
    mutating func add(_ content: AgoraContent, now: UnixTime) {
        addTimes(of: content, now: now)
        if content.services.isEmpty { warning("no_service", "No service that is known here is in this token.") }
        if content.services.count > AgoraFindings.servicesMax {
            warning(
                "too_many_services",
                "The token has \(content.services.count) services; only the first \(AgoraFindings.servicesMax) were looked at.")
        }
        for service in content.services.prefix(AgoraFindings.servicesMax) {
            addPrivileges(of: service, in: content, now: now)
            addNames(of: service)
        }
        let kinds = Set(content.services.map(\.kind))
        if !kinds.isEmpty, !kinds.contains(.rtc) {
            warning("no_rtc_service", "There is no RTC service in this token: it cannot join a channel.")
        }
        if kinds.contains(.rtc), kinds.isDisjoint(with: [.rtm, .rtm2]) {
            note("no_rtm_service", "There is no RTM service in this token: a login to Signaling with it fails (error 5).")
        }
    }

    private mutating func addTimes(of content: AgoraContent, now: UnixTime) {
        let ahead = content.issuedAt.seconds - now.seconds
        if ahead > 0 {
            let message = "The token was issued \(ahead) seconds from now: one of the two clocks is wrong."
            if ahead > 60 { warning("issued_in_future", message) } else { note("issued_in_future", message) }
        }
        if content.lifetimeSeconds >= AgoraFindings.absoluteFrom {
            warning("expiry_looks_absolute", "The lifetime looks like a point in time; 007 wants seconds from the time of issue.")
        }
        if content.lifetimeSeconds > AgoraFindings.lifetimeSecondsMax {
            warning("lifetime_over_24h", "The token says it lives longer than 24 hours; Agora ends it after 24 hours.")
        }
        addEnd(content.expiresAt, now)
    }

    mutating func addEnd(_ expiresAt: UnixTime, _ now: UnixTime) {
        if expiresAt <= now {
            warning(
                "expired",
                "The token expired at \(expiresAt.rfc3339): error 109. If every token looks like this, its times were computed once "
                    + "and kept. (renewToken: 2)")
        } else if expiresAt.seconds - now.seconds > 3600 {
            note(
                "cannot_be_revoked",
                "The token lives for more than an hour yet, and Agora cannot revoke one. Mint short ones and renew them.")
        }
    }

    private mutating func addPrivileges(of service: AgoraService, in content: AgoraContent, now: UnixTime) {
        let kind = service.kind
        for entry in service.privileges.entries.prefix(AgoraFindings.privilegesMax) {
            let name = "\(kind.title) \(kind.privilegeName(entry.number))"
            if !(1...kind.privilegeNames.count).contains(Int(entry.number)) {
                note("unknown_privilege", "The privilege \(name) is not known.")
            }
            if entry.expiry == 0 {
                danger(
                    "privilege_never_expires",
                    "The privilege \(name) has expiry 0, which Agora reads as never: the user stays when the token is over. "
                        + "Give it the token's expiry."
                )
            } else if entry.expiry >= AgoraFindings.absoluteFrom {
                warning(
                    "expiry_looks_absolute", "The expiry of \(name) looks like a point in time; 007 wants seconds from the time of issue.")
            } else if entry.expiry > content.lifetimeSeconds {
                warning(
                    "privilege_outlives_token", "The privilege \(name) lasts longer than the token: the user stays when the token is over.")
            } else if entry.expiry < content.lifetimeSeconds {
                note("privilege_ends_early", "The privilege \(name) ends before the token does.")
            }
        }
        guard kind == .rtc else { return }
        addJoin(expiry: service.privileges[1].map { $0 == 0 ? nil : content.issuedAt + Int($0) }, now)
        if (UInt16(2)...4).allSatisfy({ service.privileges[$0] == nil }) { addSubscriber() }
    }

    /// `expiry` is nil where nobody may join, and holds nil where the permission never ends.
    mutating func addJoin(expiry: UnixTime??, _ now: UnixTime) {
        guard let expiry else { return warning("no_join_privilege", "The token opens no channel: the privilege joinChannel is missing.") }
        if let expiry, expiry <= now {
            warning("join_expired", "The privilege joinChannel expired at \(expiry.rfc3339): whoever is in the channel was put out.")
        }
    }

    mutating func addSubscriber() {
        note(
            "subscriber_needs_cohost_authentication",
            "Nothing may be published with this token, if the Agora project has co-host authentication enabled. "
                + "Otherwise a subscriber can publish."
        )
    }

    private mutating func addNames(of service: AgoraService) {
        switch service.fields {
        case .rtc(let channel, let account), .streaming(let channel, let account), .fcdn(let channel, let account):
            addChannel(channel)
            addAccount(account)
        case .apaas(let room, _, _):
            if room.contains("*") { addChannel(room) }
        case .rtm, .fpa, .chat, .rtm2:
            break
        }
    }

    private mutating func addChannel(_ channel: String) {
        if channel.isEmpty || channel.utf8.contains(UInt8(ascii: "*")) {
            danger("wildcard_channel", "The channel is \(Self.quoted(channel)), which opens every channel that fits, not one.")
        } else if channel.utf8.count > 64 || !channel.utf8.allSatisfy(Self.isAllowed) {
            warning(
                "channel_not_allowed",
                "The channel \(Self.quoted(channel)) is longer than 64 bytes or has characters that Agora does not take.")
        }
    }

    private mutating func addAccount(_ account: String) {
        let isDigits = !account.isEmpty && account.utf8.allSatisfy { (0x30...0x39).contains($0) }
        if account.isEmpty || account.utf8.contains(UInt8(ascii: "*")) {
            danger("wildcard_uid", "The uid is \(Self.quoted(account)), which is anybody, not one person.")
        } else if account == "0" {
            warning(
                "uid_is_text_zero", "The account is the text \"0\". It is not uid 0 to Agora's builders, and may be to its SDKs: avoid it.")
        } else if isDigits, account.utf8.first == UInt8(ascii: "0") || UInt32(account) == nil {
            warning(
                "uid_ambiguous", "The uid \(Self.quoted(account)) is digits but no plain number up to 4294967295; readers disagree on it.")
        } else if !isDigits {
            note(
                "uid_is_text",
                "The token is for the account \(Self.quoted(account)): join with a user account, not with a numeric uid, "
                    + "or error 110 follows."
            )
        }
        if account.utf8.count > 255 || !account.utf8.allSatisfy(Self.isAllowed), !account.utf8.contains(UInt8(ascii: "*")) {
            warning(
                "account_not_allowed",
                "The account \(Self.quoted(account)) is longer than 255 bytes or has characters that Agora does not take.")
        }
    }

    /// The 89 characters of channels and accounts.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: punctuation.contains(byte)
        }
    }

    private static let punctuation: Set<UInt8> = Set(" !#$%&()+-:;<=.>?@[]^_{}|~,".utf8)
}
