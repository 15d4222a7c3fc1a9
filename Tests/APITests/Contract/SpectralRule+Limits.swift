import StrictJSON

@testable import API

extension SpectralRule {
    /// The families of headers of which an answer has exactly one.
    private static let rateHeaders: [[String]] = [
        ["ratelimit"], ["ratelimit-limit", "ratelimit-reset"], ["x-ratelimit-limit"], ["x-rate-limit-limit"],
    ]

    /// What a request may take.
    static let consumption: [SpectralRule] = [
        .init("owasp:api4:2023-rate-limit") { document in
            SpectralView(document).eachAnswer(where: { $0.hasPrefix("2") || $0.hasPrefix("4") }) { headers in
                rateHeaders.count { $0.allSatisfy(headers.contains) } != 1
            }
        },
        .init("owasp:api4:2023-rate-limit-retry-after") { document in
            SpectralView(document).eachAnswer(where: { $0 == "429" }) { !$0.contains("retry-after") }
        },
        .init("owasp:api4:2023-rate-limit-responses-429") { document in SpectralView(document).lacking("429") },
        .init("owasp:api4:2023-array-limit") { document in SpectralView(document).eachSchema(of: "array") { !$0.has("maxItems") } },
        .init("owasp:api4:2023-string-limit") { document in
            SpectralView(document).eachSchema(of: "string") { !$0.has("maxLength", "enum", "const") }
        },
        .init("owasp:api4:2023-string-restricted") { document in
            SpectralView(document).eachSchema(of: "string") { !$0.has("format", "pattern", "enum", "const") }
        },
        .init("owasp:api4:2023-integer-limit") { document in
            SpectralView(document).eachSchema(of: "integer") { schema in
                !schema.has("minimum", "exclusiveMinimum") || !schema.has("maximum", "exclusiveMaximum")
            }
        },
        .init("owasp:api4:2023-integer-limit-legacy") { document in
            SpectralView(document).eachSchema(of: "integer") { !$0.has("minimum") || !$0.has("maximum") }
        },
        .init("owasp:api4:2023-integer-format") { document in SpectralView(document).eachSchema(of: "integer") { !$0.has("format") } },
    ]

    /// Who administers, what leads out of the service, how it is set up, and where it runs.
    static let configuration: [SpectralRule] = [
        .init("owasp:api5:2023-admin-security-unique") { document in
            let operations = SpectralView(document).operations
            func schemes(_ isAdministration: Bool) -> Set<String> {
                Set(
                    operations.filter { $0.path.contains("/admin") == isAdministration }.flatMap { $0.alternatives ?? [] }.flatMap { $0 }
                        .map(
                            \.scheme))
            }
            return Array(schemes(true).intersection(schemes(false)))
        },
        .init("owasp:api7:2023-concerning-url-parameter") { document in
            let view = SpectralView(document)
            let concerning = TextPattern("(?i)(^callback$|^redirect|(?:_|[A-Z]|-)ur[il]$|^ur[il]$)")
            return view.operations.flatMap { operation in
                view.parameters(operation).filter { concerning?.matches($0["name"]?.stringValue ?? "") != false }.map { _ in operation.id }
            }
        },
        .init("owasp:api8:2023-define-cors-origin") { document in
            // Only over sockets may a page of another origin ask; REST answers none, and says so by having no such header at all.
            SpectralView(document).eachAnswer(where: { _ in true }) { $0.contains("access-control-allow-origin") }
        },
        .init("owasp:api8:2023-no-scheme-http") { document in (document["schemes"]?.texts ?? []).filter { !["https", "wss"].contains($0) }
        },
        .init("owasp:api8:2023-no-server-http") { document in
            SpectralView(document).servers.compactMap { $0["url"]?.stringValue }.filter { !$0.hasPrefix("https://") }
        },
        .init("owasp:api8:2023-define-error-validation") { document in
            SpectralView(document).lacking("400", "422", "4XX") { $0.isPublic }
        },
        .init("owasp:api8:2023-define-error-responses-401") { document in SpectralView(document).lacking("401") { $0.isPublic } },
        .init("owasp:api8:2023-define-error-responses-500") { document in SpectralView(document).lacking("500") },
        .init("owasp:api9:2023-inventory-access") { document in
            SpectralView(document).servers.filter { $0["x-internal"]?.boolValue == nil }.map(\.canonicalText)
        },
        .init("owasp:api9:2023-inventory-environment") { document in
            let environments = ["local", "test", "stag", "sandbox", "prod", "development", "uat", "mock"]
            return SpectralView(document).servers.filter { server in
                let text = server["description"]?.stringValue?.lowercased() ?? ""
                return !environments.contains(where: text.contains)
            }.map(\.canonicalText)
        },
    ]
}
