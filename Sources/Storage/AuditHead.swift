/// A place in the audit log and the hash of its row. Kept somewhere else, it proves later that nothing up to there was changed or cut off.
public struct AuditHead: Sendable, Hashable, CustomStringConvertible {
    /// 0 before the first row.
    public let seq: Int64
    /// 32 bytes; zeros before the first row.
    public let hash: [UInt8]

    public init(seq: Int64, hash: [UInt8]) {
        self.seq = seq
        self.hash = hash
    }

    /// Reads what `description` wrote. Nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let seq = Int64(parts[0]), seq >= 0, parts[1].utf8.count == 64 else { return nil }
        let digits = parts[1].utf8.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count == 64 else { return nil }
        self.init(seq: seq, hash: (0..<32).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] })
    }

    /// `<seq>:<64 hexadecimal digits>`
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return "\(seq):" + String(decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
    }
}
