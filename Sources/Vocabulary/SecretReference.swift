/// Where a secret is to be found. The secret itself is never stored by the service, only this.
public enum SecretReference: Hashable, Sendable, CustomStringConvertible {
    /// The name of an environment variable of the service, `[A-Z][A-Z0-9_]{0,127}`.
    case environment(String)
    /// The absolute path of a file, at most 1024 bytes, without `..` and without control characters.
    case file(String)

    /// - Throws: `VocabularyError` when the text cannot name an environment variable.
    public init(environment name: String) throws(VocabularyError) {
        let bytes = name.utf8
        let isAllowed = bytes.allSatisfy { ($0 >= 0x41 && $0 <= 0x5A) || ASCII.isDigit($0) || $0 == UInt8(ascii: "_") }
        guard (1...128).contains(bytes.count), isAllowed, let first = bytes.first, first >= 0x41, first <= 0x5A else {
            throw VocabularyError("the name of an environment variable is made of A-Z, 0-9 and '_', at most 128 of them, a letter first")
        }
        self = .environment(name)
    }

    /// - Throws: `VocabularyError` when the text is not an absolute path of that shape.
    public init(file path: String) throws(VocabularyError) {
        guard path.utf8.count <= 1024, path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            !path.split(separator: "/").contains("..")
        else {
            throw VocabularyError("a secret's file is an absolute path of at most 1024 bytes without '..'")
        }
        self = .file(path)
    }

    public var description: String {
        switch self {
        case .environment(let name): "environment variable \(name)"
        case .file(let path): "file \(path)"
        }
    }
}
