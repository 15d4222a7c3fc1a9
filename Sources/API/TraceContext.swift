/// The place of a request in the trace of whoever sent it, as `traceparent` writes it (W3C Trace Context, level 1).
///
/// It goes into the lines of the log that are about the request, and nowhere else.
public struct TraceContext: Sendable, Equatable {
    /// 32 lower-case hexadecimal digits, not all zero.
    public let traceID: String
    /// The sender's own span: 16 lower-case hexadecimal digits, not all zero.
    public let spanID: String

    /// Reads all values of the header: there has to be one.
    public init?(_ values: [String]) {
        guard values.count == 1 else { return nil }
        self.init(values[0])
    }

    /// Reads the value of the header. Nil for one that is not exactly as its definition says: it is ignored then, as the definition asks.
    ///
    /// `00-<32 digits>-<16 digits>-<2 digits>`. A later version may say more after a further dash; `ff` is no version.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash else { return nil }
        let (version, trace, span, flags) = (bytes[0..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55])
        guard [version, trace, span, flags].allSatisfy({ $0.allSatisfy(Self.isDigit) }) else { return nil }
        let isZero = version.elementsEqual("00".utf8)
        guard !version.elementsEqual("ff".utf8), bytes.count == 55 || (!isZero && bytes[55] == Self.dash) else { return nil }
        guard !trace.allSatisfy({ $0 == Self.zero }), !span.allSatisfy({ $0 == Self.zero }) else { return nil }
        traceID = String(decoding: trace, as: UTF8.self)
        spanID = String(decoding: span, as: UTF8.self)
    }

    private static let dash = UInt8(ascii: "-")
    private static let zero = UInt8(ascii: "0")

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
