import Signing

/// The text of a token taken apart: which version, and the bytes that its base64 stands for.
///
/// Strict in what it accepts, generous in what it says. Line breaks and white space around are passed over and reported, as Agora's own
/// readers pass over them; all else that is not canonical base64 is refused, with a name for what probably happened.
struct AgoraTokenText {
    /// The longest text that is read.
    static let bytesMax = 128 * 1024

    let version: AgoraToken.Version
    /// The app id of a 006 token, which stands outside its base64; nil in 007.
    let appID: String?
    let bytes: [UInt8]
    let irregularities: [AgoraIrregularity]

    init(_ text: String) throws(AgoraDamage) {
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        var irregularities: [AgoraIrregularity] = []
        let characters = Self.unwrapped(text, &irregularities)
        self.irregularities = irregularities
        guard !characters.isEmpty else { throw .empty }
        let format = AgoraFormat.recognise(String(decoding: characters, as: UTF8.self))
        switch format {
        case .accessToken2:
            version = .accessToken2
            appID = nil
            bytes = try Self.decoded(characters.dropFirst(3)) { (bytes) throws(AgoraDamage) in _ = try AgoraInflate.inflate(bytes) }
        case .accessToken:
            version = .accessToken
            guard characters.count >= 3 + AgoraCredentials.digitCount else { throw .truncated }
            appID = String(decoding: characters[3..<3 + AgoraCredentials.digitCount], as: UTF8.self)
            bytes = try Self.decoded(characters.dropFirst(3 + AgoraCredentials.digitCount)) { (bytes) throws(AgoraDamage) in
                _ = try AgoraAccessToken(reading: bytes, appID: "")
            }
        case .dynamicKey, .dynamicKey2, .dynamicKey3, .dynamicKey4, .dynamicKey5, .unknownVersion, .appID, .jsonWebToken, .unrecognised:
            throw .otherFormat(format)
        }
    }

    /// The characters without line breaks and without white space around.
    private static func unwrapped(_ text: String, _ irregularities: inout [AgoraIrregularity]) -> [UInt8] {
        let all = Array(text.utf8)
        guard let first = all.firstIndex(where: { !isSpace($0) }), let last = all.lastIndex(where: { !isSpace($0) }) else { return [] }
        let core = all[first...last]
        if core.count < all.count { irregularities.append(.surroundingSpace) }
        let characters = core.filter { !isLineBreak($0) }
        if characters.count < core.count { irregularities.append(.lineBreaks) }
        return characters
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || isLineBreak(byte) }

    /// Decodes base64, or says what is wrong with it. `isComplete` throws where decoded bytes are not a whole token.
    private static func decoded(
        _ characters: ArraySlice<UInt8>, isComplete: ([UInt8]) throws(AgoraDamage) -> Void
    ) throws(AgoraDamage) -> [UInt8] {
        guard !characters.isEmpty else { throw .truncated }
        if let bytes = strictly(characters) { return bytes }
        if characters.contains(where: isSpace) { throw .plusBecameSpace }
        if characters.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) { throw .urlSafeAlphabet }
        let unpadded = characters.prefix { $0 != UInt8(ascii: "=") }
        guard unpadded.allSatisfy(isBase64), characters.count % 4 != 0 else { throw .notBase64 }
        // Cut off, or only without its padding? Whole bytes tell.
        let padded = unpadded + Array(repeating: UInt8(ascii: "="), count: (4 - unpadded.count % 4) % 4)
        guard let bytes = strictly(padded) else { throw .truncated }
        do {
            try isComplete(bytes)
        } catch {
            throw .truncated
        }
        throw .missingPadding
    }

    private static func strictly(_ characters: ArraySlice<UInt8>) -> [UInt8]? {
        do {
            return try Base64.decode(characters)
        } catch {
            return nil
        }
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
    }
}
