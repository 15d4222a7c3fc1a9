import StrictJSON
import Testing

/// The validator by itself: each keyword accepts and refuses, at its edge and just past it.
struct JSONSchemaTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let schema: String
        let accepted: [String]
        let refused: [String]

        var testDescription: String { schema }
    }

    /// What `$ref` may lead to in these tests.
    static let document: JSONValue = [
        "defs": ["small": ["maximum": 3], "a/b~c": ["type": "null"], "endless": ["$ref": "#/defs/endless"]]
    ]

    static func value(_ text: String) throws -> JSONValue {
        try JSONValue.parse(text, limits: JSONLimits(bytesMax: 10_000))
    }

    static func faults(_ value: String, _ schema: String) throws -> [JSONSchema.Fault] {
        JSONSchema(document: document).faults(of: try Self.value(value), against: try Self.value(schema))
    }

    static let rows: [Row] = [
        Row(schema: "true", accepted: ["1", "null"], refused: []),
        Row(schema: "false", accepted: [], refused: ["1", "{}"]),
        Row(schema: ##"{"$ref": "#/defs/small"}"##, accepted: ["3", "3.0", "\"x\""], refused: ["4", "3.5"]),
        Row(schema: ##"{"$ref": "#/defs/a~1b~0c"}"##, accepted: ["null"], refused: ["0"]),
        Row(schema: ##"{"$ref": "#/defs/none"}"##, accepted: [], refused: ["1"]),
        Row(schema: ##"{"$ref": "#/defs/endless"}"##, accepted: [], refused: ["1"]),
        Row(schema: #"{"type": "integer"}"#, accepted: ["1", "300.0", "3e2", "-7"], refused: ["1.5", "\"1\"", "null", "true"]),
        Row(schema: #"{"type": "number"}"#, accepted: ["1", "1.5"], refused: ["\"1\""]),
        Row(schema: #"{"type": ["object", "null"]}"#, accepted: ["{}", "null"], refused: ["[]", "false"]),
        Row(schema: #"{"type": "boolean"}"#, accepted: ["true", "false"], refused: ["0", "\"true\""]),
        Row(schema: #"{"type": "text"}"#, accepted: [], refused: ["\"a\""]),
        Row(schema: #"{"enum": ["a", 1, null]}"#, accepted: ["\"a\"", "1", "1.0", "null"], refused: ["\"A\"", "2", "false"]),
        Row(schema: #"{"const": {"a": [1]}}"#, accepted: [#"{"a": [1.0]}"#], refused: [#"{"a": [2]}"#, #"{"a": [1], "b": 1}"#, "{}"]),
        Row(schema: #"{"const": false}"#, accepted: ["false"], refused: ["true", "null", "0"]),
        Row(
            schema: #"{"properties": {"a": {"type": "null"}}, "required": ["a"]}"#,
            accepted: [#"{"a": null}"#, #"{"a": null, "b": 1}"#, "7"],
            refused: ["{}", #"{"a": 1}"#]),
        Row(
            schema: #"{"properties": {"a": true}, "additionalProperties": false}"#, accepted: ["{}", #"{"a": 1}"#],
            refused: [#"{"b": 1}"#, #"{"A": 1}"#]),
        Row(schema: #"{"additionalProperties": {"maxLength": 1}}"#, accepted: [#"{"x": "1"}"#], refused: [#"{"x": "12"}"#]),
        Row(schema: #"{"propertyNames": {"maxLength": 1}}"#, accepted: [#"{"x": "12"}"#], refused: [#"{"xy": 1}"#]),
        Row(
            schema: #"{"minProperties": 1, "maxProperties": 2}"#, accepted: [#"{"a":1}"#, #"{"a":1,"b":1}"#, "1"],
            refused: ["{}", #"{"a":1,"b":1,"c":1}"#]),
        Row(schema: #"{"items": {"type": "null"}}"#, accepted: ["[]", "[null]", "{}"], refused: ["[null, 1]"]),
        Row(schema: #"{"minItems": 1, "maxItems": 2}"#, accepted: ["[1]", "[1, 1]"], refused: ["[]", "[1, 2, 3]"]),
        Row(schema: #"{"maxItems": 0}"#, accepted: ["[]"], refused: ["[1]"]),
        Row(
            schema: #"{"uniqueItems": true}"#, accepted: ["[1, 2]", #"[1, "1"]"#, ##"["\u00e9", "e\u0301"]"##],
            refused: ["[1, 1.0]", #"[{"a":1}, {"a":1}]"#]),
        Row(
            schema: #"{"minLength": 2, "maxLength": 3}"#, accepted: ["\"ab\"", "\"äöü\"", "\"😀😀\"", "1"],
            refused: ["\"a\"", "\"😀\"", "\"abcd\""]),
        Row(schema: #"{"x-bytes-max": 3}"#, accepted: ["\"abc\"", "\"ä\""], refused: ["\"ää\"", "\"😀\""]),
        Row(schema: #"{"pattern": "^[a-c]+$"}"#, accepted: ["\"abc\"", "1"], refused: ["\"abcd\"", "\"\"", #""abc\n""#, #""\nabc""#]),
        Row(schema: #"{"pattern": "b"}"#, accepted: ["\"abc\""], refused: ["\"ac\""]),
        Row(schema: #"{"pattern": "^[a"}"#, accepted: [], refused: ["\"a\""]),
        Row(schema: #"{"minimum": 60, "maximum": 600}"#, accepted: ["60", "600", "6e2", "\"x\""], refused: ["59", "601", "59.9"]),
        Row(schema: #"{"format": "int32"}"#, accepted: ["2147483647", "-2147483648"], refused: ["2147483648", "1.5"]),
        Row(schema: #"{"format": "int64"}"#, accepted: ["4294967295"], refused: ["1e19"]),
        Row(
            schema: #"{"format": "date-time"}"#, accepted: ["\"2026-03-01T12:00:00Z\"", "\"2024-02-29T23:59:59Z\""],
            refused: [
                "\"2026-02-29T12:00:00Z\"", "\"2026-13-01T12:00:00Z\"", "\"2026-03-01T24:00:00Z\"", "\"2026-03-01 12:00:00Z\"",
                "\"2026-03-01T12:00:00+00:00\"", "\"2026-03-01T12:00:00.5Z\"", "\"\"",
            ]),
        Row(schema: #"{"format": "uri"}"#, accepted: ["\"wss://a.example/b\""], refused: ["\"a\"", "\"wss://a b\""]),
        Row(schema: #"{"format": "uri-reference"}"#, accepted: ["\"/docs#a\""], refused: ["\"/a b\""]),
        Row(
            schema: #"{"format": "json-pointer"}"#, accepted: ["\"\"", "\"/a/0\"", "\"/a~0~1\""],
            refused: ["\"a\"", "\"/a~2\"", "\"/a~\""]),
        Row(schema: #"{"format": "e-mail"}"#, accepted: [], refused: ["\"a\""]),
        Row(schema: #"{"oneOf": [{"minimum": 3}, {"maximum": 5}]}"#, accepted: ["1", "9"], refused: ["4"]),
        Row(schema: #"{"oneOf": [{"type": "null"}, {"type": "string"}]}"#, accepted: ["null", "\"a\""], refused: ["1"]),
        Row(schema: #"{"anyOf": [{"minimum": 3}, {"maximum": 1}]}"#, accepted: ["1", "3"], refused: ["2"]),
        Row(schema: #"{"allOf": [{"minimum": 3}, {"maximum": 5}]}"#, accepted: ["4"], refused: ["2", "6"]),
        Row(
            schema: #"{"description": "a", "title": "a", "default": 1, "x-secret": true, "x-only-with": "apiKey"}"#, accepted: ["1", "{}"],
            refused: []),
        Row(schema: #"{"if": true}"#, accepted: [], refused: ["1"]),
        Row(schema: #"{"x-anything": true}"#, accepted: [], refused: ["1"]),
        Row(schema: #"{"maxLength": -1}"#, accepted: [], refused: ["1", "\"a\""]),
        Row(schema: #"{"maxLength": "3"}"#, accepted: [], refused: ["\"a\""]),
        Row(schema: "3", accepted: [], refused: ["3"]),
    ]

    @Test(arguments: rows)
    func `a keyword accepts what it should and refuses the rest`(_ row: Row) throws {
        for value in row.accepted {
            let faults = try Self.faults(value, row.schema)
            #expect(faults.isEmpty, "\(value): \(faults)")
        }
        for value in row.refused { #expect(try !Self.faults(value, row.schema).isEmpty, "\(value)") }
    }

    @Test func `every keyword is tried`() throws {
        let tried = Self.rows.map(\.schema).joined()
        #expect(JSONSchema.Keyword.allCases.filter { !tried.contains("\"\($0.rawValue)\"") } == [])
        #expect(ValueFormat.allCases.filter { !tried.contains("\"\($0.rawValue)\"") } == [])
    }

    @Test func `a fault tells where it is`() throws {
        let schema = #"{"properties": {"rooms": {"items": {"properties": {"name": {"type": "string"}}}}}}"#
        let faults = try Self.faults(#"{"rooms": [{"name": 1}]}"#, schema)
        #expect(faults.map(\.pointer.text) == ["/rooms/0/name"])
        #expect(faults.map(\.description) == ["/rooms/0/name type: must be string"])
    }
}
