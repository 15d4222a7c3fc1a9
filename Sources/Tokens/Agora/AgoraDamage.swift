/// Why a text cannot be read as an Agora token. What tends to happen to tokens on their way has a case of its own, so that the person
/// who asks learns what happened and not only that something did.
public enum AgoraDamage: Error, Sendable, Hashable {
    /// There is no text.
    case empty
    /// The text is longer than any token is read.
    case tooLong
    /// The text is something else: an older format, another kind of token, an app id.
    case otherFormat(AgoraFormat)
    /// A space stands inside: a `+` went through the decoding of a URL or a form.
    case plusBecameSpace
    /// `-` or `_` stands inside: somebody used the URL-safe alphabet.
    case urlSafeAlphabet
    /// All is there but for the `=` at the end.
    case missingPadding
    /// Another character that base64 does not have, or bits at the end that carry nothing.
    case notBase64
    /// The end is missing.
    case truncated
    /// The inflated token is larger than 64 KiB: made to hurt whoever inflates it.
    case inflatesTooFar
    /// The packed part is not what it should be: the reason.
    case zlib(String)
    /// The token has more services, privileges or names than any honest one.
    case tooManyEntries
    /// The content ends before this part of it is complete.
    case endsInside(String)

    /// A stable name, lower-case words joined by `_`.
    public var code: String {
        switch self {
        case .empty: "empty"
        case .tooLong: "too_long"
        case .otherFormat: "not_an_agora_token"
        case .plusBecameSpace: "plus_became_space"
        case .urlSafeAlphabet: "url_safe_alphabet"
        case .missingPadding: "missing_padding"
        case .notBase64: "not_base64"
        case .truncated: "truncated"
        case .inflatesTooFar: "inflates_too_far"
        case .zlib: "not_zlib"
        case .tooManyEntries: "too_many_entries"
        case .endsInside: "content_incomplete"
        }
    }

    /// What happened, in plain words. Contains nothing of the token.
    public var message: String {
        switch self {
        case .empty: "There is no token."
        case .tooLong: "The text is longer than any Agora token."
        case .otherFormat(let format): format.message
        case .plusBecameSpace: "A space stands inside the token: a '+' was lost in a URL or a form. Encode the token before it goes there."
        case .urlSafeAlphabet: "'-' or '_' stands inside the token: Agora's tokens are standard base64, with '+' and '/'."
        case .missingPadding: "The '=' at the end of the token are missing; all else is there."
        case .notBase64: "The token is not base64."
        case .truncated: "The end of the token is missing."
        case .inflatesTooFar: "The token inflates to more than 64 KiB, which no honest token does."
        case .zlib(let why): "The token's packed part cannot be read: \(why)."
        case .tooManyEntries: "The token has more than \(AgoraReader.entriesMax) services, privileges and names, which no honest token has."
        case .endsInside(let part): "The token's content ends inside \(part)."
        }
    }
}

/// What is odd about a token that can be read all the same. Agora's own readers let these pass.
public enum AgoraIrregularity: Sendable, Hashable {
    /// Line breaks stand in the text.
    case lineBreaks
    /// White space stands around the text.
    case surroundingSpace
    /// So many bytes follow the packed part. They are in no signature.
    case bytesAfterStream(Int)
    /// So many bytes follow the last part of the content. In 007 they are signed, in 006 only those of the message are.
    case bytesAfterContent(Int)
    /// A service of this number is not known; it and what follows it was not read. The signature covers it.
    case unknownService(UInt16)
    /// The signature has so many bytes instead of 32.
    case signatureLength(Int)
    /// The app id is not 32 hexadecimal digits.
    case appIDMalformed
    /// A privilege is there twice, or they do not ascend.
    case privilegesOutOfOrder
    /// A text is not UTF-8; what cannot be shown was replaced.
    case textNotUTF8

    /// A stable name, lower-case words joined by `_`.
    public var code: String {
        switch self {
        case .lineBreaks: "line_breaks"
        case .surroundingSpace: "surrounding_space"
        case .bytesAfterStream: "bytes_after_stream"
        case .bytesAfterContent: "bytes_after_content"
        case .unknownService: "unknown_service"
        case .signatureLength: "signature_length"
        case .appIDMalformed: "app_id_malformed"
        case .privilegesOutOfOrder: "privileges_out_of_order"
        case .textNotUTF8: "text_not_utf8"
        }
    }

    /// What is odd, in plain words.
    public var message: String {
        switch self {
        case .lineBreaks: "Line breaks stand in the token. Some readers skip them, others refuse the token: send it in one piece."
        case .surroundingSpace: "White space stands around the token."
        case .bytesAfterStream(let count): "\(count) bytes follow the packed part; nothing signs them."
        case .bytesAfterContent(let count): "\(count) bytes follow the last part of the content."
        case .unknownService(let number): "The service type \(number) is not known here; it and what follows was not read."
        case .signatureLength(let count): "The signature has \(count) bytes; it should have 32."
        case .appIDMalformed: "The app id in the token is not 32 hexadecimal digits."
        case .privilegesOutOfOrder: "Privileges are there twice or out of order; the last one of a number counts."
        case .textNotUTF8: "A text in the token is not UTF-8."
        }
    }
}
