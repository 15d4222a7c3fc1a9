import Testing

/// The sample configuration says what the service understands: every setting, and no other.
@Suite struct `The sample configuration is complete` {
    private static let sample = "Config/callgate.yaml"
    private static let reader = "Sources/Gateway/SettingsReader.swift"
    private let keys: [String]
    private let sample: [SampleSetting]

    init() throws {
        let text = try Checkout.text(Self.reader)
        let list = try #require(
            text.firstMatch(of: #/static let keys = \[([^\]]*)\]/#), "\(Self.reader): has no list `static let keys = […]`")
        keys = list.1.matches(of: #/"([^"]+)"/#).map { String($0.1) }
        sample = SampleSetting.all(in: try Checkout.text(Self.sample))
    }

    @Test func `every setting stands in the sample, and the sample has no other`() {
        let listed = Set(sample.map(\.key))
        #expect(keys.count > 5, "\(Self.reader): the list of keys could not be read")
        expectNone(
            keys.filter { !listed.contains($0) }.map {
                "\(Self.sample): does not mention \($0). Add it, with what it is for and its default."
            }
                + sample.filter { !keys.contains($0.key) && $0.key != "tenants" && !$0.key.hasPrefix("tenants.") }
                .map { "\(Self.sample):\($0.line): there is no setting \($0.key). Take it out, or add it to \(Self.reader)." })
    }

    @Test func `every setting's environment variable stands in the sample and in the README`() throws {
        let text = try Checkout.text(Self.sample)
        let readme = try Checkout.text("README.md")
        for key in keys {
            let variable = "CALLGATE_" + key.uppercased().replacing(".", with: "_")
            #expect(text.contains(variable), "\(Self.sample): does not mention \(variable). Say it where \(key) is.")
            #expect(readme.contains("`\(variable)`"), "README.md: the table of settings does not mention `\(variable)`. Add a row.")
            #expect(readme.contains("`\(key)`"), "README.md: the table of settings does not mention `\(key)`. Add a row.")
        }
    }

    @Test func `the sample has every part of a tenant`() {
        let listed = Set(sample.map(\.key))
        let parts = [
            "display_name", "providers.livekit.server_url", "providers.livekit.api_key", "providers.livekit.api_secret",
            "providers.agora.app_id",
            "providers.agora.app_certificate", "providers.agora.identity", "providers.agora.token_version", "default_provider",
            "limits.rooms_open_max", "user_tokens", "topics", "user_room_roles",
        ]
        for part in parts {
            #expect(listed.contains("tenants.acme.\(part)"), "\(Self.sample): the tenant acme does not show \(part). Add it.")
        }
    }

    @Test func `the unit sets only what there is, and hands over every credential that it names`() throws {
        let unit = try Checkout.text("Config/callgate.service")
        // What is switched off counts too: somebody switches it on.
        let lines = unit.split(separator: "\n").map { $0.hasPrefix("#") ? $0.dropFirst() : $0 }
        let variables = lines.compactMap { $0.firstMatch(of: #/^Environment=(CALLGATE_[A-Z_]+)=/#).map { String($0.1) } }
        let known = Set(keys.map { "CALLGATE_" + $0.uppercased().replacing(".", with: "_") })
        #expect(variables.count > 5 && variables.filter { !known.contains($0) }.isEmpty, "\(variables)")
        let given = Set(lines.compactMap { $0.firstMatch(of: #/^LoadCredential=([a-z-]+):/etc/callgate/secrets//#).map { String($0.1) } })
        let named = Set(lines.compactMap { $0.firstMatch(of: #/=/run/credentials/callgate\.service/(.+)$/#).map { String($0.1) } })
        #expect(named.count == 3 && named.isSubset(of: given), "\(named), of \(given)")
    }

    @Test func `the sample's settings are found by their indentation`() {
        let text = "# words: no setting\na:\n  # more words\n  b: 1\n#c:\n#  d: {e: 2}\n#    f: 3\ng: 4\n"
        #expect(SampleSetting.all(in: text).map(\.key) == ["a.b", "c.d.f", "g"])
    }
}

/// One setting of a sample file. Only what YAML needs for our own: names, blanks, and `#` in the first column for what is switched off.
private struct SampleSetting {
    /// With dots between its names.
    let key: String
    let line: Int

    /// Every name that holds a value and not further names, switched-off ones too. A comment has exactly one blank after its `#`.
    static func all(in text: String) -> [SampleSetting] {
        var path: [(indent: Int, name: String)] = []
        var found: [(setting: SampleSetting, indent: Int)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let isWords = line.contains(#/^\s*# \S/#)
            let setting = line.hasPrefix("#") ? line.dropFirst() : line
            guard !isWords, let match = setting.firstMatch(of: #/^(?<indent> *)(?<name>\w+):/#) else { continue }
            let indent = match.output.indent.count
            path.removeAll { $0.indent >= indent }
            path.append((indent, String(match.output.name)))
            if let last = found.last, indent > last.indent { found.removeLast() }
            found.append((SampleSetting(key: path.map(\.name).joined(separator: "."), line: index + 1), indent))
        }
        return found.map(\.setting)
    }
}
