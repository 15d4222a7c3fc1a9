import StrictJSON

@testable import API

extension ContractRule {
    /// What the minted tokens say.
    static let profiles: [ContractRule] = [
        .eachProfile("what a provider's token may publish is what the profile says") { profile in
            let publish = profile["publish"]?.arrayValue ?? []
            let providers = profile["providers"]
            let video = providers?["livekit"]?["grants"]?["video"]
            let rtc = providers?["agora"]?["grants"]?["rtc"]
            let hasPicture = publish.contains("camera") || publish.contains("screen_share")
            let hasSound = publish.contains("microphone") || publish.contains("screen_share_audio")
            return unless(video?["canPublishSources"] == profile["publish"], "LiveKit's sources differ")
                + unless(video?["canPublish"] == .bool(!publish.isEmpty), "LiveKit's canPublish differs")
                + unless(video?["canSubscribe"] == profile["subscribe"], "LiveKit's canSubscribe differs")
                + unless(video?["canPublishData"] == profile["data"], "LiveKit's canPublishData differs")
                + unless(rtc?["publishVideoStream"] == .bool(hasPicture), "Agora's publishVideoStream differs")
                + unless(rtc?["publishAudioStream"] == .bool(hasSound), "Agora's publishAudioStream differs")
                + unless(rtc?["publishDataStream"] == profile["data"], "Agora's publishDataStream differs")
        }
    ]

    /// A rule over each token profile by itself.
    private static func eachProfile(_ name: String, _ faults: @escaping @Sendable (JSONValue) -> [String]) -> ContractRule {
        ContractRule(name) { contract in
            contract.tokenProfiles.members.flatMap { profile in faults(profile.value).map { "\(profile.name): \($0)" } }
        }
    }
}

extension Contract {
    /// A schema after following its `$ref`s.
    func resolved(_ schema: JSONValue) -> JSONValue {
        var schema = schema
        for _ in 0..<16 {
            guard let reference = schema["$ref"]?.stringValue, let target = document.target(of: reference) else { return schema }
            schema = target
        }
        return schema
    }

    /// Whether a value of that schema is a text.
    func isText(_ schema: JSONValue) -> Bool {
        resolved(schema)["type"] == "string"
    }

    /// Whether a value of that schema can hold something marked `x-secret`.
    func holdsSecret(_ schema: JSONValue) -> Bool {
        SchemaWalk.reachable(from: schema, in: document).contains { $0["x-secret"] == true }
    }
}
