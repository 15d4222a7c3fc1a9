import Testing

@testable import StrictJSON

@Suite struct JSONWriterTests {
    @Test func `names are written sorted by their bytes, at every depth`() {
        let value: JSONValue = ["b": ["z": 1, "": 2, "Z": 3], "a": [["y": 1, "x": 2]], "\u{10000}": 1, "\u{FFFD}": 2, "é": 3, "aa": 4]
        #expect(
            value.canonicalText
                == "{\"a\":[{\"x\":2,\"y\":1}],\"aa\":4,\"b\":{\"\":2,\"Z\":3,\"z\":1},\"é\":3,\"\u{FFFD}\":2,\"\u{10000}\":1}")
    }

    @Test func `room that is made ahead changes nothing of what is written`() {
        var writer = JSONWriter(appendingTo: Array("42".utf8))
        writer.beginArray()
        writer.reserve(10_000)
        #expect(writer.bytes == Array("42[".utf8) && writer.bytes.capacity >= 10_003)
        writer.integer(1)
        writer.reserve(0)
        writer.endArray()
        #expect(writer.takeBytes() == Array("42[1]".utf8))
    }

    @Test func `only quote, backslash and controls are escaped`() {
        let text = "\"\\/\u{8}\u{C}\n\r\t\u{1}\u{1F}\u{7F}é\u{2028}😀<>&'"
        #expect(JSONValue.string(text).canonicalText == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7F}é\u{2028}😀<>&'\"")
        #expect(JSONValue.object(["a\"\n": 1]).canonicalText == #"{"a\"\n":1}"#)
    }

    /// The look for escapes takes eight bytes at a time: every byte in every place of every length around that.
    @Test func `an escape is found wherever it stands`() {
        for count in 1...25 {
            for place in 0..<count {
                for byte in UInt8(0)...0x7F {
                    var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: count)
                    bytes[place] = byte
                    let isPlain = bytes.withUnsafeBufferPointer { JSONEscapes.areNotNeeded(in: $0) }
                    #expect(isPlain == (byte >= 0x20 && byte != 0x22 && byte != 0x5C))
                }
            }
        }
        let multibyte = Array("ééééé \u{80} \u{7FF} \u{FFFF} 😀😀😀".utf8)
        #expect(multibyte.withUnsafeBufferPointer { JSONEscapes.areNotNeeded(in: $0) })
    }

    @Test(arguments: [
        (0, "0"), (9, "9"), (10, "10"), (-1, "-1"), (99, "99"), (100, "100"), (1_700_000_300, "1700000300"),
        (Int64.max, "9223372036854775807"),
        (Int64.min, "-9223372036854775808"), (999_999_999_999_999_999, "999999999999999999"),
        (1_000_000_000_000_000_000, "1000000000000000000"),
    ])
    func `integers are written in full`(number: Int64, text: String) {
        #expect(JSONValue.integer(number).canonicalText == text)
    }

    @Test(arguments: [
        (300.0, "300.0"), (0.1, "0.1"), (-0.0, "-0.0"), (1e16, "1e+16"), (Double.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (1.0 / 3.0, "0.3333333333333333"),
    ])
    func `reals are written with the fewest digits, and stay reals`(number: Double, text: String) throws {
        #expect(JSONValue.real(number).canonicalText == text)
        #expect(try JSONValue.parse(text, limits: JSONLimits(bytesMax: 64)) == .real(number))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a real that is not finite stops the program`(number: Double) async {
        await #expect(processExitsWith: .failure) { [bits = number.bitPattern as UInt64] in
            _ = JSONValue.real(Double(bitPattern: bits)).canonicalBytes
        }
    }

    @Test func `write adds behind what is there`() {
        var bytes = Array("data: ".utf8)
        JSONValue.array([1, nil, true]).write(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "data: [1,null,true]")
    }

    @Test func `the streaming writer writes what the value would`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.beginArray()
        writer.integer(-5)
        writer.string("x\ty")
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.null()
        writer.endArray()
        writer.name(fixed: "b")
        writer.bool(false)
        writer.name("c")
        writer.raw(bytes: Array("[1]".utf8))
        writer.name("d")
        writer.raw("{}")
        writer.name("é\"")
        writer.real(2)
        writer.endObject()
        let value: JSONValue = ["a": [-5, "x\ty", [:], [], nil], "b": false, "c": [1], "d": [:], "é\"": 2.0]
        #expect(writer.withBytes { Array($0) } == value.canonicalBytes)
        #expect(writer.takeBytes() == value.canonicalBytes)
    }

    @Test func `a writer emptied begins anew and keeps its memory`() {
        var writer = JSONWriter(capacity: 512)
        writer.string(String(repeating: "x", count: 300))
        let capacity = writer.bytes.capacity
        writer.removeAll()
        writer.integer(1)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "1")
        #expect(writer.bytes.capacity == capacity)
    }

    @Test func `copies of a writer are independent`() {
        var one = JSONWriter()
        one.beginArray()
        var other = one
        one.integer(1)
        other.integer(2)
        one.endArray()
        other.endArray()
        #expect(one.bytes == Array("[1]".utf8) && other.bytes == Array("[2]".utf8))
    }

    #if DEBUG
        @Test func `names out of order are found where asserts are on`() async {
            await #expect(processExitsWith: .failure) {
                var writer = JSONWriter()
                writer.beginObject()
                writer.name("b")
                writer.null()
                writer.name("a")
            }
            await #expect(processExitsWith: .failure) {
                var writer = JSONWriter()
                writer.beginObject()
                writer.endArray()
            }
        }
    #endif
}
