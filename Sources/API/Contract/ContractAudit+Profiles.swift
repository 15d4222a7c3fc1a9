import StrictJSON

// What a token of each profile says, and what each other credential is.

extension ContractAudit {
    static func profileFaults(_ operations: [ContractOperation], _ parts: Parts) -> [ContractFault] {
        let minted = Set(operations.flatMap(\.mints))
        let issued = Set(operations.flatMap(\.issues))
        return parts.profiles.members.flatMap { profile in
            unless(minted.contains(profile.name), .profileUnused, profile.name, "no operation mints it")
                + faults(ofProfile: profile.value, profile.name)
        }
            + parts.credentials.members.flatMap { credential in
                unless(issued.contains(credential.name), .profileUnused, credential.name, "no operation issues it")
                    + audienceFaults(credential.value, credential.name) + statementFaults(credential.value, credential.name)
                    + lifetimeFaults(credential.value["ttl_seconds"], credential.name, isBounded: false)
                    + unless(isStated(credential.value["grants"]), .grantUnstated, credential.name, "grants is not stated")
            }
    }

    private static func faults(ofProfile profile: JSONValue, _ name: String) -> [ContractFault] {
        let providers = profile["providers"]?.objectValue?.members ?? []
        let lifetime = lifetimeFaults(profile["ttl_seconds"], name, isBounded: true)
        let most = profile["ttl_seconds"]?["max"]?.integerValue ?? 0
        let tooLong = unless(most <= lifetimeSecondsMax, .lifetimeTooLong, name, "ttl_seconds is up to \(most)")
        return audienceFaults(profile, name) + lifetime + tooLong
            + unless(!providers.isEmpty, .profileUnknown, name, "names no provider")
            + providers.flatMap { entry -> [ContractFault] in
                let place = "\(name) for \(entry.name)"
                guard let provider = Self.providers[entry.name] else {
                    return unless(false, .profileUnknown, place, "nothing is known of this provider's tokens")
                }
                // Where the bounds themselves are wrong, what follows from them is no second fault.
                let effective = lifetime.isEmpty && tooLong.isEmpty ? effectiveFaults(entry.value, most, provider, place) : []
                return statementFaults(entry.value, place) + effective
                    + grantFaults(entry.value, isParticipant: profile["audience"] == "participant", provider, place)
                    + pinFaults(entry.value, provider, place)
            }
    }

    private static func audienceFaults(_ value: JSONValue, _ place: String) -> [ContractFault] {
        unless(["participant", "server"].contains(value["audience"]?.stringValue), .audienceUnstated, place, "audience is not stated")
    }

    private static func statementFaults(_ value: JSONValue, _ place: String) -> [ContractFault] {
        let isNone = value["alg"]?.stringValue?.lowercased() == "none"
        return unless(isStated(value["alg"]) && !isNone, .algorithmUnstated, place, "alg is not stated, or none")
            + unless(isStated(value["format"]), .algorithmUnstated, place, "format is not stated")
            + unless(value["bound_to"]?.texts.isEmpty == false, .bindingUnstated, place, "bound_to is not stated")
            + unless(isStated(value["revoked_by"]), .revocationUnstated, place, "revoked_by is not stated")
    }

    private static func isStated(_ value: JSONValue?) -> Bool { value?.stringValue?.isEmpty == false }

    private static func effectiveFaults(
        _ value: JSONValue, _ most: Int64, _ provider: Provider, _ place: String
    ) -> [ContractFault] {
        guard let effective = value["effective_ttl_seconds_max"]?.integerValue else {
            return unless(false, .lifetimeUnstated, place, "effective_ttl_seconds_max is not stated")
        }
        let expected = most + Int64(provider.leewaySeconds)
        return unless(effective == expected, .effectiveLifetimeWrong, place, "effective_ttl_seconds_max is \(effective), not \(expected)")
            + unless(expected <= lifetimeSecondsMax, .lifetimeTooLong, place, "it opens the room for up to \(expected) seconds")
    }

    /// Every permission is written out, and a participant has none that is not known to be harmless.
    private static func grantFaults(
        _ value: JSONValue, isParticipant: Bool, _ provider: Provider, _ place: String
    ) -> [ContractFault] {
        guard let grants = value["grants"]?.objectValue, let written = grants[provider.grants]?.objectValue else {
            return unless(false, .grantUnstated, place, "grants has no \(provider.grants)")
        }
        let permissions = provider.permissions.flatMap {
            unless(written[$0]?.boolValue != nil, .grantUnstated, place, "\($0) is not written out")
        }
        guard isParticipant else { return permissions }
        let known = Set(provider.permissions + provider.forbidden + provider.others)
        return permissions
            + grants.members.filter { $0.name != provider.grants }.flatMap {
                unless(false, .grantExcessive, place, "\($0.name) is granted")
            }
            + written.members.filter { !known.contains($0.name) }.flatMap { unless(false, .grantExcessive, place, "\($0.name) is granted") }
            + provider.forbidden.flatMap { grant -> [ContractFault] in
                guard let value = written[grant] else { return unless(false, .grantUnstated, place, "\(grant) is not written out") }
                return unless(value == false, .grantExcessive, place, "\(grant) is granted")
            }
            + provider.others.flatMap { unless(written[$0] != nil, .grantUnstated, place, "\($0) is not written out") }
    }

    /// The token is for the one room of the request, and for one identity.
    private static func pinFaults(_ value: JSONValue, _ provider: Provider, _ place: String) -> [ContractFault] {
        guard let bindings = value["bound_to"]?.texts, !bindings.isEmpty else { return [] }
        let room = value["grants"]?[provider.grants]?["room"]
        return provider.pins.flatMap { unless(bindings.contains($0), .roomUnpinned, place, "it is bound to no \($0)") }
            + unless(room == nil || room == "{room.name}", .roomUnpinned, place, "its room is not the one of the request")
    }
}
