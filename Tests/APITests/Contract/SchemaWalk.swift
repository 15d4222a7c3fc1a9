import StrictJSON

@testable import API

/// Every schema of a document, with its place: the named ones, the ones of bodies, parameters and headers, and all within them.
struct SchemaWalk {
    private(set) var schemas: [(place: JSONPointer, schema: JSONObject)] = []
    /// Schemas that are neither objects nor booleans.
    private(set) var strays: [JSONPointer] = []

    init(_ document: JSONValue) {
        visit(document, .root)
    }

    /// The keywords under which one schema stands.
    private static let single: Set<String> = ["additionalProperties", "propertyNames", "items"]
    /// The keywords under which a list of schemas stands.
    private static let several: Set<String> = ["oneOf", "anyOf", "allOf"]

    /// Goes through everything but schemas, examples and notes.
    private mutating func visit(_ value: JSONValue, _ place: JSONPointer) {
        for (index, element) in (value.arrayValue ?? []).enumerated() { visit(element, place.appending(index)) }
        for member in value.objectValue?.members ?? [] {
            let below = place.appending(member.name)
            if member.name == "schema" {
                descend(member.value, below)
            } else if below.text == "/components/schemas" {
                for schema in member.value.objectValue?.members ?? [] { descend(schema.value, below.appending(schema.name)) }
            } else if member.name != "example", member.name != "examples", !member.name.hasPrefix("x-") {
                visit(member.value, below)
            }
        }
    }

    /// Goes through one schema and all within it. References are not followed: what they lead to is visited where it stands.
    private mutating func descend(_ schema: JSONValue, _ place: JSONPointer) {
        guard let object = schema.objectValue else {
            if schema.boolValue == nil { strays.append(place) }
            return
        }
        schemas.append((place, object))
        for (step, child) in Self.children(of: object) { descend(child, step.reduce(place) { $0.appending($1) }) }
    }

    private static func children(of schema: JSONObject) -> [(step: [String], schema: JSONValue)] {
        schema.members.flatMap { member -> [(step: [String], schema: JSONValue)] in
            if member.name == "properties" {
                return (member.value.objectValue?.members ?? []).map { (["properties", $0.name], $0.value) }
            }
            if single.contains(member.name) { return [([member.name], member.value)] }
            if several.contains(member.name) {
                return (member.value.arrayValue ?? []).enumerated().map { ([member.name, "\($0)"], $1) }
            }
            return []
        }
    }

    /// The schema, all within it, and all that their references lead to; each named schema once.
    static func reachable(from schema: JSONValue, in document: JSONValue) -> [JSONObject] {
        var followed: Set<String> = []
        var waiting = [schema]
        var found: [JSONObject] = []
        while let next = waiting.popLast() {
            guard let object = next.objectValue else { continue }
            found.append(object)
            waiting += children(of: object).map(\.schema)
            if let reference = object["$ref"]?.stringValue, followed.insert(reference).inserted, let target = document.target(of: reference)
            {
                waiting.append(target)
            }
        }
        return found
    }
}
