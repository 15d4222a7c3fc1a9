public import Vocabulary

/// Says what any text is that somebody calls a token: format, worth, permissions, and in plain words what is wrong with it.
///
/// Made for the person at 3 a.m. with a token that does not work, and for the reviewer who wants to know what a token opens. It reads
/// tokens of anybody, also broken ones, believes nothing in them, and never repeats the token. Bounded: 16 KiB of text, 64 findings.
public enum TokenInspector {
    /// The longest text that is looked at.
    public static let textBytesMax = JWTText.bytesMax

    /// Inspects a text.
    ///
    /// - Parameters:
    ///   - now: the time to judge by.
    ///   - keys: what signatures may be checked with. The token says which key it needs; the others are not tried.
    ///   - channel, account: what an Agora client is going to join with, where that is known. Format 006 needs both for its signature.
    public static func inspect(
        _ text: String, now: UnixTime, keys: [InspectionKey] = [], channel: String? = nil, account: String? = nil
    ) -> TokenInspection {
        guard text.utf8.count <= textBytesMax else {
            let finding = TokenFinding(
                code: "too_long", severity: .warning, message: "The text is longer than \(textBytesMax) bytes: no join token is.")
            return TokenInspection(.unknown, verdict: .malformed, findings: [finding])
        }
        let pasted = InspectedText(text)
        var inspection = inspect(pasted, now, keys, channel, account)
        inspection.findings = FindingList.shown(pasted.findings.findings + inspection.findings)
        return inspection
    }

    private static func inspect(
        _ pasted: InspectedText, _ now: UnixTime, _ keys: [InspectionKey], _ channel: String?, _ account: String?
    ) -> TokenInspection {
        let format = AgoraFormat.recognise(pasted.text)
        switch format {
        case .accessToken2, .accessToken:
            return AgoraInspection.inspect(pasted.text, format, now, keys, channel, account)
        case .dynamicKey: return retired(.agora001, format)
        case .dynamicKey2: return retired(.agora002, format)
        case .dynamicKey3: return retired(.agora003, format)
        case .dynamicKey4: return retired(.agora004, format)
        case .dynamicKey5: return retired(.agora005, format)
        case .jsonWebToken:
            return JWTInspection.inspect(pasted.text, now, keys)
        case .unknownVersion, .appID, .unrecognised:
            return JWTInspection.looksLikeJWT(pasted.text) ? JWTInspection.inspect(pasted.text, now, keys) : notAToken(pasted.text, format)
        }
    }

    /// Agora's formats that nobody takes any more. They are named, not read.
    private static func retired(_ format: TokenInspection.Format, _ agora: AgoraFormat) -> TokenInspection {
        let finding = TokenFinding(code: "retired_format", severity: .warning, message: agora.message)
        return TokenInspection(format, .agora, verdict: .malformed, findings: [finding])
    }

    private static func notAToken(_ text: String, _ format: AgoraFormat) -> TokenInspection {
        if text.hasPrefix("cg_live_") || text.hasPrefix("cg_test_") {
            let message = "This is an API key of Callgate, not a join token. It is a secret: whoever has seen it can use it. Revoke it."
            let finding = TokenFinding(code: "api_key_not_token", severity: .danger, message: message)
            return TokenInspection(.unknown, verdict: .malformed, findings: [finding])
        }
        let finding =
            switch format {
            case .appID:
                TokenFinding(code: "app_id_not_token", severity: .danger, message: format.message + " A certificate must not be shown.")
            case .unknownVersion: TokenFinding(code: "unknown_version", severity: .warning, message: format.message)
            case .accessToken2, .accessToken, .dynamicKey, .dynamicKey2, .dynamicKey3, .dynamicKey4, .dynamicKey5, .jsonWebToken,
                .unrecognised:
                text.isEmpty
                    ? TokenFinding(code: "empty", severity: .warning, message: "There is no token.")
                    : TokenFinding(
                        code: "not_a_token", severity: .warning, message: "This is no token of a known format: no JWT, and no Agora token.")
            }
        return TokenInspection(.unknown, verdict: .malformed, findings: [finding])
    }
}
