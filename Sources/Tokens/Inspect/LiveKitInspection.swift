internal import Signing
internal import StrictJSON
internal import Vocabulary

/// The inspector's part for LiveKit's tokens: signature, times, identity. What the token allows is looked at in
/// `LiveKitInspection+Grants.swift`, what it brings along in `LiveKitInspection+Extras.swift`.
///
/// The verdict follows the newest LiveKit server, as ``LiveKitVerifier`` does: with the right key, `valid` here is accepted there. Where
/// version 1.11, which many run, answers otherwise, a finding says so.
struct LiveKitInspection {
    let header: JSONObject
    let payload: JSONObject
    /// The token as read strictly; nil where it is damaged.
    let whole: JWTText?
    let now: UnixTime
    var findings: FindingList

    /// The key pair of `livekit-server --dev`, which everybody knows.
    static let developmentKey = "devkey"
    private static let developmentSecret = Secret(utf8: "secret")
    private static let leewaySeconds = Int64(LiveKitVerifier.leewaySeconds)
    private static let daySeconds: Int64 = 86_400

    /// Looks at everything and fills in the inspection.
    mutating func complete(_ inspection: inout TokenInspection, _ keys: [InspectionKey]) {
        inspection.provider = .livekit
        inspection.issuedAt = (seconds("iat") ?? seconds("nbf")).map(UnixTime.init)
        inspection.expiresAt = seconds("exp").map(UnixTime.init)
        inspection.grants = payload["video"]?.objectValue.map(JSONValue.object)
        addAlgorithm()
        inspection.signature = checkSignature(keys)
        let isWellFormed = checkForm()
        addTimes()
        addIdentity()
        addVideo()
        addExtras()
        inspection.findings = findings.findings
        inspection.verdict = verdict(inspection.signature, isWellFormed)
    }

    private func verdict(_ signature: TokenInspection.Signature, _ isWellFormed: Bool) -> TokenInspection.Verdict {
        if signature == .invalid { return .signatureInvalid }
        guard isWellFormed, let expiry = seconds("exp") else { return .malformed }
        if now.seconds >= expiry + Self.leewaySeconds { return .expired }
        let start = max(seconds("nbf") ?? 0, seconds("iat") ?? 0)
        if start > now.seconds + Self.leewaySeconds { return .notYetValid }
        return signature == .valid ? .valid : .notChecked
    }

    func seconds(_ claim: String) -> Int64? { payload[claim]?.wholeSeconds }
    func text(_ claim: String) -> String? { payload[claim]?.stringValue }
}

// MARK: Header and signature

extension LiveKitInspection {
    private var algorithm: String? { header["alg"]?.stringValue }

    private mutating func addAlgorithm() {
        switch algorithm {
        case "HS256": break
        case "HS384", "HS512":
            findings.warning(
                "algorithm_not_hs256", "The token is signed with HS384 or HS512: LiveKit 1.11 takes it, newer servers take HS256 only.")
        case let name where name?.lowercased() == "none":
            findings.danger(
                "alg_none", "The token is not signed (alg none): anybody can write one like it. LiveKit refuses it; make sure that you do.")
        case let name:
            findings.warning(
                "algorithm_not_hs256",
                "The token says it is signed with \(FindingList.quoted(name ?? "nothing")); LiveKit takes HS256 only.")
        }
        if header["crit"] != nil {
            findings.warning(
                "critical_header", "The header demands an extension (crit): LiveKit 1.11 and the Python library refuse the token.")
        }
    }

    private mutating func checkSignature(_ keys: [InspectionKey]) -> TokenInspection.Signature {
        guard let issuer = text("iss"), !issuer.isEmpty else {
            findings.warning("issuer_missing", "The token names no API key (iss): the server cannot find the secret and answers 401.")
            return isUnsigned ? .invalid : .notChecked
        }
        let known = keys.liveKitSecrets(of: issuer)
        let secrets = known.isEmpty && issuer == Self.developmentKey ? [Self.developmentSecret] : known
        guard let first = secrets.first else {
            if keys.contains(where: { if case .livekit = $0 { true } else { false } }) {
                findings.note(
                    "api_key_unknown", "The token was made under another API key than the one known here; its signature was not checked.")
            }
            return isUnsigned ? .invalid : .notChecked
        }
        guard let whole else { return .notChecked }
        // The secret that signed it, or where none did, the one that is in use.
        let secret = secrets.first { InspectionKey.answer(of: $0, to: whole) == .signed } ?? first
        guard let answer = InspectionKey.answer(of: secret, to: whole) else { return .invalid }
        return judge(answer, secret, isKnown: !known.isEmpty)
    }

    private var isUnsigned: Bool { algorithm?.lowercased() == "none" }

