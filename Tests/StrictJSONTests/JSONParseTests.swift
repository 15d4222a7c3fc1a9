import Testing

@testable import StrictJSON

private let limits = JSONLimits(bytesMax: 4096)

private func refusal(_ text: String, _ limits: JSONLimits = limits) -> JSONError? {
    refusal(Array(text.utf8), limits)
}

private func refusal(_ text: [UInt8], _ limits: JSONLimits = limits) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONValue.parse(text, limits: limits)
        return nil
    } catch {
        return error
    }
}

private let root = JSONPointer.root

@Suite struct JSONParseTests {
    @Test func `every kind of value is read, whatever stands at the root`() throws {
        #expect(try JSONValue.parse("null", limits: limits) == nil)
        #expect(try JSONValue.parse(" true\n", limits: limits) == true)
        #expect(try JSONValue.parse("-12", limits: limits) == -12)
        #expect(try JSONValue.parse("1.5", limits: limits) == 1.5)
        #expect(try JSONValue.parse(#""a\u00e9\ud83d\ude00\/""#, limits: limits) == "aé😀/")
        #expect(try JSONValue.parse(#"{"a":[1,{"b":null}],"c":""}"#, limits: limits) == ["a": [1, ["b": nil]], "c": ""])
    }

    @Test func `bytes, string and buffer give the same value`() throws {
        let text = #"{"a":[1,2.0,"é"]}"#
        let bytes = Array(text.utf8)
        let value = try JSONValue.parse(text, limits: limits)
        let fromBuffer = bytes.withUnsafeBytes { buffer in Result { try JSONValue.parse(buffer, limits: limits) } }
        #expect(try JSONValue.parse(bytes, limits: limits) == value)
        #expect(try fromBuffer.get() == value)
    }

