import NIOCore
import StrictJSON

/// An answer as it stood on the wire.
struct Answer: Sendable {
    struct Malformed: Error {
        let text: String
    }

    let statusLine: String
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// Takes the next whole answer from what has come; nil when it is not all there.
    static func read(from buffer: inout ByteBuffer, toHead: Bool) throws -> Answer? {
        let bytes = buffer.readableBytesView
        let end: [UInt8] = Array("\r\n\r\n".utf8)
        guard let headEnd = bytes.firstRange(of: end) else { return nil }
        let head = String(decoding: bytes[..<headEnd.lowerBound], as: UTF8.self)
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw Malformed(text: head) }
        let headers = try lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[1].first == " " else { throw Malformed(text: head) }
            return (String(parts[0]), String(parts[1].dropFirst()))
        }
        let lengths = headers.filter { $0.name.lowercased() == "content-length" }.map { Int($0.value) }
        let isBodiless = toHead || status < 200 || status == 204
        guard isBodiless || lengths.count == 1, let length = isBodiless ? 0 : lengths[0] else { throw Malformed(text: head) }
        guard bytes.distance(from: headEnd.upperBound, to: bytes.endIndex) >= length else { return nil }
        let body = Array(bytes[headEnd.upperBound...].prefix(length))
        buffer.moveReaderIndex(forwardBy: bytes.distance(from: bytes.startIndex, to: headEnd.upperBound) + length)
        return Answer(statusLine: String(lines[0]), status: status, headers: headers, body: body)
    }

    /// The values of a header.
    subscript(_ name: String) -> [String] { headers.filter { $0.name.lowercased() == name }.map(\.value) }

    var requestID: String { self["x-request-id"].joined(separator: ",") }
    var isLast: Bool { self["connection"] == ["close"] }
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The `code` of a problem; nil where the answer is none.
    var code: String? {
        get throws {
            guard self["content-type"] == ["application/problem+json"] else { return nil }
            return try JSONValue.parse(body, limits: JSONLimits(bytesMax: 1 << 16))["code"]?.stringValue
        }
    }

    /// The whole answer as text, with what differs from one answer to the next replaced.
    func masked(_ masks: [String: String] = [:]) -> String {
        let lines = headers.map { header in
            switch header.name.lowercased() {
            case "date": "\(header.name): <date>"
            case "ratelimit": "\(header.name): <count>"
            case "content-length" where !masks.isEmpty: "\(header.name): <length>"
            default: "\(header.name): \(header.value)"
            }
        }
        var text = self.text
        for (found, put) in masks { text = text.replacing(found, with: put) }
        return ([statusLine] + lines + ["", text]).joined(separator: "\n")
    }
}
