import StrictJSON
import Testing

private enum Role: String, CaseIterable { case host, viewer }

private struct Odd: Error, CustomStringConvertible {
    let description = "must be even"
}

private func even(_ text: String) throws(Odd) -> Int {
    guard let number = Int(text), number.isMultiple(of: 2) else { throw Odd() }
    return number
}

/// Reads a value with `read` and gives the faults as `pointer code`.
private func faults(_ value: JSONValue, nullMeansAbsent: Bool = false, _ read: (inout FieldReader) -> Void = { _ in }) -> [String] {
    var fields = FieldReader(value, nullMeansAbsent: nullMeansAbsent)
    read(&fields)
    do throws(JSONFaults) {
        try fields.finish()
        return []
    } catch {
        return error.faults.map { "\($0.pointer) \($0.code.rawValue)" }
    }
}

@Suite struct FieldReaderTests {
    @Test func `fields that are right come out as their types`() throws {
        let value: JSONValue = [
            "s": "abc", "i": 300, "b": true, "r": "host", "l": ["x", "y"], "w": ["viewer", "host"], "m": ["k2": "v", "k1": ""],
            "o": ["n": 1], "p": "42", "v": [1], "os": [["n": 1], ["n": 2]],
        ]
        var fields = FieldReader(value)
        #expect(fields.requiredString("s", bytes: 1...3) == "abc")
        #expect(fields.requiredInteger("i", in: 60...600) == 300)
        #expect(fields.requiredBool("b") == true)
        #expect(fields.requiredOneOf("r", Role.self) == .host)
        #expect(fields.strings("l", count: 0...2, bytes: 1...1) == ["x", "y"])
        #expect(fields.words("w", count: 1...2, Role.self) == [.viewer, .host])
        let map = fields.stringMap("m", count: 0...2, nameBytes: 1...2, valueBytes: 0...1)
        #expect(map?.map(\.0) == ["k2", "k1"] && map?.map(\.1) == ["v", ""])
        #expect(fields.object("o") { $0.requiredInteger("n", in: 1...1) } == 1)
        #expect(fields.requiredParsed("p", even) == 42)
        #expect(fields.value("v") == [1])
        #expect(fields.objects("os", count: 1...2) { $0.integer("n", in: 1...2) } == [1, 2])
        try fields.finish()
    }

    @Test func `optional fields that are absent are nil and no fault`() {
        let found = faults([:]) { fields in
            #expect(fields.string("a", bytes: 1...2) == nil)
            #expect(fields.integer("a", in: 0...1) == nil)
            #expect(fields.bool("a") == nil)
            #expect(fields.oneOf("a", Role.self) == nil)
            #expect(fields.strings("a", count: 1...2, bytes: 1...1) == nil)
            #expect(fields.stringMap("a", count: 1...2, nameBytes: 1...1, valueBytes: 1...1) == nil)
            #expect(fields.object("a") { _ in 1 } == nil)
            #expect(fields.parsed("a", even) == nil)
        }
        #expect(found == [])
    }

    @Test func `required fields that are absent are missing, in the order of asking`() {
        let found = faults(["z": 1]) { fields in
            _ = fields.requiredString("b", bytes: 0...1)
            _ = fields.requiredInteger("a", in: 0...1)
            _ = fields.requiredBool("c")
            _ = fields.requiredOneOf("d", Role.self)
            _ = fields.requiredParsed("e", even)
            _ = fields.requiredObject("f") { _ in 1 }
            _ = fields.requiredStrings("g", count: 0...1, bytes: 0...1)
            _ = fields.requiredWords("h", count: 0...1, Role.self)
            _ = fields.requiredValue("i")
        }
        #expect(found == ["/b", "/a", "/c", "/d", "/e", "/f", "/g", "/h", "/i"].map { "\($0) missing" } + ["/z unknown_field"])
    }

