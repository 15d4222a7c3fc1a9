public import StrictJSON
internal import Vocabulary

/// The profile table as it is published: `GET /v1/token-profiles`, and `x-token-profiles` in the OpenAPI document, which a test compares.
extension TokenProfile {
    /// Role -> what it may do -> how each provider writes it -> how long it lasts.
    ///
    /// `grants` is exactly what stands in a token of that role that narrows nothing; `{room.name}` stands for the room's name. `claims` are
    /// all that stand in a token, `claims_where_given` those that the request or the room's own settings add.
    public static var contract: JSONValue {
        var roles = JSONObject()
        for profile in all { roles[profile.role.rawValue] = profile.contract }
        return .object(roles)
    }

    /// One row of the table.
    public var contract: JSONValue {
        var providers = JSONObject()
        for provider in ProviderKind.allCases { providers[provider.rawValue] = contract(of: provider) }
        return [
            "audience": .string(Self.audience),
            "description": .string(description),
            "publish": .array(publish.map { .string($0.rawValue) }),
            "subscribe": .bool(subscribe),
            "data": .bool(data),
            "ttl_seconds": [
                "min": .integer(Int64(Self.lifetimeSecondsMin)),
                "default": .integer(Int64(Self.lifetimeSecondsDefault)),
                "max": .integer(Int64(Self.lifetimeSecondsMax)),
            ],
            "providers": .object(providers),
        ]
    }

    private func contract(of provider: ProviderKind) -> JSONValue {
        switch provider {
        case .livekit:
            [
                "format": "jwt",
                "alg": "HS256",
                "bound_to": ["api_key", "room", "identity"],
                "revoked_by":
                    "Expiry. Who has joined stays until removed on the LiveKit server; closing the room here stops further tokens.",
                "effective_ttl_seconds_max": .integer(Int64(Self.lifetimeSecondsMax + LiveKitVerifier.leewaySeconds)),
                "grants": ["video": role.liveKitGrant(role.publishSet, room: "{room.name}").jsonValue],
                "claims": ["exp", "iat", "iss", "jti", "kind", "nbf", "sub", "video"],
                "claims_where_given": ["attributes", "metadata", "name", "roomConfig"],
            ]
        case .agora:
            [
                "format": "007",
                "legacy_format": "006",
                "alg": "HMAC-SHA256",
                "bound_to": ["app_id", "channel", "uid"],
                "revoked_by":
                    "Expiry. Agora cannot revoke a token; every privilege in it ends with it. Closing the room here stops further tokens.",
                "effective_ttl_seconds_max": .integer(Int64(Self.lifetimeSecondsMax)),
                "grants": ["rtc": role.agoraGrant(role.publishSet)],
            ]
        }
    }
}

/// What a token of this role says, in each provider's own words.
extension Role {
    func liveKitGrant(_ publish: PublishSet, room: String) -> LiveKitVideoGrant {
        LiveKitVideoGrant(publish: publish, subscribe: subscribes, data: sendsData, room: room)
    }

    /// Agora knows sound and pictures, not where they come from, and has no privilege for receiving: who joins may receive.
    func agoraGrant(_ publish: PublishSet) -> JSONValue {
        [
            "joinChannel": true,
            "publishAudioStream": .bool(publish.hasAudio),
            "publishVideoStream": .bool(publish.hasVideo),
            "publishDataStream": .bool(sendsData),
        ]
    }
}
