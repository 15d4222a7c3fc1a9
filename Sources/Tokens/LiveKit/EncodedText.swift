internal import Signing

/// A constant text with its base64url made in advance, to be joined to a text that is encoded on the spot.
///
/// Base64 turns groups of three bytes into four characters, so what a text becomes depends on where in a group it begins. The first bytes
/// of the text (`taken`: 0, 1 or 2) complete the group before it; the groups after them are ready; what is left over at the end begins the
/// next text's group.
///
/// `@unchecked Sendable` is true because nothing writes the memory after `init`. It is never freed: such texts live as long as the process.
struct EncodedText: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
    private let ready: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer)

    /// - Parameter isLast: the text ends the payload, so that its last group is written out even if it is not full.
    init(_ text: [UInt8], isLast: Bool) {
        precondition(text.count >= 5, "a text shorter than two groups may have nothing that can be made in advance")
        bytes = Self.kept(text)
        ready = (Self.encoded(text, taken: 0, isLast), Self.encoded(text, taken: 1, isLast), Self.encoded(text, taken: 2, isLast))
    }

    /// The bytes at the end that are in none of the ready groups.
    @inline(__always)
    func leftOver(taken: Int) -> UnsafeRawBufferPointer {
        let count = (bytes.count - taken) % 3
        return UnsafeRawBufferPointer(start: bytes.baseAddress.map { $0 + (bytes.count - count) }, count: count)
    }

    /// Copies the ready characters; answers how many.
    @inline(__always)
    func copy(taken: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
        let characters = taken == 0 ? ready.0 : taken == 1 ? ready.1 : ready.2
        guard let source = characters.baseAddress else { return 0 }
        UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: characters.count)
        return characters.count
    }

    private static func encoded(_ text: [UInt8], taken: Int, _ isLast: Bool) -> UnsafeRawBufferPointer {
        let rest = Array(text.dropFirst(taken))
        return kept(Array(Base64URL.encode(isLast ? rest : rest.dropLast(rest.count % 3)).utf8))
    }

    /// A copy of the bytes that is never freed.
    static func kept(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        memory.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(memory)
    }
}
