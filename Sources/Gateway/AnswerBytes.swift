import API
import NIOCore
import NIOHTTP1

extension ByteBuffer {
    /// Writes an answer as HTTP/1.1 sends it, in one piece.
    ///
    /// Its header fields are names of ours with values of ours, or ids of a checked shape: nothing in them can end a line.
    /// - Parameters:
    ///   - isLast: says that the connection ends with this answer.
    ///   - isHead: leaves the body out, as the answer to `HEAD` does.
    mutating func writeAnswer(_ answer: APIResponse, requestID: String, date: String, isLast: Bool, isHead: Bool) {
        writeString("HTTP/1.1 ")
        writeString(String(answer.status))
        writeString(" ")
        writeString(HTTPResponseStatus(statusCode: answer.status).reasonPhrase)
        writeString("\r\n")
        answer.forEachHeader(requestID: requestID) { name, value in writeField(name, value) }
        writeField("Date", date)
        if isLast { writeField("connection", "close") }
        writeString("\r\n")
        if !isHead { writeBytes(answer.body) }
    }

    private mutating func writeField(_ name: String, _ value: String) {
        writeString(name)
        writeString(": ")
        writeString(value)
        writeString("\r\n")
    }
}
