import Testing

/// Every public type and every public function says what it is for.
///
/// Read line by line. Looked at are types, functions, subscripts, computed properties, and initialisers that can throw: what has behaviour.
/// Stored properties and plain initialisers are left to the eye, because a comment that repeats a good name is worse than none. What
/// carries out a requirement of one of our protocols is described there.
@Suite struct `What is public says what it is for` {
    /// What Swift's own protocols ask for. Everybody knows what these do.
    private static let wellKnown: Set<String> = [
        "description", "debugDescription", "customMirror", "rawValue", "errorDescription", "==(_:_:)", "<(_:_:)", "hash(into:)",
        "makeIterator()",
        "encode(to:)", "init(from:)", "init(nilLiteral:)", "init(booleanLiteral:)", "init(integerLiteral:)", "init(floatLiteral:)",
        "init(stringLiteral:)", "init(arrayLiteral:)", "init(dictionaryLiteral:)",
    ]

    @Test func `every public declaration with behaviour is described`() throws {
        let declarations = try Checkout.swiftFiles(below: "Sources").flatMap(Declaration.all(in:))
        let requirements = Set(declarations.filter(\.isRequirement).map(\.name))
        expectNone(
            declarations.filter { $0.isPublic && $0.hasBehaviour && !$0.isDescribed }
                .filter { !Self.wellKnown.contains($0.name) && !requirements.contains($0.name) }
                .map { "\($0.place): public \($0.name) has no description. Say above it, after ///, what it is for." })
    }

    @Test func `every decision has a number of its own, in the order of the catalogue`() throws {
        let catalogue = try Checkout.text("Sources/callgate/Documentation.docc/Documentation.md")
        let listed = catalogue.matches(of: /<doc:(\d{4}-[a-z0-9-]+)>/).map { "\($0.1).md" }
        let notes = try Checkout.files(below: "Sources/callgate/Documentation.docc/Decisions").compactMap { $0.split(separator: "/").last }
        #expect(listed == notes.map(String.init))
        #expect(listed.map { String($0.prefix(4)) } == (1...listed.count).map { String(repeating: "0", count: $0 < 10 ? 3 : 2) + "\($0)" })
    }

    @Test(
        arguments: [
            ("public struct A {}", "A", true, false),
            ("/// It is.\n@frozen\npublic struct A {}", "A", true, true),
            ("public static func a(_ b: Int, c d: [(Int) -> Int] = []) {}", "a(_:c:)", true, false),
            ("public func a(\n    b: Int, c: (x: Int, y: Int)\n) {}", "a(b:c:)", true, false),
            ("public let a: Int", "a", false, false),
            ("public private(set) var a = 1", "a", false, false),
            ("public var a: Int { 1 }", "a", true, false),
            ("public init(a: Int) {}", "init(a:)", false, false),
            ("public init(_ a: Int) throws(E) {}", "init(_:)", true, false),
        ]) func `declarations are read from their lines`(text: String, name: String, hasBehaviour: Bool, isDescribed: Bool) throws
    {
        let declaration = try #require(Declaration.all(in: SourceFile(path: "A.swift", text: text)).first)
        #expect(declaration.isPublic)
        #expect(declaration.name == name)
        #expect(declaration.hasBehaviour == hasBehaviour)
        #expect(declaration.isDescribed == isDescribed)
    }
}

/// One declaration, as its lines tell.
struct Declaration {
    let place: String
    /// With the labels of its arguments: `insert(_:at:)`.
    let name: String
    let isPublic: Bool
    let isDescribed: Bool
    /// Whether it is more than a stored property or a plain initialiser.
    let hasBehaviour: Bool
    /// Whether it stands in a protocol.
    let isRequirement: Bool

    private static let types: Set<Substring> = ["struct", "enum", "class", "actor", "protocol", "typealias"]

