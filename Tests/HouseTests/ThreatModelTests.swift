import Testing

/// The page about threats promises tests. They are there.
@Suite struct `The threat model says what is tested` {
    private static let page = "Sources/callgate/Documentation.docc/ThreatModel.md"

    @Test func `every case that it names stands in the name of a test`() throws {
        let cases = Self.cases(in: try Checkout.text(Self.page))
        #expect(cases.count > 30, "\(Self.page): its cases could not be read")
        var tested: Set<String> = []
        for file in try Checkout.swiftFiles(below: "Tests") {
            for line in file.lines where line.contains("func `") || line.contains("@Test(\"") { tested.formUnion(Self.cases(in: line)) }
        }
        expectNone(cases.subtracting(tested).sorted().map { "\(Self.page): names \($0), which is in no test's name" })
    }

    @Test func `a range of cases is all of them`() {
        #expect(Self.cases(in: "| A02, N01-N03 and T05: x | S7 X100") == ["A02", "N01", "N02", "N03", "T05"])
    }

    private static func cases(in text: String) -> Set<String> {
        var found: Set<String> = []
        for match in text.matches(of: #/\b([TANCXSO])([0-9]{2})(?:-([TANCXSO])([0-9]{2}))?\b/#) {
            guard let first = Int(match.2) else { continue }
            let last = match.4.flatMap { Int($0) } ?? first
            for number in first...max(first, last) { found.insert("\(match.1)\(number < 10 ? "0" : "")\(number)") }
        }
        return found
    }
}
