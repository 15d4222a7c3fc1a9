public import Vocabulary

/// Says in plain words what is wrong with an Agora token, too broad, or likely to be mistaken.
///
/// The causes are those that people asked about: uid or channel other than at the join, times that are relative where they should be
/// absolute, tokens of another product, lost certificates. Findings come in the order: format, signature, time, services.
public enum AgoraFindings {
    /// Agora honours no token for longer than this, whatever it says.
    static let lifetimeSecondsMax = 86_400
    /// How many services, and privileges of one service, are looked at: an honest token has a handful of each.
    static let servicesMax = 32
    static let privilegesMax = 32
    /// Times from here on are Unix times (2001), below they are spans.
    static let absoluteFrom: UInt32 = 1_000_000_000

    /// What is to be said about a token that could be read.
    /// - Parameters:
    ///   - credentials: with them the signature is looked at too.
    ///   - channel, account: what the client is going to join with, where that is known.
    public static func of(
        _ token: AgoraToken, now: UnixTime, credentials: AgoraCredentials? = nil, channel: String? = nil, account: String? = nil
    ) -> [TokenFinding] {
        var findings = FindingList()
        for irregularity in token.irregularities { findings.add(irregularity) }
        if let credentials { findings.add(token.check(with: credentials, channel: channel, account: account)) }
        switch token.content {
        case .accessToken2(let content): findings.add(content, now: now)
        case .accessToken(let content): findings.add(content, now: now)
        }
        return findings.findings
    }

    /// What is to be said about a text that could not be read.
    public static func of(_ damage: AgoraDamage) -> [TokenFinding] {
        [TokenFinding(code: damage.code, severity: .warning, message: damage.message)]
    }
}

extension FindingList {
    mutating func add(_ irregularity: AgoraIrregularity) {
        switch irregularity {
        case .unknownService: note(irregularity.code, irregularity.message)
        case .lineBreaks, .surroundingSpace, .bytesAfterStream, .bytesAfterContent, .signatureLength, .appIDMalformed,
            .privilegesOutOfOrder,
            .textNotUTF8:
            warning(irregularity.code, irregularity.message)
        }
    }

    mutating func add(_ verdict: AgoraToken.SignatureVerdict) {
        switch verdict {
        case .valid: break
        case .invalid:
            warning(
                "signature_mismatch",
                "The signature does not match this certificate: another project's, the secondary one, one in another letter case, or the "
                    + "token was changed. (renewToken: 3, invalid)")
        case .otherApp: warning("app_id_differs", "The token is for another app id. (renewToken: 5)")
        case .otherChannel: warning("channel_differs", "The token is for another channel than the one to join: error 110. (renewToken: 4)")
        case .otherAccount: warning("account_differs", "The token is for another uid or account than the one to join with: error 110.")
        case .channelAndAccountNeeded:
            note(
                "channel_and_account_needed", "A 006 token does not hold its channel and account; give both to have its signature checked.")
        }
    }
}