    @Test func `members keep the order of the text`() throws {
        let value = try JSONValue.parse(#"{"z":1,"a":2,"m":3}"#, limits: limits)
        #expect(value.objectValue?.members.map(\.name) == ["z", "a", "m"])
    }

    @Test func `a fraction or an exponent makes a real, also a whole one`() throws {
        #expect(try JSONValue.parse("[300,300.0,3e2,-0,-0.0]", limits: limits) == [300, .real(300), .real(300), 0, .real(0)])
    }

    @Test(arguments: [
        (#"{"a":1,"a":1}"#, "/a"), (#"{"a":1,"\u0061":2}"#, "/a"), (#"{"\u0061":1,"a":2}"#, "/a"),
        (#"{"x":[{},{"b~/":1,"b~/":1}]}"#, "/x/1/b~0~1"),
        (#"{"":1,"":2}"#, "/"), (#"{"é":1,"\u00e9":2}"#, "/é"),
    ])
    func `a name twice is refused, also when it is spelled with escapes`(text: String, pointer: String) {
        let error = refusal(text)
        #expect(error.map { if case .duplicateName = $0 { true } else { false } } == true)
        #expect(error?.pointer.text == pointer)
    }

    @Test func `names that only look the same are different names`() throws {
        let value = try JSONValue.parse(#"{"\u00e9":1,"e\u0301":2}"#, limits: limits)
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(try JSONValue.parse(#""\u00e9""#, limits: limits) != JSONValue.string("e\u{301}"))
    }

    @Test func `the same name in two objects is no duplicate`() {
        #expect(refusal(#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#) == nil)
    }

    @Test(arguments: [#""\u0000""#, #""a\u0000b""#, #"{"\u0000":1}"#, "\"a\0b\"", "\0", "[1,\0]", "123\0", "[1\0]", "true\0"])
    func `NUL is refused, escaped or not`(text: String) {
        #expect(refusal(text).map { if case .nulCharacter = $0 { true } else { false } } == true)
    }

    @Test(arguments: [#""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\u0041""#, #""\udc00\ud800""#, #"{"a":"\udbff"}"#])
    func `half of a surrogate pair is refused`(text: String) {
        #expect(refusal(text).map { if case .loneSurrogate = $0 { true } else { false } } == true)
    }

    @Test(arguments: [
        [0x80], [0xFF], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3], [0xF5, 0x80, 0x80, 0x80],
    ])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        let text = Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8)
        #expect(refusal(text) == .notUTF8(at: root.appending("a")))
    }

    @Test func `a byte order mark is refused`() {
        #expect(refusal([0xEF, 0xBB, 0xBF] + Array("{}".utf8)).map { if case .syntax = $0 { true } else { false } } == true)
    }

    @Test func `integers fill 64 bits and not more`() throws {
        #expect(try JSONValue.parse("9223372036854775807", limits: limits) == .integer(.max))
        #expect(try JSONValue.parse("-9223372036854775808", limits: limits) == .integer(.min))
        #expect(refusal("9223372036854775808") == .numberOutOfRange(at: root))
        #expect(refusal("-9223372036854775809") == .numberOutOfRange(at: root))
        #expect(refusal(#"{"a":[0,1e400]}"#) == .numberOutOfRange(at: root.appending("a").appending(1)))
        #expect(try JSONValue.parse("1e-999", limits: limits) == .real(0))
    }

    @Test(arguments: ["", " ", "{", "[", "[1", "[1,", #"{"a""#, #"{"a":"#, #"{"a":1"#, #""abc"#])
    func `a text that ends too early says so`(text: String) {
        #expect(refusal(text).map { if case .endsEarly = $0 { true } else { false } } == true)
    }

    @Test(arguments: [
        ("{} {}", ""), ("[1,]", "/1"), (#"{"a":1,}"#, ""), (#"{"a" 1}"#, "/a"), (#"{"a":[1,{"b":x}]}"#, "/a/1/b"), ("[01]", "/0"),
        ("// c", ""),
        ("[+1]", "/0"), ("['a']", "/0"), ("[NaN]", "/0"), ("[1.]", "/0"), ("[\"a\tb\"]", "/0"), (#"{"a":"\x"}"#, "/a"), ("{1:2}", ""),
        ("[1}", "/0"),
        (#"{"a":{"b":[]},"c":tru}"#, "/c"),
    ])
    func `what is not JSON is refused with a pointer to it`(text: String, pointer: String) {
        let error = refusal(text)
        #expect(error.map { if case .syntax = $0 { true } else { false } } == true, "\(String(describing: error))")
        #expect(error?.pointer.text == pointer)
    }

    @Test func `a message repeats nothing of the text`() {
        let error = refusal(#"{"token":"s3cret" s3cret}"#)
        #expect(error?.message == "The text is not valid JSON near byte 19.")
        #expect(error.map { String(describing: $0).contains("s3cret") } == false)
    }

    @Test func `a name too long to repeat ends the pointer at its object`() {
        let long = String(repeating: "n", count: 129)
        #expect(refusal(#"{"a":{"\#(long)":[x]}}"#)?.pointer.text == "/a")
        #expect(refusal(#"{"a":{"\#(long.dropLast())":[x]}}"#)?.pointer.text == "/a/\(long.dropLast())/0")
    }
}

@Suite struct JSONLimitsTests {
    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test func `X10 depth 32 is read and depth 33 refused`() {
        #expect(refusal(Self.nested(32)) == nil)
        let pointer = (0..<32).reduce(root) { pointer, _ in pointer.appending(0) }
        #expect(refusal(Self.nested(33)) == .tooDeep(depthMax: 32, at: pointer))
    }

    @Test func `objects count as depth like arrays`() {
        let text = String(repeating: #"{"a":"#, count: 33) + "1" + String(repeating: "}", count: 33)
        #expect(refusal(text)?.pointer.text == String(repeating: "/a", count: 32))
        let fewer = String(repeating: #"{"a":"#, count: 32) + "1" + String(repeating: "}", count: 32)
        #expect(refusal(fewer) == nil)
    }

    @Test func `a caller may allow less depth`() {
        #expect(refusal("1", JSONLimits(bytesMax: 9, depthMax: 0)) == nil)
        #expect(refusal("[]", JSONLimits(bytesMax: 9, depthMax: 0)) == .tooDeep(depthMax: 0, at: root))
        #expect(refusal(#"{"a":[]}"#, JSONLimits(bytesMax: 9, depthMax: 1)) == .tooDeep(depthMax: 1, at: root.appending("a")))
    }

    @Test func `brackets side by side or within strings are no depth`() {
        #expect(refusal("[" + String(repeating: "[],", count: 99) + "[]]") == nil)
        #expect(refusal(#"["\#(String(repeating: #"[{\"\\"#, count: 99))"]"#) == nil)
        let strings = #"["]]]]","\"]","\\"],"# + String(repeating: "[", count: 40)
        #expect(refusal("[" + strings).map { if case .tooDeep = $0 { true } else { false } } == true)
    }

    @Test func `X10 a hundred thousand brackets never reach the parser`() {
        let text = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(refusal(text, JSONLimits(bytesMax: 100_000)).map { if case .tooDeep = $0 { true } else { false } } == true)
    }

    @Test func `a text of exactly the allowed bytes is read, and one byte more refused`() {
        #expect(refusal("[123]", JSONLimits(bytesMax: 5)) == nil)
        #expect(refusal("[1234]", JSONLimits(bytesMax: 5)) == .tooLarge(bytesMax: 5))
        #expect(refusal("", JSONLimits(bytesMax: 0)) == .endsEarly(at: root))
    }
}
