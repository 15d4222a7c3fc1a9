import Switchboard

/// What an answer says of the limits, as draft-ietf-httpapi-ratelimit-headers-11 writes it.
///
/// `RateLimit-Policy` lists everything that the request was counted by, `RateLimit` the one of these of which least is left: the one that a
/// client has to mind. A quota `q` is for `w` seconds, may be used at once, and comes back evenly; in `t` seconds it is whole again.
struct RateFields: Sendable {
    let policy: String
    let left: String
}

/// The fields of every answer. The policies are written out once: what is made for a request is one short text.
struct RateFieldsWriter: Sendable {
    private static let windowSeconds = 60
    /// Enough for the longest name and two numbers.
    private static let bytesMax = 64

    private let policies: [LimitStanding.Counted: String]
    private let names: [LimitPolicy: [UInt8]]

    init(_ limits: RequestLimits) {
        policies = Dictionary(
            uniqueKeysWithValues: LimitStanding.Counted.allCases.map { counted in
                let items = counted.policies.map { "\"\($0.rawValue)\";q=\(limits.rate(of: $0).burst);w=\(Self.windowSeconds)" }
                return (counted, items.joined(separator: ", "))
            })
        names = Dictionary(uniqueKeysWithValues: LimitPolicy.allCases.map { ($0, Array("\"\($0.rawValue)\";r=".utf8)) })
    }

    func fields(_ standing: LimitStanding) -> RateFields {
        RateFields(policy: policies[standing.counted] ?? "", left: left(standing))
    }

    private func left(_ standing: LimitStanding) -> String {
        String(unsafeUninitializedCapacity: Self.bytesMax) { buffer in
            var writer = DigitWriter(buffer: buffer)
            writer.write(names[standing.tightest] ?? [])
            writer.write(number: standing.left)
            writer.write(Self.seconds)
            writer.write(number: standing.fullInSeconds)
            return writer.count
        }
    }

    private static let seconds = Array(";t=".utf8)
}

/// Writes bytes and decimal numbers into memory that is large enough.
private struct DigitWriter {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    mutating func write(_ bytes: [UInt8]) {
        for byte in bytes {
            buffer[count] = byte
            count += 1
        }
    }

    /// - Parameter number: is not negative.
    mutating func write(number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            buffer[count] = UInt8(ascii: "0") + UInt8(number / divisor % 10)
            count += 1
            divisor /= 10
        }
    }
}
