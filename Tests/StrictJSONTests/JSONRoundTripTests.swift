import Foundation
import StrictJSON
import TestSupport
import Testing

/// Random values from a seed, so that a failure can be repeated.
private struct ValueMaker {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func below(_ bound: UInt64) -> Int { Int(next() % bound) }

    mutating func value(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 8 : 6) {
        case 0: .null
        case 1: .bool(below(2) == 0)
        case 2: .integer(Int64(bitPattern: next()) >> Int64(below(64)))
        case 3: .real(real())
        case 4, 5: .string(string())
        case 6: .array((0..<below(5)).map { _ in value(depth: depth - 1) })
        default: .object(object(depth: depth - 1))
        }
    }

    mutating func real() -> Double {
        let number = Double(bitPattern: next())
        return number.isFinite ? number : Double(below(1000))
    }

    mutating func string() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<below(20) {
            let bounds: [UInt64] = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000]
            // Surrogates are no scalars, and NUL is refused.
            if let scalar = Unicode.Scalar(UInt32(below(bounds[below(5)]))), scalar.value != 0 { text.append(scalar) }
        }
        return String(text)
    }

    mutating func object(depth: Int) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<below(6) { object[string()] = value(depth: depth) }
        return object
    }
}

/// The same value with all members of all objects in the reverse order.
private func reversed(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object): .object(JSONObject(object.members.reversed().map { ($0.name, reversed($0.value)) }))
    case .array(let elements): .array(elements.map(reversed))
    case .null, .bool, .integer, .real, .string: value
    }
}

@Suite struct JSONRoundTripTests {
    @Test(arguments: 1...8)
    func `what is written reads back as the same value, and as the same bytes`(seed: UInt64) throws {
        var maker = ValueMaker(seed: seed)
        for _ in 0..<250 {
            let value = maker.value(depth: 5)
            let bytes = value.canonicalBytes
            let read = try JSONValue.parse(bytes, limits: JSONLimits(bytesMax: 1 << 20))
            #expect(read == value)
            #expect(read.canonicalBytes == bytes)
            #expect(reversed(value) == value)
            #expect(reversed(value).canonicalBytes == bytes)
        }
    }

    @Test func `a text cut or changed anywhere is read or refused, and nothing else happens`() {
        var maker = ValueMaker(seed: 99)
        for _ in 0..<200 {
            var bytes = maker.value(depth: 4).canonicalBytes
            bytes[maker.below(UInt64(bytes.count))] = UInt8(truncatingIfNeeded: maker.next())
            bytes.removeLast(maker.below(UInt64(bytes.count)))
            do throws(JSONError) {
                let value = try JSONValue.parse(bytes, limits: JSONLimits(bytesMax: 1 << 20, depthMax: 4))
                #expect(!value.canonicalBytes.isEmpty)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }

    /// In a process of its own, so that no other test allocates meanwhile.
    @Test func `reading and refusing give all memory back`() async {
        await #expect(processExitsWith: .success) {
            let texts = [
                #"{"a":[1,2.5,"text long enough to be allocated",{"b":null}]}"#, #"{"a":[{"b":1,"b":2}]}"#, "[1,2", #"["\ud800"]"#,
                "[1e999]",
            ]
            func readAll() {
                for text in texts {
                    let result = Result { try JSONValue.parse(text, limits: JSONLimits(bytesMax: 999)) }
                    if case .success(let value) = result, value.isNull { exit(2) }
                }
            }
            /// Memory in use, in pages: the second number of this file.
            func pagesResident() throws -> Int? {
                Int(try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1])
            }
            for _ in 0..<1000 { readAll() }
            let before = try #require(try pagesResident())
            for _ in 0..<20_000 { readAll() }
            let after = try #require(try pagesResident())
            // One leaked reference a round would be 20,000 times 100 bytes and more: 500 pages.
            #expect(after < before + 250)
        }
    }
}
