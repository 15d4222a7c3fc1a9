import NIOCore
import NIOHTTP1
import SocketIO

/// An answer to an HTTP request of a socket server.
struct SocketAnswer: Sendable {
    let status: Int
    /// Nil where there is no body.
    let contentType: String?
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// What a poll was waiting for.
    static func poll(_ body: [UInt8]) -> SocketAnswer {
        SocketAnswer(status: 200, contentType: "text/plain; charset=UTF-8", body: body)
    }

    /// A POST has been taken.
    static let taken = SocketAnswer(status: 200, contentType: "text/html", body: Array("ok".utf8))

    /// The service stops, or has no room.
    static let unavailable = SocketAnswer(status: 503, contentType: nil)

    /// A refusal as Engine.IO says it: JSON, but to a WebSocket handshake only the words.
    static func refusal(_ refusal: EngineIORefusal, toWebSocket isWebSocket: Bool) -> SocketAnswer {
        if isWebSocket { return SocketAnswer(status: refusal.status, contentType: "text/html", body: Array(refusal.message.utf8)) }
        let body = refusal.body
        return SocketAnswer(status: refusal.status, contentType: body.isEmpty ? nil : "application/json", body: body)
    }

    /// The answer to a browser that asks what a page may send.
    ///
    /// - Parameter requested: the header fields that the page wants to send; said back where it can be nothing but a list of names.
    static func preflight(requested: String?) -> SocketAnswer {
        var fields = [(name: "Access-Control-Allow-Methods", value: "GET,HEAD,PUT,PATCH,POST,DELETE")]
        if let requested, requested.utf8.allSatisfy(isInNameList) {
            fields.append(("Access-Control-Allow-Headers", requested))
            fields.append(("Vary", "Access-Control-Request-Headers"))
        }
        return SocketAnswer(status: 204, contentType: nil, fields: fields)
    }

    private static func isInNameList(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ","), UInt8(ascii: " "): true
        default: false
        }
    }
}

extension ByteBuffer {
    /// Writes an answer of a socket server as HTTP/1.1 sends it, in one piece. The values of its fields are checked or our own.
    mutating func writeAnswer(
        _ answer: SocketAnswer, origin: OriginPolicy.Verdict, date: String, isLast: Bool, isHead: Bool
    ) {
        writeString("HTTP/1.1 \(answer.status) \(HTTPResponseStatus(statusCode: answer.status).reasonPhrase)\r\n")
        if let contentType = answer.contentType { writeString("Content-Type: \(contentType)\r\n") }
        if answer.status != 204 { writeString("Content-Length: \(answer.body.count)\r\n") }
        writeString("Cache-Control: no-store\r\n")
        for (name, value) in answer.fields + origin.fields { writeString("\(name): \(value)\r\n") }
        writeString("Date: \(date)\r\n")
        if isLast { writeString("connection: close\r\n") }
        writeString("\r\n")
        if !isHead { writeBytes(answer.body) }
    }
}
