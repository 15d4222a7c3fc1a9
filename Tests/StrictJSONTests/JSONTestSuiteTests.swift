import Foundation
import StrictJSON
import Testing

/// The public JSONTestSuite (Nicolas Seriot, "Parsing JSON is a Minefield"). It lies beside the checkout, not in it, so these tests are
/// extras: they are skipped, and say so, where the folder is absent. What matters of it stands in the other tests of this room.
private enum Suite {
    static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "../shared/data/jsontestsuite").standardizedFileURL
    static let isPresent = FileManager.default.fileExists(atPath: folder.appending(path: "test_parsing").path)
    static let absence: Comment =
        "SKIPPED: no JSONTestSuite at ../shared/data/jsontestsuite beside the checkout; the other tests stand alone."

    static func names(_ part: String) -> [String] {
        guard isPresent else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: part).path).sorted()
        } catch {
            Issue.record("\(part) of the JSONTestSuite cannot be listed: \(error)")
            return []
        }
    }

    static func bytes(_ part: String, _ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: part).appending(path: name)))
    }

    static func parse(_ part: String, _ name: String) throws -> Result<JSONValue, JSONError> {
        let text = try bytes(part, name)
        return Result { () throws(JSONError) in try JSONValue.parse(text, limits: JSONLimits(bytesMax: 1 << 20)) }
    }

    /// Files of `test_parsing` that any parser should accept and this one refuses, with the reason that it gives.
    static let refusedThoughValid: [String: String] = [
        "y_object_duplicated_key.json": "A name stands twice in one JSON object.",
        "y_object_duplicated_key_and_value.json": "A name stands twice in one JSON object.",
        "y_object_escaped_null_in_key.json": "The JSON text contains a NUL character.",
        "y_string_null_escape.json": "The JSON text contains a NUL character.",
    ]

    /// Files that parsers may treat as they like, and that are accepted here: reals too small for a double, which are 0. All other
    /// `i_` files are refused: numbers out of range, lone surrogates, bytes that are not UTF-8, a byte order mark, depth beyond 32.
    static let acceptedOfFree: Set<String> = ["i_number_double_huge_neg_exp.json", "i_number_real_underflow.json"]

    /// Files of `test_transform` that are read; the others hold duplicate names, numbers out of range, lone surrogates or NUL.
    static let transformed: [String: JSONValue] = [
        "number_-9223372036854775808.json": [.integer(.min)],
        "number_1.0.json": [1.0],
        "number_1.000000000000000005.json": [1.0],
        "number_1000000000000000.json": [1_000_000_000_000_000],
        "number_1e-999.json": [0.0],
        "number_1e6.json": [1_000_000.0],
        "number_9223372036854775807.json": [.integer(.max)],
        "object_key_nfc_nfd.json": ["\u{e9}": "NFC", "e\u{301}": "NFD"],
        "object_key_nfd_nfc.json": ["e\u{301}": "NFD", "\u{e9}": "NFC"],
    ]
}

@Suite(.enabled(if: Suite.isPresent, Suite.absence)) struct JSONTestSuiteTests {
    @Test func `all 318 files of test_parsing are there`() {
        #expect(Suite.names("test_parsing").filter { $0.hasSuffix(".json") }.count == 318)
    }

    @Test(arguments: Suite.names("test_parsing"))
    func `X09 a text is read or refused as the first letter of its file says`(name: String) throws {
        let result = try Suite.parse("test_parsing", name)
        let isAccepted = if case .success = result { true } else { false }
        switch name.first {
        case "y":
            let reason: String? = if case .failure(let error) = result { error.message } else { nil }
            #expect(reason == Suite.refusedThoughValid[name])
        case "n": #expect(!isAccepted, "\(result)")
        case "i": #expect(isAccepted == Suite.acceptedOfFree.contains(name), "\(result)")
        default: Issue.record("a file of no known kind: \(name)")
        }
    }

    @Test(arguments: Suite.names("test_transform"))
    func `what parsers disagree about is read exactly, or refused`(name: String) throws {
        switch try Suite.parse("test_transform", name) {
        case .success(let value): #expect(Suite.transformed[name] == value)
        case .failure(let error): #expect(Suite.transformed[name] == nil, "\(error)")
        }
    }
}