    @Test func `a value of another type is a wrong type, everywhere`() {
        let value: JSONValue = ["s": 1, "i": "1", "b": 1, "r": 1, "l": "x", "l2": [1], "m": [], "m2": ["k": 1], "o": [], "p": 2, "f": 1.5]
        let found = faults(value) { fields in
            _ = fields.string("s", bytes: 0...9)
            _ = fields.integer("i", in: 0...9)
            _ = fields.bool("b")
            _ = fields.oneOf("r", Role.self)
            _ = fields.strings("l", count: 0...9, bytes: 0...9)
            _ = fields.strings("l2", count: 0...9, bytes: 0...9)
            _ = fields.stringMap("m", count: 0...9, nameBytes: 0...9, valueBytes: 0...9)
            _ = fields.stringMap("m2", count: 0...9, nameBytes: 0...9, valueBytes: 0...9)
            _ = fields.object("o") { _ in 1 }
            _ = fields.parsed("p", even)
            _ = fields.integer("f", in: 0...9)
        }
        #expect(found == ["/s", "/i", "/b", "/r", "/l", "/l2/0", "/m", "/m2/k", "/o", "/p", "/f"].map { "\($0) wrong_type" })
    }

    @Test func `strings are measured in bytes, at both ends`() {
        let value: JSONValue = ["a": "é", "b": "é", "c": "ééx", "d": "éé"]
        let found = faults(value) { fields in
            #expect(fields.string("a", bytes: 2...4) == "é")
            #expect(fields.string("b", bytes: 3...4) == nil)
            #expect(fields.string("c", bytes: 2...4) == nil)
            #expect(fields.string("d", bytes: 2...4) == "éé")
        }
        #expect(found == ["/b too_short", "/c too_long"])
    }