    /// The public declarations of a file, and what its protocols require.
    static func all(in file: SourceFile) -> [Declaration] {
        let pattern =
            #/
            ^ \s* (?: @\w+ (?: \( [^)]* \) )? \s+ )*
            (?<modifiers> (?: (?: public|open|package|internal|private|fileprivate|static|final|class|mutating|nonmutating|override|required
                |convenience|indirect|nonisolated|consuming|borrowing|lazy|weak|unowned|prefix|postfix|infix ) (?: \( \w+ \) )? \s+ )*)
            (?<keyword> struct|enum|class|actor|protocol|typealias|func|var|let|init|subscript ) \b [?!]? \s*
            (?<name> ` [^`]+ ` | \w+ | [-+*\/=<>!&|^~%.]+ )?
            /#
        let protocols = protocolLines(in: file.code)
        return file.code.indices.compactMap { index in
            let isRequirement = protocols.contains(index)
            guard isRequirement || file.code[index].contains("public ") || file.code[index].contains("open ") else { return nil }
            guard let found = file.code[index].firstMatch(of: pattern) else { return nil }
            let keyword = found.output.keyword
            let rest = file.code[index][found.range.upperBound...]
            var name = keyword == "init" || keyword == "subscript" ? String(keyword) : String(found.output.name ?? "")
            var hasBehaviour = types.contains(keyword) || keyword == "func" || keyword == "subscript"
            switch keyword {
            case "func", "init", "subscript":
                // A pattern takes the name that follows `init`, too, where there is a blank; the arguments start at the parenthesis.
                let signature = file.code[index...].prefix(12).joined(separator: "\n")
                var (labels, tail) = arguments(of: signature)
                if name.allSatisfy({ $0.isSymbol || $0.isPunctuation }) { labels = labels.map { _ in "_" } }
                name += "(\(labels.map { "\($0):" }.joined()))"
                if keyword == "init" { hasBehaviour = tail.prefix { $0 != "{" }.contains("throws") }
            case "var":
                hasBehaviour = rest.contains("{")
            default:
                break
            }
            return Declaration(
                place: "\(file.path):\(index + 1)", name: name, isPublic: found.output.modifiers.contains(#/\b(?:public|open)\s/#),
                isDescribed: isDescribed(file.lines, at: index), hasBehaviour: hasBehaviour,
                isRequirement: isRequirement)
        }
    }

    /// The lines that stand directly in the braces of a protocol.
    private static func protocolLines(in code: [String]) -> Set<Int> {
        var lines: Set<Int> = []
        var depth = 0
        var opened: Int?
        for (index, line) in code.enumerated() {
            let isStart = line.contains("protocol ") && line.contains(#/^\s*(?:public\s+)?protocol\s/#)
            if let opened, depth == opened + 1 { lines.insert(index) }
            if isStart { opened = depth }
            depth += line.utf8.count { $0 == UInt8(ascii: "{") } - line.utf8.count { $0 == UInt8(ascii: "}") }
            if let start = opened, depth <= start, !isStart || line.contains("}") { opened = nil }
        }
        return lines
    }

    /// Whether the lines above, apart from attributes, are a description.
    private static func isDescribed(_ lines: [String], at index: Int) -> Bool {
        let above = lines[..<index].last { line in
            let start = line.drop { $0 == " " }
            return !start.hasPrefix("@")
        }
        guard let above else { return false }
        return above.drop { $0 == " " }.hasPrefix("///") || above.hasSuffix("*/")
    }

    /// The argument labels of a signature, and what follows its arguments.
    private static func arguments(of signature: String) -> (labels: [String], tail: Substring) {
        guard let open = signature.firstIndex(of: "(") else { return ([], "") }
        var depth = 0
        var labels: [String] = []
        var argument = ""
        for index in signature[open...].indices {
            let character = signature[index]
            if character == ")" || character == "]" { depth -= 1 }
            if depth == 0, character == ")" {
                if let label = argument.split(whereSeparator: { " \n:".contains($0) }).first { labels.append(String(label)) }
                return (labels, signature[signature.index(after: index)...])
            }
            if depth == 1, character == "," {
                if let label = argument.split(whereSeparator: { " \n:".contains($0) }).first { labels.append(String(label)) }
                argument = ""
            } else if depth > 0 {
                argument.append(character)
            }
            if character == "(" || character == "[" { depth += 1 }
        }
        return (labels, "")
    }
}
