internal import Vocabulary

/// The inspector's part for Agora's living formats, 006 and 007.
enum AgoraInspection {
    static func inspect(
        _ text: String, _ format: AgoraFormat, _ now: UnixTime, _ keys: [InspectionKey], _ channel: String?, _ account: String?
    ) -> TokenInspection {
        let name: TokenInspection.Format = format == .accessToken ? .agora006 : .agora007
        let token: AgoraToken
        do {
            token = try AgoraToken.read(text)
        } catch {
            return TokenInspection(name, .agora, verdict: .malformed, findings: AgoraFindings.of(error))
        }
        let known = keys.agoraCredentials(for: token.appID)
        // The certificate that signed it, or where none did, the one that is in use.
        let credentials = known.first { signature(of: token, $0, channel, account) == .valid } ?? known.first
        var inspection = TokenInspection(name, .agora, verdict: .notChecked)
        inspection.signature = signature(of: token, credentials, channel, account)
        inspection.findings = AgoraFindings.of(token, now: now, credentials: credentials, channel: channel, account: account)
        if credentials == nil, keys.hasAgora {
            inspection.findings.append(
                TokenFinding(
                    code: "app_id_unknown", severity: .note, message: "The token is for an app id that there is no certificate for here."))
        }
        inspection.describe(token)
        inspection.verdict = verdict(of: token, inspection, now)
        return inspection
    }

    private static func signature(
        of token: AgoraToken, _ credentials: AgoraCredentials?, _ channel: String?, _ account: String?
    ) -> TokenInspection.Signature {
        guard let credentials else { return .notChecked }
        switch token.check(with: credentials, channel: channel, account: account) {
        case .valid: return .valid
        case .invalid: return .invalid
        case .otherApp, .channelAndAccountNeeded: return .notChecked
        case .otherChannel, .otherAccount:
            // Without the channel and account that were given, the signature of a 007 token stands for itself.
            return token.version == .accessToken2 ? (token.signatureIsValid(with: credentials) ? .valid : .invalid) : .notChecked
        }
    }

    private static func verdict(of token: AgoraToken, _ inspection: TokenInspection, _ now: UnixTime) -> TokenInspection.Verdict {
        if inspection.signature == .invalid { return .signatureInvalid }
        if let expiresAt = inspection.expiresAt, expiresAt <= now { return .expired }
        if let issuedAt = inspection.issuedAt, issuedAt.seconds - now.seconds > 60 { return .notYetValid }
        return inspection.signature == .valid ? .valid : .notChecked
    }
}

extension TokenInspection {
    fileprivate mutating func describe(_ token: AgoraToken) {
        content = token.jsonValue
        grants = token.grants
        switch token.content {
        case .accessToken2(let content):
            issuedAt = content.issuedAt
            expiresAt = content.expiresAt
        case .accessToken(let content):
            // A 006 token ends when its own time is over, or the right to join, whichever is first; 0 is never.
            let join = content.privileges[1] ?? 0
            expiresAt = join == 0 ? content.expiresAt : min(content.expiresAt, UnixTime(Int64(join)))
        }
    }
}

extension [InspectionKey] {
    /// The credentials of an app: more than one where its certificate was changed. App ids are hexadecimal digits, and the case of the
    /// letters counts in the signature.
    fileprivate func agoraCredentials(for appID: String) -> [AgoraCredentials] {
        compactMap { if case .agora(let credentials) = $0, credentials.appID == appID { credentials } else { nil } }
    }

    fileprivate var hasAgora: Bool {
        contains { if case .agora = $0 { true } else { false } }
    }
}
