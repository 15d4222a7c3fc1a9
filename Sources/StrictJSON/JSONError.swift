/// Why a text was refused as JSON. The pointer says where, as closely as the text before the fault allows.
///
/// The message is for whoever sent the text. It repeats nothing of it.
public enum JSONError: Error, Equatable, Sendable {
    /// The text has more bytes than allowed.
    case tooLarge(bytesMax: Int)
    /// Arrays and objects are nested deeper than allowed; the pointer is the first one too deep.
    case tooDeep(depthMax: Int, at: JSONPointer)
    /// A name stands twice in one object, perhaps spelled with escapes; the pointer is that member.
    case duplicateName(at: JSONPointer)
    /// Bytes that are not UTF-8.
    case notUTF8(at: JSONPointer)
    /// A NUL, as a byte or as `\u0000`.
    case nulCharacter(at: JSONPointer)
    /// A `\u` escape that is one half of a surrogate pair.
    case loneSurrogate(at: JSONPointer)
    /// An integer beyond 64 bits, or a real beyond a double.
    case numberOutOfRange(at: JSONPointer)
    /// The text ends too early; an empty text does too.
    case endsEarly(at: JSONPointer)
    /// Anything else that is not JSON, a byte order mark and a comment included; `byteOffset` is how far the reader came.
    case syntax(at: JSONPointer, byteOffset: Int)
    /// There was no memory to read it.
    case outOfMemory

    /// Where it is.
    public var pointer: JSONPointer {
        switch self {
        case .tooDeep(_, let pointer), .duplicateName(let pointer), .notUTF8(let pointer), .nulCharacter(let pointer),
            .loneSurrogate(let pointer), .numberOutOfRange(let pointer), .endsEarly(let pointer), .syntax(let pointer, _):
            pointer
        case .tooLarge, .outOfMemory:
            .root
        }
    }

    /// What it is, in a sentence.
    public var message: String {
        switch self {
        case .tooLarge(let bytesMax): "The JSON text is larger than \(bytesMax) bytes."
        case .tooDeep(let depthMax, _): "The JSON text is nested deeper than \(depthMax) levels."
        case .duplicateName: "A name stands twice in one JSON object."
        case .notUTF8: "The JSON text is not UTF-8."
        case .nulCharacter: "The JSON text contains a NUL character."
        case .loneSurrogate: "The JSON text contains half of a surrogate pair."
        case .numberOutOfRange: "A number of the JSON text is out of range."
        case .endsEarly: "The JSON text ends too early."
        case .syntax(_, let byteOffset): "The text is not valid JSON near byte \(byteOffset)."
        case .outOfMemory: "The JSON text could not be read."
        }
    }
}

extension JSONError: CustomStringConvertible {
    /// The message with its pointer.
    public var description: String {
        pointer == .root ? message : "\(pointer): \(message)"
    }
}
