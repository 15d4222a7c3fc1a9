import StrictJSON

extension ContractRule {
    /// What a person must never be given, in LiveKit's words.
    private static let forbiddenGrants = [
        "roomCreate", "roomList", "roomAdmin", "roomRecord", "ingressAdmin", "hidden", "recorder", "agent", "canUpdateOwnMetadata",
        "canManageAgentSession",
    ]

    /// Where credentials leave the service.
    static let secrets: [ContractRule] = [
        ContractRule("a property that is named like a credential is marked x-secret") { contract in
            let credential = TextPattern("^(?:key|.*_?(?:token|secret|password|certificate))$")
            return SchemaWalk(contract.document).schemas.flatMap { place, schema in
                (schema["properties"]?.objectValue?.members ?? []).flatMap { property -> [String] in
                    guard credential?.matches(property.name) == true, contract.isText(property.value) else { return [] }
                    return unless(contract.holdsSecret(property.value), "\(place): \(property.name)")
                }
            }
        },
        .each("an operation that answers with a secret says what it mints or issues, and no other does") { operation, contract in
            let isDeclared = operation.mints?.isEmpty == false || operation.issues != nil
            let holdsSecret = operation.answers.flatMap(\.bodies).contains { contract.holdsSecret($0.schema) }
            return unless(holdsSecret == isDeclared && holdsSecret == (operation.mints != nil), "holds a secret: \(holdsSecret)")
        },
        .each("an answer that carries a secret is not stored") { operation, contract in
            operation.answers.filter { $0.bodies.contains { contract.holdsSecret($0.schema) } }.flatMap {
                unless($0.header("Cache-Control")?.schema["const"] == "no-store", "\($0.status) lacks Cache-Control: no-store")
            }
        },
    ]

    /// What the minted tokens say.
    static let profiles: [ContractRule] = [
        ContractRule("every profile that is minted is listed, and every listed profile is minted") { contract in
            let listed = Set(contract.tokenProfiles.members.map(\.name))
            let minted = Set(contract.operations.flatMap { $0.mints ?? [] })
            return minted.subtracting(listed).map { "\($0) is not listed" } + listed.subtracting(minted).map { "\($0) is never minted" }
        },
        .each("an operation that mints says for which providers, and its profiles know them") { operation, contract in
            guard let mints = operation.mints, !mints.isEmpty else { return unless(operation.providers.isEmpty, "mints nothing") }
            let known = mints.allSatisfy { mint in
                operation.providers.allSatisfy { contract.tokenProfiles[mint]?["providers"]?[$0] != nil }
            }
            return unless(known && !operation.providers.isEmpty, "x-providers is \(operation.providers)")
        },
        .eachProfile("a token lives at most an hour, leeway included") { profile in
            let bounds = profile["ttl_seconds"]
            let (least, usual, most) = (bounds?["min"]?.integerValue, bounds?["default"]?.integerValue, bounds?["max"]?.integerValue)
            guard let least, let usual, let most else { return ["ttl_seconds is not stated"] }
            return unless(least > 0 && least <= usual && usual <= most && most <= 3600, "\(least)...\(usual)...\(most)")
                + (profile["providers"]?.objectValue?.members ?? []).flatMap { provider in
                    let effective = provider.value["effective_ttl_seconds_max"]?.integerValue ?? 0
                    return unless(effective >= most && effective <= 3600, "\(provider.name): effectively \(effective)")
                }
        },
        .eachProfile("a person gets no grant beyond one room, and every false one is written out") { profile in
            let video = profile["providers"]?["livekit"]?["grants"]?["video"]
            return unless(profile["audience"] == "participant", "is not for a person")
                + forbiddenGrants.flatMap { unless(video?[$0] == false, "\($0) is not false") }
                + unless(video?["destinationRoom"] == nil, "has a destinationRoom")
                + ["canPublish", "canPublishData", "canSubscribe", "roomJoin"].flatMap {
                    unless(video?[$0]?.boolValue != nil, "\($0) is not written out")
                }
        },
        .eachProfile("the room is pinned") { profile in
            let livekit = profile["providers"]?["livekit"]
            return unless(livekit?["grants"]?["video"]?["room"] == "{room.name}", "LiveKit's room is not the one room")
                + unless(livekit?["bound_to"]?.arrayValue?.contains("room") == true, "LiveKit's token is not bound to a room")
                + unless(livekit?["bound_to"]?.arrayValue?.contains("identity") == true, "LiveKit's token is not bound to an identity")
                + ["channel", "uid"].flatMap { name in
                    unless(
                        profile["providers"]?["agora"]?["bound_to"]?.arrayValue?.contains(.string(name)) == true,
                        "Agora's token is not bound to a \(name)")
                }
        },
        .eachProfile("algorithm, binding, format and revocation are stated") { profile in
            let providers = profile["providers"]?.objectValue?.members ?? []
            return unless(!providers.isEmpty, "has no providers")
                + providers.flatMap { provider in
                    ["alg", "format", "revoked_by"].flatMap {
                        unless(provider.value[$0]?.stringValue?.isEmpty == false, "\(provider.name) does not state \($0)")
                    } + unless(provider.value["bound_to"]?.arrayValue?.isEmpty == false, "\(provider.name) does not state bound_to")
                }
        },
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
        },
        .each("a request can ask for exactly the lifetimes of the profiles it mints") { operation, contract in
            let asked = operation.requestBodies.compactMap { contract.resolved($0.schema)["properties"]?["ttl_seconds"] }
            return asked.flatMap { schema in
                let bounds = contract.resolved(schema)
                return (operation.mints ?? []).flatMap { name -> [String] in
                    let wanted = contract.tokenProfiles[name]?["ttl_seconds"]
                    let isSame =
                        bounds["minimum"] == wanted?["min"] && bounds["maximum"] == wanted?["max"]
                        && bounds["default"] == wanted?["default"]
                    return unless(isSame, "ttl_seconds differs from the profile \(name)")
                }
            }
        },
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