    private mutating func judge(_ answer: InspectionKey.LiveKitAnswer, _ secret: Secret, isKnown: Bool) -> TokenInspection.Signature {
        switch answer {
        case .signed:
            if secret.matches(Self.developmentSecret) {
                findings.danger(
                    "development_key", "The token is signed with the key pair of LiveKit's development mode, which everybody knows.")
            } else if secret.count < 32 || WeakSecrets.isKnownWeak(secret) {
                findings.danger(
                    "weak_secret",
                    "The secret is shorter than 32 bytes or published in lists: whoever guesses it mints any token. Change it.")
            }
            return .valid
        case .signedWithDecodedSecret:
            findings.warning(
                "secret_was_decoded",
                "The token is signed with the secret decoded from base64. LiveKit's key is the secret's text as it stands.")
            return .invalid
        case .notSigned:
            // A failed guess with the development secret says nothing about a key of the same name.
            guard isKnown else { return .notChecked }
            findings.warning(
                "signature_mismatch", "The signature does not fit this API key's secret: another secret was used, or the token was changed."
            )
            return .invalid
        }
    }

    /// Whether the newest server would read the token; its reader is the strictest that we know.
    private mutating func checkForm() -> Bool {
        addTypes()
        do {
            _ = try LiveKitClaims(.object(payload))
        } catch {
            return false
        }
        return whole != nil && algorithm == "HS256" && header["crit"] == nil
    }

    private mutating func addTypes() {
        for claim in ["exp", "nbf", "iat"] {
            guard let value = payload.present(claim), value.wholeSeconds == nil else { continue }
            if value.stringValue != nil {
                findings.warning("time_is_text", "\(claim) is text instead of a number: LiveKit 1.11 answers 401.")
            } else {
                findings.warning("time_malformed", "\(claim) is no time in seconds.")
            }
        }
        for claim in ["iss", "sub", "name", "metadata", "kind", "roomPreset", "jti"] {
            if let value = payload.present(claim), value.stringValue == nil {
                findings.warning("claim_not_text", "\(claim) is not text: LiveKit's server refuses the whole token.")
            }
        }
    }
}

// MARK: Times and identity

extension LiveKitInspection {
    private mutating func addTimes() {
        addExpiry()
        if let start = seconds("nbf"), start > now.seconds {
            let message =
                "The token begins to hold in \(start - now.seconds) seconds (nbf): a clock is wrong, or it was made in advance."
            findings.add("not_yet_valid", start - now.seconds > Self.leewaySeconds ? .warning : .note, message)
        }
        if let issued = seconds("iat"), issued > now.seconds {
            findings.warning("issued_in_future", "The token was issued \(issued - now.seconds) seconds from now: LiveKit 1.11 answers 401.")
        }
        if let start = seconds("nbf"), start < JoinGrant.issuedAtBounds.lowerBound || start < (seconds("iat") ?? start) - Self.leewaySeconds
        {
            findings.warning(
                "back_dated",
                "nbf lies before the token was made. LiveKit Cloud revokes tokens by nbf: this one counts as revoked, or cannot be.")
        }
    }

    private mutating func addExpiry() {
        guard payload.present("exp") != nil else {
            findings.danger(
                "no_expiry", "The token has no expiry: LiveKit 1.11 and older take it for ever, newer servers refuse it. Always set exp.")
            return
        }
        guard let expiry = seconds("exp") else { return }
        let ago = now.seconds - expiry
        if ago >= 0 {
            findings.add(
                "expired", ago < Self.leewaySeconds ? .note : .warning,
                ago < Self.leewaySeconds
                    ? "The token expired \(ago) seconds ago; servers still take it for a minute."
                    : "The token has expired. Who is already in the room stays: exp counts for the first connect only.")
        }
        let start = seconds("nbf") ?? seconds("iat") ?? now.seconds
        let lifetime = expiry - start
        if lifetime <= 0, seconds("nbf") != nil {
            findings.warning("never_valid", "The token ends before it begins to hold.")
        } else if lifetime > Self.daySeconds {
            findings.danger(
                "lifetime_over_24h",
                "The token opens the room for \(lifetime / Self.daySeconds) days. A stolen or kicked user can come back as long.")
        } else if lifetime > Int64(TokenProfile.lifetimeSecondsMax) {
            findings.note(
                "lifetime_over_profile",
                "The token lives \(lifetime) seconds; ours live \(TokenProfile.lifetimeSecondsMax) at most. "
                    + "A kicked user can come back as long as that."
            )
        }
    }

    private mutating func addIdentity() {
        guard isJoin else { return }
        let subject = text("sub") ?? ""
        if subject.isEmpty, text("jti")?.isEmpty == false {
            findings.warning(
                "identity_in_jti", "There is no sub: LiveKit takes jti as the identity. Every token is then another person, or all are one."
            )
        } else if subject.isEmpty {
            let hint = payload["identity"] == nil ? "" : " The claim \"identity\" is ignored."
            findings.warning("identity_missing", "The token names nobody (sub): LiveKit answers 400, \"identity cannot be empty\".\(hint)")
        }
        if subject.utf8.count > 256 {
            findings.warning("identity_too_long", "The identity is longer than 256 bytes: LiveKit answers 400.")
        }
    }

    /// Whether the token is for joining a room, so for a person.
    var isJoin: Bool { payload["video"]?["roomJoin"] == true }
}
