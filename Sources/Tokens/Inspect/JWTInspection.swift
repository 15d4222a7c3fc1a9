internal import Signing
internal import StrictJSON
internal import Vocabulary

/// The inspector's part for JSON Web Tokens: takes one apart, however damaged, and decides whose it is.
enum JWTInspection {
    /// Whether the text begins as every JWT does: `{"` in base64.
    static func looksLikeJWT(_ text: String) -> Bool { text.hasPrefix("eyJ") }

    static func inspect(_ text: String, _ now: UnixTime, _ keys: [InspectionKey]) -> TokenInspection {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        var findings = FindingList()
        var inspection = TokenInspection(.jwt, verdict: .malformed)
        guard parts.count != 5 else {
            findings.warning(
                "encrypted", "This is an encrypted token (JWE): nobody but its receiver can read it. No join token is encrypted.")
            inspection.findings = findings.findings
            return inspection
        }
        addForm(of: text, parts.count, to: &findings)
        let header = object(parts.first, "header", isCut: parts.count < 2, &findings)
        let payload = object(parts.dropFirst().first, "payload", isCut: parts.count < 3, &findings)
        inspection.header = header.map(JSONValue.object)
        inspection.claims = payload.map(JSONValue.object)
        let whole = strictly(text)
        if whole == nil, header != nil, payload != nil, parts.count == 3, findings.findings.isEmpty {
            findings.warning("signature_cut", "The signature is not whole: the end of the token is missing, or a character was changed.")
        }
        guard let payload, isLiveKit(payload, keys) else {
            addForeign(header, payload, now, to: &findings)
            inspection.findings = findings.findings
            inspection.judgeForeign(payload, isWhole: whole != nil, now)
            return inspection
        }
        var livekit = LiveKitInspection(header: header ?? [:], payload: payload, whole: whole, now: now, findings: findings)
        livekit.complete(&inspection, keys)
        return inspection
    }

    private static func addForm(of text: String, _ parts: Int, to findings: inout FindingList) {
        if parts < 3 {
            findings.warning(
                "truncated", "The token is cut off: a JWT has three parts, this text has \(parts). Was it copied from a log or a terminal?")
        } else if parts > 3 {
            findings.warning("too_many_parts", "A JWT has three parts, this text has \(parts).")
        }
        if text.utf8.contains(UInt8(ascii: " ")) {
            findings.warning("space_inside", "A space stands inside the token.")
        } else if text.utf8.contains(UInt8(ascii: "=")) {
            findings.warning(
                "base64_padding", "\"=\" stands in the token. A JWT is written without padding; LiveKit's newer servers refuse it.")
        } else if text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }) {
            findings.warning("standard_alphabet", "The token is standard base64 (\"+\", \"/\"); a JWT is base64url (\"-\", \"_\").")
        }
    }

    /// One part as an object, read as generously as it can be: for showing, not for believing.
    private static func object(
        _ part: Substring.UTF8View.SubSequence?, _ name: String, isCut: Bool, _ findings: inout FindingList
    ) -> JSONObject? {
        guard let part else { return nil }
        let characters = part.filter { $0 != UInt8(ascii: "=") }.map { byte -> UInt8 in
            byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
        }
        let text: [UInt8]
        do {
            text = try Base64URL.decode(characters)
        } catch {
            if !isCut { findings.warning("\(name)_unreadable", "The \(name) is not base64url: characters are missing or were changed.") }
            return nil
        }
        do {
            let value = try JSONValue.parse(text, limits: JWTText.limits)
            if case .object(let object) = value { return object }
            findings.warning("\(name)_unreadable", "The \(name) is JSON, but not an object.")
        } catch .duplicateName {
            findings.danger(
                "duplicate_name",
                "A name stands twice in the \(name): one reader takes the first, another the last. Nobody should sign that.")
        } catch {
            if !isCut { findings.warning("\(name)_unreadable", "The \(name) cannot be read: \(error.message)") }
        }
        return nil
    }

    private static func strictly(_ text: String) -> JWTText? {
        do {
            return try JWTText(text)
        } catch {
            return nil
        }
    }

    /// LiveKit's own claims, or an API key that looks like LiveKit's or is known here.
    private static func isLiveKit(_ payload: JSONObject, _ keys: [InspectionKey]) -> Bool {
        let claims = ["video", "sip", "agent", "inference", "observability", "agentEndpoint", "agentThread", "roomConfig", "roomPreset"]
        if claims.contains(where: { payload[$0]?.objectValue != nil || $0 == "roomPreset" && payload[$0] != nil }) { return true }
        guard let issuer = payload["iss"]?.stringValue else { return false }
        return !keys.liveKitSecrets(of: issuer).isEmpty || issuer == LiveKitInspection.developmentKey || issuer.hasPrefix("API")
    }

    private static func addForeign(_ header: JSONObject?, _ payload: JSONObject?, _ now: UnixTime, to findings: inout FindingList) {
        guard let payload else { return }
        if let vendor = JWTVendor.name(header: header ?? [:], payload: payload) {
            findings.note("other_vendor", "This looks like a token of \(vendor). LiveKit and Agora do not take it.")
        } else {
            findings.note("no_media_grants", "This is a JWT, but none that opens a room of LiveKit: it has no grants.")
        }
        if header?["alg"]?.stringValue?.lowercased() == "none" {
            findings.danger("alg_none", "The token is not signed (alg none): anybody can write one like it.")
        }
        if let expiry = payload["exp"]?.wholeSeconds, expiry <= now.seconds {
            findings.warning("expired", "The token has expired.")
        } else if payload["exp"] == nil {
            findings.danger("no_expiry", "The token has no expiry: it holds for ever.")
        }
    }
}

extension TokenInspection {
    fileprivate mutating func judgeForeign(_ payload: JSONObject?, isWhole: Bool, _ now: UnixTime) {
        issuedAt = (payload?["iat"] ?? payload?["nbf"])?.wholeSeconds.map(UnixTime.init)
        expiresAt = payload?["exp"]?.wholeSeconds.map(UnixTime.init)
        guard isWhole else { return }
        if let expiresAt, expiresAt <= now {
            verdict = .expired
        } else if let start = payload?["nbf"]?.wholeSeconds, start > now.seconds {
            verdict = .notYetValid
        } else {
            verdict = .notChecked
        }
    }
}

extension [InspectionKey] {
    /// The secrets that belong to an API key: more than one where it was changed.
    func liveKitSecrets(of apiKey: String) -> [Secret] {
        compactMap { if case .livekit(apiKey, let secret) = $0 { secret } else { nil } }
    }
}
