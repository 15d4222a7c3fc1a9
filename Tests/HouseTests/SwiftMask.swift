/// Tells the code of a Swift text from its comments and its texts in quotes, so that a word in a comment is not taken for code.
///
/// Both results have the lines and columns of the original, with blanks for what was left out. Knows line comments, nested block comments,
/// texts with one and three quotes and with number signs, interpolation, and regular expressions between `#/` and `/#`. Bare `/…/` ones
/// are taken for code; write those that contain quotes with number signs.
struct SwiftMask {
    private(set) var code = ""
    private(set) var comments = ""

    /// Whether a byte may start something else than what it stands in. All others are taken as they are, quickly.
    private static let matters = (UInt8.min...UInt8.max).map { Array("/\"#()\\\n".utf8).contains($0) }

    private let bytes: [UInt8]
    private var index = 0
    private var codeBytes: [UInt8]
    private var commentBytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
        codeBytes = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        commentBytes = codeBytes
        readCode(untilParenthesis: false)
        code = String(decoding: codeBytes, as: UTF8.self)
        comments = String(decoding: commentBytes, as: UTF8.self)
    }

    private func isNext(_ text: StaticString, at offset: Int = 0) -> Bool {
        let start = index + offset
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[start..<start + $0.count]) }
    }

    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while index < bytes.count {
            if !Self.matters[Int(bytes[index])] {
                codeBytes[index] = bytes[index]
                index += 1
            } else if isNext("//") {
                readLineComment()
            } else if isNext("/*") {
                readBlockComment()
            } else if isNext("\"") || isNext("#") {
                readQuoted()
            } else {
                if untilParenthesis, isNext("(") { depth += 1 }
                if untilParenthesis, isNext(")") {
                    depth -= 1
                    if depth < 0 {
                        index += 1
                        return
                    }
                }
                codeBytes[index] = bytes[index]
                index += 1
            }
        }
    }

    private mutating func readLineComment() {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
            commentBytes[index] = bytes[index]
            index += 1
        }
    }

    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            let step = isNext("/*") || isNext("*/") ? 2 : 1
            if isNext("/*") { depth += 1 }
            if isNext("*/") { depth -= 1 }
            for _ in 0..<step where index < bytes.count {
                commentBytes[index] = bytes[index]
                index += 1
            }
        } while depth > 0 && index < bytes.count
    }

    /// A text in quotes, a regular expression, or a number sign that starts neither (`#if`, `#expect`).
    private mutating func readQuoted() {
        var signs = 0
        while isNext("#", at: signs) { signs += 1 }
        if signs > 0, isNext("/", at: signs) {
            index += signs + 1
            while index < bytes.count, !(isNext("/") && hasSigns(signs, at: 1)) { index += 1 }
            index += signs + 1
        } else if isNext("\"\"\"", at: signs) {
            index += signs + 3
            readText(signs: signs, isLong: true)
        } else if isNext("\"", at: signs) {
            index += signs + 1
            readText(signs: signs, isLong: false)
        } else {
            codeBytes.replaceSubrange(index..<index + signs, with: bytes[index..<index + signs])
            index += signs
        }
    }

    private func hasSigns(_ count: Int, at offset: Int) -> Bool {
        (0..<count).allSatisfy { isNext("#", at: offset + $0) }
    }

    private mutating func readText(signs: Int, isLong: Bool) {
        while index < bytes.count {
            if !Self.matters[Int(bytes[index])] {
                index += 1
            } else if isNext("\\"), hasSigns(signs, at: 1) {
                index += 1 + signs
                let isInterpolation = isNext("(")
                index += 1
                if isInterpolation { readCode(untilParenthesis: true) }
            } else if isLong, isNext("\"\"\""), hasSigns(signs, at: 3) {
                index += 3 + signs
                return
            } else if !isLong, isNext("\""), hasSigns(signs, at: 1) {
                index += 1 + signs
                return
            } else if !isLong, isNext("\n") {
                return
            } else {
                index += 1
            }
        }
    }
}
