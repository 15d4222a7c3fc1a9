// The canonical form of an audit row: the bytes that its hash is made over, so that anybody can make it again.
//
//     hash = SHA-256(hash of the row before (32 bytes) + canonical form)
//
// The hash before the first row ever is 32 zero bytes. The canonical form is seventeen fields in this order:
//
//      1  the text `callgate-audit-1`, which names this form and its version
//      2  seq              decimal
//      3  salt             32 lower-case hexadecimal digits: 16 random bytes, so that nobody can try what a row says by its hash
//      4  at               decimal, seconds since 1970-01-01T00:00:00Z
//      5  tenant           absent for the operator's rows
//      6  actor            `key_…`, `user:<id>`, `machine` or `service`
//      7  operation        `call.place`, …
//      8  subject
//      9  outcome          `done`, `repeated`, or the code of the refusal
//     10  request id       absent where there was none
//     11  token: id        this field and those below are absent in a row that is not about a token
//     12  token: sha256    64 lower-case hexadecimal digits
//     13  token: identity
//     14  token: room
//     15  token: role
//     16  token: provider
//     17  token: expires   decimal, seconds since 1970-01-01T00:00:00Z
//
// A field that is there is a netstring: the number of its bytes in decimal, `:`, the bytes (UTF-8), `,`. A field that is absent is `-,`.
// So an absent field is not an empty one (`0:,`), and no text can be taken for two fields: the form has exactly one reading.

import Vocabulary

extension AuditEntry {
    /// The name of the form, which changes when anything about it does.
    public static let canonicalFormName = "callgate-audit-1"

    /// The bytes of this entry as the row `seq`, as they go into its hash after the hash of the row before it.
    public func canonicalForm(seq: Int64, salt: [UInt8]) -> [UInt8] {
        var form = CanonicalForm()
        append(to: &form, seq: seq, salt: salt)
        return form.bytes
    }

    /// The bytes that the hash of the row `seq` is made of: the hash before it, then the canonical form.
    public func hashedBytes(seq: Int64, salt: [UInt8], after previousHash: [UInt8]) -> [UInt8] {
        var form = CanonicalForm()
        form.bytes.append(contentsOf: previousHash)
        append(to: &form, seq: seq, salt: salt)
        return form.bytes
    }

    private func append(to form: inout CanonicalForm, seq: Int64, salt: [UInt8]) {
        form.append(Self.canonicalFormName)
        form.append(seq)
        form.append(hexadecimal: salt)
        form.append(at.seconds)
        form.append(tenant?.text)
        form.append(actor.text)
        form.append(operation.rawValue)
        form.append(subject)
        form.append(outcome)
        form.append(requestID)
        form.append(token?.id)
        form.append(hexadecimal: token?.sha256)
        form.append(token?.identity.text)
        form.append(token?.room.text)
        form.append(token?.role)
        form.append(token?.provider.rawValue)
        form.append(token?.expiresAt.seconds)
    }
}

/// Fields, one behind the other. Written for speed: every change of a call makes a form, so texts are copied in one piece each.
private struct CanonicalForm {
    var bytes: [UInt8] = []

    init() {
        // What nearly every row needs. A longer one makes the array grow.
        bytes.reserveCapacity(512)
    }

    mutating func append(_ text: String?) {
        guard var text else { return appendAbsent() }
        text.withUTF8 { utf8 in
            appendCount(utf8.count)
            bytes.append(contentsOf: utf8)
            bytes.append(UInt8(ascii: ","))
        }
    }

    mutating func append(_ number: Int64?) {
        guard let number else { return appendAbsent() }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = Self.write(number.magnitude, before: digits.count, of: digits)
            if number < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            appendCount(digits.count - start)
            bytes.append(contentsOf: digits[start...])
            bytes.append(UInt8(ascii: ","))
        }
    }

    mutating func append(hexadecimal value: [UInt8]?) {
        guard let value else { return appendAbsent() }
        appendCount(value.count * 2)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: value.count * 2) { digits in
            for (index, byte) in value.enumerated() {
                digits[2 * index] = Self.digit(byte >> 4)
                digits[2 * index + 1] = Self.digit(byte & 0xF)
            }
            bytes.append(contentsOf: digits)
        }
        bytes.append(UInt8(ascii: ","))
    }

    private mutating func appendAbsent() {
        bytes.append(UInt8(ascii: "-"))
        bytes.append(UInt8(ascii: ","))
    }

    private mutating func appendCount(_ count: Int) {
        if count < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(count))
        } else {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
                let start = Self.write(count.magnitude, before: digits.count, of: digits)
                bytes.append(contentsOf: digits[start...])
            }
        }
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes the decimal digits of a number so that they end before a place, and returns where they begin.
    private static func write(_ number: some FixedWidthInteger, before end: Int, of digits: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var rest = number
        var start = end
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        return start
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
