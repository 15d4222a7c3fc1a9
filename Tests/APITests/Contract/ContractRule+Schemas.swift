import StrictJSON

@testable import API

extension ContractRule {
    /// Closed and bounded: nothing unnamed gets in, nothing endless gets in.
    static let schemas: [ContractRule] = [
        .eachSchema("every schema uses only keywords that the tests check, and its references lead somewhere") { schema, contract in
            let known = Set(JSONSchema.Keyword.allCases.map(\.rawValue)).union(JSONSchema.annotations)
            let reference = schema["$ref"].map { $0.stringValue.flatMap(contract.document.target) != nil } ?? true
            return schema.members.flatMap { unless(known.contains($0.name), "the keyword \($0.name) is not known") }
                + unless(reference, "the reference leads nowhere")
        },
        ContractRule("every schema is an object") { contract in
            SchemaWalk(contract.document).strays.map(\.text)
        },
        .eachSchema("a schema says of what type it is") { schema, _ in
            // Without any type it takes anything, which is for the few that are open.
            let isTyped = ["$ref", "type", "oneOf", "x-open"].contains { schema[$0] != nil }
            return unless(isTyped, "has no type") + unless(!schema.types.contains("number"), "is a number that is not whole")
                + unless(
                    schema["allOf"] == nil && schema["anyOf"] == nil, "is put together, which a closed schema cannot be: write it flat")
        },
        .eachSchema("an object is closed, or a map with bounds, or says why it is open") { schema, _ in
            guard schema.types.contains("object") else { return unless(schema["properties"] == nil, "has properties but is no object") }
            if schema["additionalProperties"] == false { return [] }
            guard schema["maxProperties"] != nil else { return ["takes any number of members"] }
            if schema["x-open"]?.stringValue?.isEmpty == false { return [] }
            return unless(schema["additionalProperties"]?.objectValue != nil && schema["propertyNames"] != nil, "takes any member")
        },
        ContractRule("only foreign objects are open") { contract in
            let open = SchemaWalk(contract.document).schemas.filter { $0.schema["x-open"] != nil }.map(\.place.text)
            let allowed: Set<String> = [
                "/components/schemas/ForeignObject", "/components/schemas/ContractDocument", "/components/schemas/EventData",
            ]
            return open.filter { !allowed.contains($0) }
        },
        .eachSchema("a required member is a known one") { schema, _ in
            guard schema["x-open"] == nil else { return [] }
            return (schema["required"]?.arrayValue ?? []).flatMap {
                unless(schema["properties"]?[$0.stringValue ?? ""] != nil, "\($0.canonicalText) has no schema")
            }
        },
        .eachSchema("a text has a greatest length and a pattern or format, or is one of a list") { schema, _ in
            guard schema.types.contains("string"), !schema.isEnumerated else { return [] }
            return unless(schema["maxLength"] != nil, "has no maxLength")
                + unless(schema["pattern"] != nil || schema["format"] != nil, "has no pattern")
        },
        .eachSchema("a pattern can be read and holds for the whole text") { schema, _ in
            guard let pattern = schema["pattern"] else { return [] }
            let text = pattern.stringValue ?? ""
            return unless(text.hasPrefix("^") && text.hasSuffix("$") && TextPattern(text) != nil, pattern.canonicalText)
        },
        .eachSchema("an integer has bounds and a format") { schema, _ in
            guard schema.types.contains("integer"), !schema.isEnumerated else { return [] }
            return unless(schema["minimum"] != nil && schema["maximum"] != nil, "has no bounds")
                + unless(schema["format"] == "int32" || schema["format"] == "int64", "has no format")
        },
        .eachSchema("a list has a greatest length, and a schema for what is in it") { schema, _ in
            guard schema.types.contains("array") else { return [] }
            return unless(schema["maxItems"] != nil, "has no maxItems")
                + unless(schema["items"] != nil || schema["maxItems"] == 0, "takes anything")
        },
        .eachSchema("a default is valid") { schema, contract in
            guard let value = schema["default"] else { return [] }
            return contract.schemas.faults(of: value, against: .object(schema)).map(\.description)
        },
    ]

    /// A rule over each schema by itself.
    private static func eachSchema(_ name: String, _ faults: @escaping @Sendable (JSONObject, Contract) -> [String]) -> ContractRule {
        ContractRule(name) { contract in
            SchemaWalk(contract.document).schemas.flatMap { place, schema in faults(schema, contract).map { "\(place): \($0)" } }
        }
    }
}

extension JSONObject {
    /// The types that this schema names itself.
    fileprivate var types: Set<String> {
        guard let type = self["type"] else { return [] }
        return Set((type.arrayValue ?? [type]).compactMap(\.stringValue))
    }

    fileprivate var isEnumerated: Bool { self["enum"] != nil || self["const"] != nil }
}
