import Vocabulary

// What is to be said about a 006 token.
extension FindingList {
    mutating func add(_ token: AgoraAccessToken, now: UnixTime) {
        warning(
            "format_006_weak",
            "The token is of version 006, whose signature joins channel and account without a border: some tokens can be turned "
                + "into others without the certificate. Use 007 (the package agora-token, not agora-access-token).")
        addTimes(of: token, now: now)
        for entry in token.privileges.entries.prefix(AgoraFindings.privilegesMax) { addPrivilege(entry, now: now) }
        let isForRTM = token.privileges[1000] != nil
        if !isForRTM || token.privileges[1] != nil {
            addJoin(expiry: token.privileges[1].map { $0 == 0 ? nil : UnixTime(Int64($0)) }, now)
            if (UInt16(2)...4).allSatisfy({ token.privileges[$0] == nil }) { addSubscriber() }
            addChecksums(of: token)
            note("no_rtm_service", "There is no rtmLogin in this token: a login to Signaling with it fails (error 5).")
        } else {
            warning("no_rtc_service", "This is a token for Signaling (RTM): it cannot join a channel.")
        }
    }

    private mutating func addTimes(of token: AgoraAccessToken, now: UnixTime) {
        let ahead = token.expiresAt.seconds - Int64(AgoraLegacyMinter.tsOffsetSeconds) - now.seconds
        if ahead > 0 {
            warning(
                "issued_in_future",
                "The token ends more than 24 hours from now, by \(ahead) seconds: it was issued by a clock that is ahead.")
        }
        if token.ts < AgoraFindings.absoluteFrom {
            warning("expiry_looks_relative", "The token's limit looks like a span of seconds; 006 wants points in time.")
        }
        addEnd(token.expiresAt, now)
    }

    private mutating func addPrivilege(_ entry: AgoraPrivileges.Entry, now: UnixTime) {
        let known = AgoraAccessToken.privilegeNames[entry.number]
        let name = known ?? String(entry.number)
        if known == nil { note("unknown_privilege", "The privilege \(name) is not known, or was removed in 2021.") }
        if entry.expiry == 0 {
            danger("privilege_never_expires", "The privilege \(name) has expiry 0, which is never: the user stays when the token is over.")
        } else if entry.expiry < AgoraFindings.absoluteFrom {
            warning("expiry_looks_relative", "The expiry of \(name) looks like a span of seconds; 006 wants points in time.")
        } else if Int64(entry.expiry) - now.seconds > AgoraFindings.lifetimeSecondsMax {
            warning("lifetime_over_24h", "The privilege \(name) says it lasts longer than 24 hours; Agora ends the token after 24 hours.")
        }
    }

    /// Channel and account are not in the token, but the checksums of the wildcards are known.
    private mutating func addChecksums(of token: AgoraAccessToken) {
        let wildcards = ["", "*"].map(AgoraAccessToken.checksum)
        if wildcards.contains(token.channelChecksum) {
            danger("wildcard_channel", "By its checksum the channel is empty or \"*\", which opens every channel.")
        }
        if wildcards.contains(token.accountChecksum) {
            danger("wildcard_uid", "By its checksum the uid is 0, empty or \"*\", which is anybody.")
        }
    }
}
