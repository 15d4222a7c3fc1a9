/// Collects findings: each code and message once, and no more than a person would read.
struct FindingList {
    private(set) var findings: [TokenFinding] = []

    mutating func note(_ code: String, _ message: String) { add(code, .note, message) }
    mutating func warning(_ code: String, _ message: String) { add(code, .warning, message) }
    mutating func danger(_ code: String, _ message: String) { add(code, .danger, message) }

    /// Dangers may be as many again, so that nobody hides one behind sixty notes.
    mutating func add(_ code: String, _ severity: TokenFinding.Severity, _ message: String) {
        let finding = TokenFinding(code: code, severity: severity, message: message)
        let countMax = severity == .danger ? 2 * TokenInspection.findingsMax : TokenInspection.findingsMax
        if findings.count < countMax, !findings.contains(finding) { findings.append(finding) }
    }

    /// As many of them as an inspection shows, in their order. What is left out is the least grave.
    static func shown(_ findings: [TokenFinding]) -> [TokenFinding] {
        var shown = findings
        for severity in TokenFinding.Severity.allCases {
            while shown.count > TokenInspection.findingsMax, let index = shown.lastIndex(where: { $0.severity == severity }) {
                shown.remove(at: index)
            }
        }
        return shown
    }

    mutating func add(_ more: [TokenFinding]) {
        for finding in more { add(finding.code, finding.severity, finding.message) }
    }

    func has(_ code: String) -> Bool { findings.contains { $0.code == code } }

    /// Text of a foreign token, short enough and fit to stand in a sentence.
    static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(64).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }.joined()
        return "\"" + shown + (text.unicodeScalars.count > 64 ? "..." : "") + "\""
    }

    /// Names of a foreign token in one sentence, the first few of them.
    static func listed(_ names: [String]) -> String {
        names.prefix(4).map { quoted(String($0.unicodeScalars.prefix(32).map(Character.init))) }.joined(separator: ", ")
            + (names.count > 4 ? " and more" : "")
    }
}
