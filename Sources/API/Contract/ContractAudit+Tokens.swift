import StrictJSON

// What is handed out: by whom, in which request, for how long, and what it says.

extension ContractAudit {
    static func tokenFaults(of operation: ContractOperation, _ parts: Parts) -> [ContractFault] {
        let id = operation.id
        let secret = operation.secretAnswers
        let isDeclared = !operation.mints.isEmpty || !operation.issues.isEmpty
        let lacking = unmarkedCredentials(in: operation)
        return unless(
            secret.isEmpty || isDeclared, .secretUndeclared, id,
            "\(secret.map(\.status)) holds a secret; what is minted or issued is not said")
            + lacking.map { ContractFault(kind: .secretUnmarked, place: id, detail: "\($0) in an answer is not marked x-secret") }
            + unless(
                !secret.isEmpty || !isDeclared || !lacking.isEmpty, .secretUnmarked, id, "mints or issues, and no answer holds a secret")
            + secret.flatMap { answer in
                unless(forbidsKeeping(answer.value, operation), .secretCacheable, id, "\(answer.status) lacks Cache-Control: no-store")
            } + nameFaults(of: operation, parts) + requestFaults(of: operation, parts)
    }

    /// The properties of answers that are named like credentials and are bare texts.
    private static func unmarkedCredentials(in operation: ContractOperation) -> [String] {
        let endings = ["token", "secret", "password", "certificate"]
        var names: [String] = []
        for part in operation.answers.map(\.value) {
            for properties in operation.document.reach(from: part).objects.compactMap({ $0["properties"]?.objectValue }) {
                for property in properties.members where property.name == "key" || endings.contains(where: property.name.hasSuffix) {
                    let isText = operation.document.resolved(property.value)?["type"] == "string"
                    guard isText, !operation.document.reach(from: property.value).holdsSecret else { continue }
                    if !names.contains(property.name) { names.append(property.name) }
                }
            }
        }
        return names
    }

    private static func forbidsKeeping(_ answer: JSONValue, _ operation: ContractOperation) -> Bool {
        let header = (answer["headers"]?.objectValue?.members ?? []).first { $0.name.lowercased() == "cache-control" }
        return header.flatMap { operation.document.resolved($0.value) }?["schema"]?["const"] == "no-store"
    }

    /// What it mints and issues is described, for each provider that it names.
    private static func nameFaults(of operation: ContractOperation, _ parts: Parts) -> [ContractFault] {
        let (id, providers) = (operation.id, operation.providers)
        return unless(
            operation.mints.isEmpty || !providers.isEmpty, .profileUnknown, id, "does not say in x-providers whose tokens it mints")
            + operation.issues.flatMap { unless(parts.credentials[$0] != nil, .profileUnknown, id, "\($0) is not in x-credentials") }
            + operation.mints.flatMap { mint -> [ContractFault] in
                guard let profile = parts.profiles[mint] else {
                    return unless(false, .profileUnknown, id, "\(mint) is not in x-token-profiles")
                }
                return providers.flatMap {
                    unless(profile["providers"]?[$0] != nil, .profileUnknown, id, "\(mint) says nothing of \($0)")
                }
            }
    }

    /// A request can ask for nothing that is not listed, and for exactly the lifetimes of what it gets.
    private static func requestFaults(of operation: ContractOperation, _ parts: Parts) -> [ContractFault] {
        let minted = operation.mints.map { (name: $0, described: parts.profiles[$0], asked: operation.requestProperty("ttl_seconds")) }
        let issued = operation.issues.map {
            (name: $0, described: parts.credentials[$0], asked: operation.requestProperty("expires_in_seconds"))
        }
        guard !(minted + issued).isEmpty else { return [] }
        return operation.requestSchemas.flatMap {
            unless($0["additionalProperties"] == false, .requestOpen, operation.id, "its body takes members that are not listed")
        }
            + (minted + issued).flatMap { name, described, asked -> [ContractFault] in
                guard let asked, let bounds = described?["ttl_seconds"], lifetimeFaults(bounds, name, isBounded: false).isEmpty else {
                    return []
                }
                let isSame =
                    asked["minimum"] == bounds["min"] && asked["maximum"] == bounds["max"]
                    && (asked["default"] ?? .null) == (bounds["default"] ?? .null)
                return unless(isSame, .requestLifetimeDiffers, operation.id, "the lifetimes of the request are not those of \(name)")
            }
    }

    /// The bounds of a lifetime are there and in order. Only what has an end has a usual lifetime.
    static func lifetimeFaults(_ bounds: JSONValue?, _ place: String, isBounded: Bool) -> [ContractFault] {
        let (least, usual, most) = (bounds?["min"]?.integerValue, bounds?["default"]?.integerValue, bounds?["max"]?.integerValue)
        guard let least, let most, usual != nil || (!isBounded && bounds?["default"] == .null) else {
            return unless(false, .lifetimeUnstated, place, "ttl_seconds is not min, default and max")
        }
        return unless(
            least > 0 && least <= usual ?? least && usual ?? most <= most, .lifetimeUnstated, place, "ttl_seconds is not in order")
    }
}
