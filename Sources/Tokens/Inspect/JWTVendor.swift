internal import StrictJSON

/// Names the maker of a foreign JWT by the claims that only its kind has, so that somebody who mixed up two tokens learns it.
///
/// Source: the vendors' documentation and libraries of mid 2026. A guess for people, never a ground for trust.
enum JWTVendor {
    /// The vendor, or nil where nothing tells.
    static func name(header: JSONObject, payload: JSONObject) -> String? {
        if header["cty"]?.stringValue?.hasPrefix("twilio-fpa") == true { return "Twilio" }
        for (name, claims) in marks where claims.allSatisfy({ payload[$0] != nil }) { return name }
        if payload["aud"] == "jitsi" { return payload["iss"] == "chat" ? "8x8 (JaaS)" : "Jitsi" }
        if payload["user_id"] != nil, payload["iss"] == nil { return "Stream" }
        return nil
    }

    /// The first whose claims are all there.
    private static let marks: [(name: String, claims: [String])] = [
        ("Vonage Video", ["application_id", "session_id"]),
        ("Vonage Video (OpenTok)", ["session_id", "scope"]),
        ("100ms", ["access_key", "type"]),
        ("Zoom Video SDK", ["app_key", "role_type"]),
        ("VideoSDK.live", ["apikey", "permissions"]),
        ("Daily", ["d", "iat"]),
    ]
}
