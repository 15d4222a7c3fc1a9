/// Writes one JSON text piece by piece into bytes that are kept, for the paths where building a `JSONValue` first would cost too much.
///
/// Commas and colons are its own work. The order is the caller's: names must come sorted by their bytes, every name once, so that the
/// text is the same as `JSONValue.write(into:)` writes; that, and that brackets match, is checked by `assert`. Keep one writer and
/// call `removeAll()` between texts: once its bytes have grown it allocates nothing, except for reals.
///
///     writer.beginObject()
///     writer.name("exp"); writer.integer(1_700_000_300)
///     writer.name("sub"); writer.string("alice")
///     writer.endObject()                                    // {"exp":1700000300,"sub":"alice"}
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8]
    /// True when a value was completed last, so that the next one stands behind a comma.
    private var needsComma = false
    private var order = JSONWriterOrder()

    /// Makes a writer with room for that many bytes.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Makes a writer that goes on behind these bytes.
    public init(appendingTo bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
        assert(order.reset())
    }

    /// Makes room for that many more bytes at once, where what comes is known to be long.
    public mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(bytes.count + count)
    }

    /// Lends what was written without copying it.
    @inlinable
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// Gives the bytes away.
    public consuming func takeBytes() -> [UInt8] {
        assert(order.isComplete)
        return bytes
    }
}

extension JSONWriter {
    /// Opens an object.
    public mutating func beginObject() {
        assert(order.begin(isObject: true))
        open(UInt8(ascii: "{"))
    }

    /// Closes the object opened last.
    public mutating func endObject() {
        assert(order.end(isObject: true))
        close(UInt8(ascii: "}"))
    }

    /// Opens an array.
    public mutating func beginArray() {
        assert(order.begin(isObject: false))
        open(UInt8(ascii: "["))
    }

    /// Closes the array opened last.
    public mutating func endArray() {
        assert(order.end(isObject: false))
        close(UInt8(ascii: "]"))
    }

    /// Writes the name of the member whose value comes next.
    public mutating func name(_ name: String) {
        assert(order.name(name))
        quoted(name, isName: true)
    }

    /// Writes a name fixed when the program was built, in ASCII and without anything to escape (checked by `assert`).
    /// Saves the look for escapes: for names on hot paths.
    public mutating func name(fixed name: StaticString) {
        let source = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        assert(order.name(name.description) && JSONEscapes.areNotNeeded(in: source))
        quoted(plain: source, isName: true)
    }

    /// Writes a string, with the fewest escapes.
    public mutating func string(_ text: String) {
        assert(order.value())
        quoted(text, isName: false)
    }

    /// Writes a whole number.
    public mutating func integer(_ number: Int64) {
        assert(order.value())
        digits(number)
        needsComma = true
    }

    /// Writes a whole number.
    public mutating func integer(_ number: Int) {
        integer(Int64(number))
    }

    /// Writes a real with the fewest digits that read back as the same double, always with a fraction or an exponent.
    /// JSON has neither infinity nor "not a number": to pass one is a programmer's mistake.
    public mutating func real(_ number: Double) {
        precondition(number.isFinite, "JSON has no number that is not finite")
        raw(bytes: Array(number.description.utf8))
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ truth: Bool) {
        raw(truth ? "true" : "false")
    }

    /// Writes `null`.
    public mutating func null() {
        raw("null")
    }

    /// Writes one whole value that is JSON already. Whether it is, nobody checks.
    public mutating func raw(bytes value: UnsafeRawBufferPointer) {
        assert(order.value())
        value.withMemoryRebound(to: UInt8.self) { unquoted($0) }
    }

    /// Writes one whole value that is JSON already. Whether it is, nobody checks.
    public mutating func raw(bytes value: [UInt8]) {
        assert(order.value())
        value.withUnsafeBufferPointer { unquoted($0) }
    }

    /// Writes one whole value that is JSON already, fixed when the program was built.
    public mutating func raw(_ value: StaticString) {
        assert(order.value())
        unquoted(UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }
}

extension JSONWriter {
    /// Reserves room once and lets `fill` write without further checks; it returns how many bytes it wrote.
    @inline(__always)
    private mutating func append(atMost count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Int) {
        bytes.append(addingCapacity: count) { span in
            span.withUnsafeMutableBufferPointer { buffer, written in
                guard let start = buffer.baseAddress else { return }
                written = fill(start)
            }
        }
    }

    private mutating func open(_ bracket: UInt8) {
        let comma = needsComma
        append(atMost: 2) { start in
            var end = start
            if comma { end.put(UInt8(ascii: ",")) }
            end.put(bracket)
            return end - start
        }
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func unquoted(_ value: UnsafeBufferPointer<UInt8>) {
        let comma = needsComma
        append(atMost: 1 + value.count) { start in
            var end = start
            if comma { end.put(UInt8(ascii: ",")) }
            end.put(value)
            return end - start
        }
        needsComma = true
    }

    private mutating func quoted(_ text: String, isName: Bool) {
        // Asking for the storage avoids the copy of the string that `withUTF8` needs; every string here has it.
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { quoted($0, isName: isName) }
        if done == nil { Array(text.utf8).withUnsafeBufferPointer { quoted($0, isName: isName) } }
    }

    private mutating func quoted(_ source: UnsafeBufferPointer<UInt8>, isName: Bool) {
        if JSONEscapes.areNotNeeded(in: source) {
            quoted(plain: source, isName: isName)
        } else {
            // An escape takes up to six bytes for one.
            quoted(atMost: 6 * source.count, isName: isName) { JSONEscapes.write(source, to: &$0) }
        }
    }

    private mutating func quoted(plain source: UnsafeBufferPointer<UInt8>, isName: Bool) {
        quoted(atMost: source.count, isName: isName) { $0.put(source) }
    }

    @inline(__always)
    private mutating func quoted(atMost count: Int, isName: Bool, _ fill: (inout UnsafeMutablePointer<UInt8>) -> Void) {
        let comma = needsComma
        // Beside the text: a comma, two quotes and a colon.
        append(atMost: 4 + count) { start in
            var end = start
            if comma { end.put(UInt8(ascii: ",")) }
            end.put(UInt8(ascii: "\""))
            fill(&end)
            end.put(UInt8(ascii: "\""))
            if isName { end.put(UInt8(ascii: ":")) }
            return end - start
        }
        needsComma = !isName
    }

    private mutating func digits(_ number: Int64) {
        let comma = needsComma
        append(atMost: 21) { start in
            var end = start
            if comma { end.put(UInt8(ascii: ",")) }
            if number < 0 { end.put(UInt8(ascii: "-")) }
            end.put(decimal: number.magnitude)
            return end - start
        }
    }
}

extension UnsafeMutablePointer<UInt8> {
    /// Writes one byte and steps behind it. Room must have been reserved.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        pointee = byte
        self += 1
    }

    /// Writes these bytes and steps behind them. Room must have been reserved.
    @inline(__always)
    mutating func put(_ source: UnsafeBufferPointer<UInt8>) {
        guard let start = source.baseAddress else { return }
        update(from: start, count: source.count)
        self += source.count
    }

    /// Writes a number in decimal and steps behind it. Room for 20 digits must have been reserved.
    mutating func put(decimal number: UInt64) {
        var count = 1
        var bound: UInt64 = 10
        while number >= bound {
            count += 1
            // The largest power of ten in 64 bits has twenty digits.
            if count == 20 { break }
            bound *= 10
        }
        var rest = number
        for place in stride(from: count - 1, through: 0, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            self[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        self += count
    }
}
