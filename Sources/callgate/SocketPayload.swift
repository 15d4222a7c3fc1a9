import StrictJSON

/// What an event or an acknowledgement says: its first argument, as the text came.
///
/// The load looks for what it needs in the text. A parser would take longer than all else that the load does, of a machine that it shares
/// with the server it measures.
struct SocketPayload: Sendable {
    /// The JSON array that the server sent, and which of its elements this is.
    private let arguments: ArraySlice<UInt8>
    private let index: Int

    /// The payload of an acknowledgement, which has nothing before it.
    init(ofAnswer arguments: ArraySlice<UInt8>) {
        (self.arguments, index) = (arguments, 0)
    }

    /// The name of an event and its payload. Nil where the text has no name.
    static func event(_ arguments: ArraySlice<UInt8>) -> (name: String, payload: SocketPayload)? {
        let start = arguments.startIndex + 2
        guard arguments.starts(with: "[\"".utf8), let end = arguments[start...].firstIndex(of: UInt8(ascii: "\"")),
            let name = String(validating: arguments[start..<end], as: UTF8.self)
        else { return nil }
        return (name, SocketPayload(arguments, 1))
    }

    private init(_ arguments: ArraySlice<UInt8>, _ index: Int) {
        (self.arguments, self.index) = (arguments, index)
    }

    /// All of it, parsed; null where it is missing or no JSON.
    var value: JSONValue {
        let limits = JSONLimits(bytesMax: arguments.count)
        guard case .array(let elements) = try? JSONValue.parse(Array(arguments), limits: limits), elements.indices.contains(index) else {
            return .null
        }
        return elements[index]
    }

    /// Whether these bytes stand anywhere in it.
    func contains(_ text: StaticString) -> Bool { end(of: text) != nil }

    /// The first member of that name, at whatever depth, where it is a string without escapes and not empty.
    /// - Parameter opening: the name with its quotes and what stands before the value: `"callId":"`.
    func string(after opening: StaticString) -> String? {
        guard let start = end(of: opening), let end = arguments[start...].firstIndex(of: UInt8(ascii: "\"")), end > start else {
            return nil
        }
        return String(validating: arguments[start..<end], as: UTF8.self)
    }

    /// Where the first occurrence of these bytes ends.
    private func end(of text: StaticString) -> Int? {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return arguments.withUnsafeBufferPointer { bytes in
            var start = 0
            while start + wanted.count <= bytes.count {
                if bytes[start] == wanted[0], bytes[start..<start + wanted.count].elementsEqual(wanted) {
                    return arguments.startIndex + start + wanted.count
                }
                start += 1
            }
            return nil
        }
    }
}
