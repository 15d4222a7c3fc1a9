import StrictJSON

extension ContractRule {
    /// What a user's own token may do beside the keys of servers.
    static let users: [ContractRule] = [
        .each("a way of being let in is a key or a user's token, each at most once, and a user's token needs no scope") { operation, _ in
            let alternatives = operation.security ?? []
            let known = [Contract.Alternative.key, Contract.Alternative.user]
            return alternatives.flatMap { alternative in
                unless(known.contains(alternative.scheme), "the scheme \(alternative.scheme) is not known")
                    + unless(alternatives.count { $0.scheme == alternative.scheme } == 1, "\(alternative.scheme) is there twice")
                    + unless(alternative.scheme == Contract.Alternative.key || alternative.scopes.isEmpty, "a user is asked for a scope")
            }
        },
        .each("an operation that takes a user's token says what a user may do there, and no other does") { operation, _ in
            let isSaid = operation.userAccess.map { !$0.isEmpty && $0.hasSuffix(".") } ?? false
            return unless(isSaid == operation.takesUserToken, "x-user-access is \(operation.userAccess ?? "absent")")
        },
        .each("a user may nothing that needs a scope of administrators, and gets a participant's token at most") { operation, _ in
            guard operation.takesUserToken else { return [] }
            let open: Set<String> = ["calls:read", "calls:write", "tokens:mint"]
            return unless(operation.scope.map(open.contains) ?? operation.takesAnyCredential, "needs \(operation.scope ?? "nothing")")
                + unless(Set(operation.mints ?? []).isSubset(of: ["participant"]), "mints \(operation.mints ?? [])")
                + unless(operation.issues == nil, "issues a credential")
        },
        .each("whom a server acts for is nothing that a user can choose") { operation, contract in
            operation.requestBodies.flatMap { body -> [String] in
                (contract.resolved(body.schema)["properties"]?.objectValue?.members ?? []).flatMap { property -> [String] in
                    let names = ["caller", "user", "tenant"].contains(property.name)
                    let isKeyOnly = property.value["x-only-with"] == .string(Contract.Alternative.key)
                    return unless(isKeyOnly || property.value["x-only-with"] == nil, "\(property.name): x-only-with is no key")
                        + unless(isKeyOnly || !names || !operation.takesUserToken, "\(property.name) may be sent by a user")
                        + unless(operation.takesUserToken || property.value["x-only-with"] == nil, "\(property.name): no user asks here")
                }
            }
        },
        ContractRule("the scheme of users' tokens says who makes them and what is checked") { contract in
            let scheme = contract.document["components"]?["securitySchemes"]?[Contract.Alternative.user]
            let text = scheme?["description"]?.stringValue ?? ""
            let leeway = contract.document["x-limits"]?["user_token_leeway_seconds"]?.integerValue ?? -1
            let words = [
                "`iss`", "`aud`", "`exp`", "`nbf`", "`iat`", "`typ`", "`none`", "`jku`", "algorithm", "`x-user-access`", "`remote_check`",
            ]
            return unless(scheme?["bearerFormat"] == "JWT", "it is no JWT")
                + words.flatMap { unless(text.contains($0), "it does not speak of \($0)") }
                + unless(text.contains("leeway of \(leeway) seconds") && leeway <= 60, "the leeway is not \(leeway) seconds")
        },
        ContractRule("a tenant's settings pin the algorithm of its users' tokens, with the kind of key that it needs") { contract in
            func isTaken(_ settings: JSONValue) -> Bool {
                contract.schemas.faults(of: settings, against: ["$ref": "#/components/schemas/UserTokenSettings"]).isEmpty
            }
            let (secret, keys): (JSONValue, JSONValue) = (["env": "SECRET"], ["file": "/run/keys.json"])
            let asymmetric: [JSONValue] = ["RS256", "ES256", "EdDSA"]
            return unless(isTaken(["alg": "HS256", "issuer": "a", "secret": secret]), "HS256 needs a secret")
                + unless(!isTaken(["alg": "HS256", "issuer": "a", "jwks": keys]), "HS256 is verified with a public key")
                + asymmetric.flatMap { alg in
                    unless(isTaken(["alg": alg, "issuer": "a", "jwks": keys]), "\(alg.canonicalText) needs a key set")
                        + unless(!isTaken(["alg": alg, "issuer": "a", "secret": secret]), "\(alg.canonicalText) is verified with a secret")
                }
                + unless(isTaken(["alg": "RS256", "issuer": "a", "jwks": ["url": "https://a.example/keys"]]), "no key set at an address")
                + unless(
                    !isTaken(["alg": "RS256", "issuer": "a", "jwks": ["url": "https://u:p@a.example/keys"]]), "an address holds a password")
                + unless(!isTaken(["alg": "none", "issuer": "a", "secret": secret]), "none is an algorithm")
                + unless(!isTaken(["alg": "HS256", "secret": secret]), "no issuer is named")
                + unless(!isTaken(["alg": "HS256", "issuer": "a", "secret": "text"]), "a secret is sent as a value")
                + unless(isTaken(["alg": "HS256", "issuer": "a", "secret": secret, "previous_secret": secret]), "no secret can be changed")
                + unless(
                    !isTaken(["alg": "HS256", "issuer": "a", "previous_secret": secret]), "a previous secret stands without a secret")
        },
    ]
}
