/// What Package.swift declares, read from its text: the rooms, the tests, and the doors of each.
struct PackageManifest {
    struct Target: Equatable {
        let name: String
        /// The modules that it may import, as declared.
        let doors: [String]
        let line: Int
    }

    static let path = "Package.swift"

    /// The rooms and the executable.
    let rooms: [Target]
    /// With what they share.
    let tests: [Target]
    /// The C libraries' shims.
    let shims: [String]
    let lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Names that stand for products: let grdb: Target.Dependency = .product(name: "GRDB", …)
        var products: [String: String] = [:]
        for found in text.matches(of: #/let\s+(\w+):\s*Target\.Dependency\s*=\s*\.product\(name:\s*"(\w+)"/#) {
            products[String(found.1)] = String(found.2)
        }
        func targets(_ pattern: Regex<(Substring, name: Substring)>) -> [Target] {
            text.matches(of: pattern).map { found in
                let line = text[..<found.range.lowerBound].count { $0 == "\n" } + 1
                return Target(
                    name: String(found.output.name), doors: Self.doors(after: text[found.range.upperBound...], products: products),
                    line: line)
            }
        }
        rooms = targets(#/\sroom\(\s*"(?<name>\w+)"/#) + targets(#/\.executableTarget\(\s*name:\s*"(?<name>\w+)"/#)
        tests = targets(#/\s(?:tests|support)\(\s*"(?<name>\w+)"/#)
        shims = text.matches(of: #/\.systemLibrary\(\s*name:\s*"(\w+)"/#).map { String($0.1) }
    }

    /// The members of the first list after a target's name, unless that list holds its resources.
    private static func doors(after text: Substring, products: [String: String]) -> [String] {
        guard let end = endOfCall(text), let open = text[..<end].firstIndex(of: "["), !text[..<open].contains("resources:") else {
            return []
        }
        guard let close = endOfList(text[open...]) else { return [] }
        let list = text[text.index(after: open)..<close].replacing(#/\.product\(\s*name:\s*("\w+")[^)]*\)/#) { "\($0.1)" }
        return list.matches(of: #/"(?<text>\w+)"|(?<name>\w+)/#).map { found in
            if let text = found.output.text { return String(text) }
            let name = String(found.output.name ?? "")
            return products[name] ?? name
        }
    }

    /// Where the call whose arguments `text` continues is closed.
    private static func endOfCall(_ text: Substring) -> Substring.Index? { end(of: text, open: "(", close: ")", depth: 1) }
    private static func endOfList(_ text: Substring) -> Substring.Index? { end(of: text, open: "[", close: "]", depth: 0) }

    private static func end(of text: Substring, open: Character, close: Character, depth: Int) -> Substring.Index? {
        var depth = depth
        for index in text.indices {
            if text[index] == open { depth += 1 }
            if text[index] == close {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}