    @Test(arguments: ["300", "300.0", "3e2", "3.0E+2"])
    func `a whole number is one however it is spelled`(spelling: String) throws {
        var fields = FieldReader(try JSONValue.parse(#"{"n":\#(spelling)}"#, limits: JSONLimits(bytesMax: 99)))
        #expect(fields.integer("n", in: 60...600) == 300)
        try fields.finish()
    }

    @Test func `numbers are out of range just beyond its ends, and far beyond 64 bits`() {
        let value: JSONValue = ["a": 60, "b": 600, "c": 59, "d": 601, "e": 1e300, "f": -1e19]
        let found = faults(value) { fields in
            #expect(fields.integer("a", in: 60...600) == 60)
            #expect(fields.integer("b", in: 60...600) == 600)
            for name in ["c", "d", "e", "f"] { #expect(fields.integer(name, in: 60...600) == nil) }
        }
        #expect(found == ["/c", "/d", "/e", "/f"].map { "\($0) out_of_range" })
    }

    @Test func `a word that is none of the enumeration is not allowed`() {
        let found = faults(["a": "Host", "b": ["host", "x"]]) { fields in
            #expect(fields.oneOf("a", Role.self) == nil)
            #expect(fields.words("b", count: 0...4, Role.self) == nil)
        }
        #expect(found == ["/a not_allowed", "/b/1 not_allowed"])
    }

    @Test func `an element that stands twice is a duplicate at its second place`() {
        let found = faults(["a": ["x", "y", "x"], "b": ["host", "host"], "c": ["\u{e9}", "e\u{301}"]]) { fields in
            #expect(fields.strings("a", count: 0...4, bytes: 0...4) == nil)
            #expect(fields.words("b", count: 0...4, Role.self) == nil)
            #expect(fields.strings("c", count: 0...4, bytes: 0...4)?.count == 2)
        }
        #expect(found == ["/a/2 duplicate", "/b/1 duplicate"])
    }

    @Test func `lists and maps are counted before they are read`() {
        let found = faults(["a": [], "b": [1, 2, 3], "c": [:], "d": ["x": 1, "y": 2]]) { fields in
            _ = fields.strings("a", count: 1...2, bytes: 0...4)
            _ = fields.strings("b", count: 1...2, bytes: 0...4)
            _ = fields.stringMap("c", count: 1...1, nameBytes: 0...1, valueBytes: 0...1)
            _ = fields.stringMap("d", count: 1...1, nameBytes: 0...1, valueBytes: 0...1)
        }
        #expect(found == ["/a too_short", "/b too_long", "/c too_short", "/d too_long"])
    }

    @Test func `names and values of a map have their own bounds`() {
        let long = String(repeating: "n", count: 200)
        let found = faults(["m": ["": "v", "abc": "v", "a/": "vvv", .init(long): "v"]]) { fields in
            #expect(fields.stringMap("m", count: 0...9, nameBytes: 1...2, valueBytes: 1...2) == nil)
        }
        #expect(found == ["/m/ too_short", "/m/abc too_long", "/m/a~1 too_long", "/m too_long"])
    }

    @Test func `what a type throws becomes the message of an invalid field`() throws {
        var fields = FieldReader(["p": "3"], at: .root.appending("body"))
        #expect(fields.parsed("p", even) == nil)
        #expect(fields.faults == [JSONFault(pointer: .root.appending("body").appending("p"), code: .invalid, message: "must be even")])
    }

    @Test func `members that nobody asked for are unknown fields, also in nested objects`() {
        let found = faults(["a": 1, "o": ["x": 1, "n": 2], "b": 1]) { fields in
            #expect(fields.object("o") { $0.integer("n", in: 0...9) } == nil)
            _ = fields.value("b")
        }
        #expect(found == ["/o/x unknown_field", "/a unknown_field"])
    }

    @Test func `an unknown name too long to repeat is reported at its object`() {
        #expect(faults(.object([(String(repeating: "n", count: 129)): 1])) == [" unknown_field"])
    }

    @Test(arguments: [JSONValue.null, 1, "x", [], true])
    func `what is no object has that one fault only`(value: JSONValue) {
        let found = faults(value) { fields in
            #expect(fields.requiredString("a", bytes: 0...1) == nil)
            #expect(fields.requiredBool("b") == nil)
        }
        #expect(found == [" wrong_type"])
    }

    @Test func `null is a wrong type, unless it means absent`() {
        let value: JSONValue = ["a": nil, "b": nil, "o": ["c": nil]]
        let read: (inout FieldReader) -> Void = { fields in
            _ = fields.string("a", bytes: 0...9)
            _ = fields.requiredString("b", bytes: 0...9)
            _ = fields.object("o") { $0.bool("c") }
        }
        #expect(faults(value, read) == ["/a wrong_type", "/b wrong_type", "/o/c wrong_type"])
        #expect(faults(value, nullMeansAbsent: true, read) == ["/b missing"])
    }

    @Test func `callers add faults of their own, at a field or at the object`() {
        let found = faults(["a": 1]) { fields in
            _ = fields.value("a")
            fields.fault("a", .notAllowed, "not with this provider")
            fields.fault(nil, .invalid, "needs one of two fields")
            #expect(fields.hasFaults)
        }
        #expect(found == ["/a not_allowed", " invalid"])
    }

    @Test func `no more faults are collected than an answer may hold`() {
        var object = JSONObject()
        for index in 0..<200 { object["f\(index)"] = 1 }
        #expect(faults(.object(object)).count == JSONFaults.countMax)
    }

    @Test func `finish may be called again and says the same`() {
        var fields = FieldReader(["a": 1])
        let first = #expect(throws: JSONFaults.self) { try fields.finish() }
        let second = #expect(throws: JSONFaults.self) { try fields.finish() }
        #expect(first == second && first?.faults.count == 1)
    }

    @Test func `every code has a word of the contract`() {
        let words = [
            "missing", "wrong_type", "too_short", "too_long", "out_of_range", "not_allowed", "unknown_field", "duplicate", "invalid",
        ]
        #expect(JSONFault.Code.allCases.map(\.rawValue) == words)
    }
}
