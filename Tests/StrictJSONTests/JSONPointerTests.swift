import StrictJSON
import Testing

@Suite struct JSONPointerTests {
    /// RFC 6901, section 5: the document's names and the pointers to them.
    @Test(arguments: [
        ("foo", "/foo"), ("", "/"), ("a/b", "/a~1b"), ("c%d", "/c%d"), ("e^f", "/e^f"), ("g|h", "/g|h"), ("i\\j", "/i\\j"),
        ("k\"l", "/k\"l"),
        (" ", "/ "), ("m~n", "/m~0n"), ("~1", "/~01"), ("é", "/é"),
    ])
    func `a name is escaped as RFC 6901 says`(name: String, text: String) {
        #expect(JSONPointer.root.appending(name).text == text)
    }

    @Test func `the root is the empty text, and steps add up`() {
        #expect(JSONPointer.root.text == "")
        #expect(JSONPointer.root.appending("a").appending(0).appending("b").description == "/a/0/b")
    }

    /// RFC 6901, section 5: the document, and what its pointers lead to.
    @Test func `a pointer leads where RFC 6901 says`() throws {
        let document = try JSONValue.parse(
            #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#,
            limits: JSONLimits(bytesMax: 1000))
        let values: [(String, JSONValue)] = [
            ("", document), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/foo/1", "baz"), ("/", 0), ("/a~1b", 1), ("/c%d", 2),
            ("/e^f", 3),
            ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
        ]
        for (text, value) in values { #expect(document.value(at: try JSONPointer(text)) == value, "\(text)") }
        for text in ["/foo/2", "/foo/-", "/foo/-1", "/foo/00", "/foo/01", "/foo/+1", "/foo/0/bar", "/bar", "//", "/m~01n", "/foo/", "/a"] {
            #expect(document.value(at: try JSONPointer(text)) == nil, "\(text)")
        }
        #expect(try JSONValue.parse(#"{"~1":1,"/":2}"#, limits: JSONLimits(bytesMax: 1000)).value(at: JSONPointer("/~01")) == 1)
    }

    @Test(arguments: ["foo", "a/b", "~", "/~", "/~2", "/a~", "/~~0", "#/foo", " /foo"])
    func `a text that is no pointer is refused`(text: String) {
        #expect(throws: JSONPointer.Malformed.self) { try JSONPointer(text) }
    }

    @Test func `pointers to different spellings of a letter differ`() {
        #expect(JSONPointer.root.appending("\u{e9}") != JSONPointer.root.appending("e\u{301}"))
        #expect(Set([JSONPointer.root.appending("a"), JSONPointer.root.appending("a")]).count == 1)
    }
}

@Suite struct JSONObjectTests {
    @Test func `the order of members does not matter for equality`() {
        let one: JSONObject = ["a": 1, "b": [true]]
        let other: JSONObject = ["b": [true], "a": 1]
        #expect(one == other)
        #expect(one != ["a": 1, "b": [false]])
        #expect(one != ["a": 1])
    }

    @Test func `setting a member adds, replaces in place and removes`() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["c"] = 3
        object["a"] = 4
        object["b"] = nil as JSONValue?
        object["x"] = nil as JSONValue?
        #expect(object.members.map(\.name) == ["a", "c"])
        #expect(object["a"] == 4)
        #expect(object["b"] == nil)
        #expect(object.count == 2 && !object.isEmpty)
    }

    @Test func `a name twice in a literal stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = JSONObject([("a", 1), ("a", 2)])
        }
    }

    @Test func `values open to those who know what they are`() {
        let value: JSONValue = ["s": "x", "b": false, "i": 7, "r": 2.5, "w": 3.0, "a": [1, 2], "n": nil]
        #expect(value["s"]?.stringValue == "x")
        #expect(value["b"]?.boolValue == false)
        #expect(value["i"]?.integerValue == 7 && value["i"]?.realValue == 7)
        #expect(value["r"]?.integerValue == nil && value["r"]?.realValue == 2.5)
        #expect(value["w"]?.integerValue == 3)
        #expect(value["a"]?[1] == 2 && value["a"]?[2] == nil && value["a"]?.arrayValue?.count == 2)
        #expect(value["n"]?.isNull == true && value["x"] == nil)
        #expect(value["s"]?.integerValue == nil && value["i"]?.stringValue == nil)
    }
}
