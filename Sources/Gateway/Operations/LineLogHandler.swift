import Foundation
public import Logging

/// Writes one line for each event of the log, whatever is in it.
///
/// Texts come from clients, files and libraries. In both formats whatever could end a line, move a terminal's cursor or turn the
/// direction of reading is written as `\u` and four digits, so nobody can write a line of their own into the log or hide one. A value is
/// cut at `valueLengthMax`.
public struct LineLogHandler: LogHandler {
    /// How a line looks.
    public enum Format: String, CaseIterable, Sendable {
        /// `2026-01-01T00:00:00.000Z info callgate: message key=value key="a longer value"`
        case text
        /// One JSON object with `time`, `level`, `message`, and a member for each fact.
        case json
    }

    static let valueLengthMax = 4096

    public var logLevel = Logger.Level.info
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let format: Format
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes a whole line with its end.
    init(label: String, format: Format, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        self.format = format
        self.write = write
    }

    /// A handler that writes to standard error. Where nobody reads that, lines are lost.
    public static func standardError(label: String, format: Format) -> LineLogHandler {
        LineLogHandler(label: label, format: format) { line in
            var rest = ArraySlice(line.utf8)
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno != EINTR { return }
                rest = rest.dropFirst(max(0, count))
            }
        }
    }

    /// What is said in every line of this logger.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the event's line.
    public func log(event: LogEvent) {
        var facts = metadata
        if let more = event.metadata { facts.merge(more) { $1 } }
        if let error = event.error { facts["error"] = "\(error)" }
        let sorted = facts.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let time = SystemClock.logTime()
        switch format {
        case .text:
            var line = "\(time) \(event.level) \(label): \(Self.escaped(event.message.description))"
            for (name, value) in sorted { line += " \(Self.escaped(name))=\(Self.isPlain(value) ? value : Self.quoted(value))" }
            write(line + "\n")
        case .json:
            var line = #"{"time":"\#(time)","level":"\#(event.level)","message":\#(Self.quoted(event.message.description))"#
            for (name, value) in sorted { line += ",\(Self.quoted(name)):\(Self.quoted(value))" }
            write(line + "}\n")
        }
    }

    /// Whether a value can stand without quotes and be read as what it is.
    private static func isPlain(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.count <= valueLengthMax
            && value.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case _: "-_.:/@+,~*()[]{}?!%&;<>#$^|".utf8.contains(byte)
                }
            }
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// The text as it stands within quotes, in JSON too.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for (position, scalar) in text.unicodeScalars.enumerated() {
            guard position < valueLengthMax else { return escaped + "…" }
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where isPrinted(scalar): escaped.unicodeScalars.append(scalar)
            case _:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return escaped
    }

    private static func isPrinted(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        case _: return true
        }
    }
}
