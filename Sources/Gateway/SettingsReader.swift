import API
import Configuration
import Foundation
import StrictJSON
import Switchboard
import Vocabulary

/// Reads the settings: the environment (`CALLGATE_…`) over the configuration file over the defaults. Reports every fault at once.
public struct SettingsReader {
    /// Every key of the configuration file outside `tenants`. The sample file lists the same, each with what it is for.
    static let keys = [
        "listen.host", "listen.port", "listen.tls.certificate", "listen.tls.key", "database.file", "log.level", "log.format",
        "metrics.host", "metrics.port", "server.threads", "server.drain_seconds", "limits.connections_max",
        "limits.idle_timeout_seconds", "limits.request_deadline_seconds", "limits.write_stall_seconds", "limits.rings_per_pair_per_minute",
        "limits.rings_per_callee_per_minute", "limits.requests_per_tenant_per_minute", "limits.requests_per_key_per_minute",
        "limits.requests_per_user_per_minute", "limits.requests_per_address_per_minute", "limits.bad_credentials_per_address_per_minute",
        "limits.mints_per_user_per_minute", "limits.mints_per_identity_per_minute", "limits.trusted_proxies", "signaling.allowed_origins",
        "signaling.ping_interval_seconds",
        "signaling.ping_timeout_seconds", "signaling.payload_bytes_max", "signaling.events_per_user_per_minute",
        "signaling.events_per_connection_per_minute", "signaling.connects_per_user_per_minute",
        "signaling.connects_per_address_per_minute", "signaling.sockets_per_user_max", "signaling.grace_seconds", "signaling.stale_seconds",
        "signaling.presence_broadcast_users_max", "outbound.private_networks", "outbound.plain_http", "outbound.trust_file",
        "operator.key_file",
    ]
    private static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
    private static let operatorKeyVariable = "CALLGATE_OPERATOR_KEY"

    private let reader: ConfigReader
    private let document: JSONObject
    private let environment: [String: String]
    private var faults: [String]

    /// Reads the settings. The port's certificate and the secrets of the declared tenants are not looked at.
    /// - Parameters:
    ///   - file: the configuration file; nil for none.
    ///   - environment: usually the process's own.
    /// - Throws: `SettingsError` with everything that is wrong.
    public static func read(file: String?, environment: [String: String]) throws(SettingsError) -> Settings {
        let (settings, faults) = outcome(file, environment)
        guard faults.isEmpty else { throw SettingsError(faults: faults) }
        return settings
    }

    /// Reads the settings, the port's certificate, and the secrets that the declared tenants refer to.
    /// - Throws: `SettingsError` with everything that is wrong with any of them.
    public static func readAndCheckSecrets(file: String?, environment: [String: String]) throws(SettingsError) -> Settings {
        let (settings, faults) = outcome(file, environment)
        let all = faults + settings.secretFaults(environment: environment)
        guard all.isEmpty else { throw SettingsError(faults: all) }
        return settings
    }

    /// What could be read, and what is wrong with the rest.
    private static func outcome(_ file: String?, _ environment: [String: String]) -> (Settings, [String]) {
        var reader = SettingsReader(file: file, environment: environment)
        reader.refuseUnknownVariables()
        let settings = reader.settings()
        return (settings, reader.faults)
    }

    private init(file path: String?, environment: [String: String]) {
        let file = path.map { SettingsFile($0) } ?? SettingsFile()
        self.environment = environment
        document = file.document
        faults = file.faults
        let values = file.values.map { (AbsoluteConfigKey(Self.components(of: $0.key)), ConfigValue(.string($0.value), isSecret: false)) }
        reader = ConfigReader(providers: [
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "callgate"),
            InMemoryProvider(values: Dictionary(uniqueKeysWithValues: values)),
        ])
    }

    private mutating func settings() -> Settings {
        var settings = Settings()
        settings.host = text("listen.host") ?? settings.host
        settings.port = integer("listen.port", in: 0...65_535) ?? settings.port
        settings.certificate = certificate()
        settings.database = text("database.file") ?? settings.database
        settings.logLevel = word("log.level", of: Self.logLevels) ?? settings.logLevel
        settings.logFormat =
            word("log.format", of: LineLogHandler.Format.allCases.map(\.rawValue)).flatMap { .init(rawValue: $0) } ?? settings.logFormat
        settings.metricsHost = text("metrics.host") ?? settings.metricsHost
        settings.threads = min(64, ProcessInfo.processInfo.activeProcessorCount)
        for setting in NumberSetting.all {
            if let number = integer(setting.key, in: setting.range) { setting.set(&settings, number) }
        }
        settings.sockets.allowedOrigins = origins("signaling.allowed_origins") ?? settings.sockets.allowedOrigins
        settings.trustedProxies = ranges("limits.trusted_proxies") ?? settings.trustedProxies
        settings.outbound.privateNetworks = ranges("outbound.private_networks") ?? settings.outbound.privateNetworks
        settings.outbound.allowsPlainHTTP = word("outbound.plain_http", of: ["refused", "allowed"]) == "allowed"
        settings.outbound.trustFile = text("outbound.trust_file")
        settings.operatorKey = operatorKey()
        settings.tenants = tenants()
        return settings
    }

    // MARK: Values

    private func value(_ key: String) -> String? {
        reader.string(forKey: ConfigKey(Self.components(of: key)))
    }

    private static func components(of key: String) -> [String] { key.split(separator: ".").map(String.init) }

    /// What to call a setting in a fault: by its variable where that is what sets it.
    private func name(_ key: String) -> String {
        environment[Self.variable(key)] == nil ? key : Self.variable(key)
    }

    private mutating func text(_ key: String) -> String? {
        guard let text = value(key) else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            faults.append("\(name(key)): is a text, not empty and without control characters")
            return nil
        }
        return text
    }

    private mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = value(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            faults.append("\(name(key)): is a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    private mutating func word(_ key: String, of words: [String]) -> String? {
        guard let text = value(key) else { return nil }
        if words.contains(text) { return text }
        faults.append("\(name(key)): is one of \(words.joined(separator: ", "))")
        return nil
    }

    /// Origins, with commas or blanks between them; `*` for all.
    private mutating func origins(_ key: String) -> [String]? {
        guard let text = text(key) else { return nil }
        let origins = text.split { ", ".contains($0) }.map(String.init)
        guard origins.allSatisfy(OriginPolicy.isOrigin) else {
            faults.append("\(name(key)): holds origins such as https://app.example.com, with commas between them; or * for all")
            return nil
        }
        return origins
    }

    /// Addresses and ranges of them, with commas or blanks between.
    private mutating func ranges(_ key: String) -> [AddressRange]? {
        guard let text = text(key) else { return nil }
        let words = text.split { ", ".contains($0) }
        let ranges = words.compactMap { AddressRange(String($0)) }
        guard ranges.count == words.count else {
            faults.append("\(name(key)): holds addresses and ranges such as 10.0.0.0/8, ::1, with commas between them")
            return nil
        }
        return ranges
    }

    /// The files of the port's certificate: both or none.
    private mutating func certificate() -> CertificateFiles? {
        let settings = [CertificateFiles.certificateSetting, CertificateFiles.keySetting]
        let isGiven = settings.map { value($0) != nil }
        let paths = settings.map { text($0) }
        for (setting, other) in [(0, 1), (1, 0)] where isGiven[setting] && !isGiven[other] {
            faults.append("\(settings[other]): is needed, because \(name(settings[setting])) is set")
        }
        guard let certificate = paths[0], let key = paths[1] else { return nil }
        return CertificateFiles(certificate: certificate, key: key)
    }

    /// The operator's key: from the variable, or from a file. Never from the configuration file itself.
    private mutating func operatorKey() -> APIKey? {
        let variable = Self.operatorKeyVariable
        let file = text("operator.key_file")
        guard environment[variable] == nil || file == nil else {
            faults.append("\(variable): set this or \(variable)_FILE, not both")
            return nil
        }
        do {
            let reference: SecretReference
            if environment[variable] != nil {
                reference = try SecretReference(environment: variable)
            } else if let file {
                reference = try SecretReference(file: file)
            } else {
                return nil
            }
            let secret = try SecretFiles(environment: environment).secret(reference)
            if let key = APIKey(secret.withBytes { String(decoding: $0, as: UTF8.self) }) { return key }
            faults.append("\(reference): is no API key (cg_live_ or cg_test_ and 36 characters, checksum included)")
        } catch {
            faults.append("operator key: \(error)")
        }
        return nil
    }

    /// The tenants, each by its id. The rules are those of `POST /v1/tenants`.
    private mutating func tenants() -> [TenantOrder] {
        guard let declared = document["tenants"], !declared.isNull else { return [] }
        guard let object = declared.objectValue else {
            faults.append("tenants: is a mapping of tenant ids to their settings")
            return []
        }
        var orders: [TenantOrder] = []
        for member in object.members {
            guard var fields = member.value.objectValue else {
                faults.append("tenants.\(member.name): is a mapping")
                continue
            }
            if fields["id"] != nil { faults.append("tenants.\(member.name)/id: is the mapping's name already; take it out") }
            fields["id"] = .string(member.name)
            var body = FieldReader(.object(fields))
            let order = TenantReader.order(&body)
            do {
                try body.finish()
                if let order { orders.append(order) }
            } catch {
                for fault in error.faults { faults.append("tenants.\(member.name)\(fault.pointer.text): \(fault.message)") }
            }
        }
        return orders
    }

    // MARK: Names that nobody knows

    private mutating func refuseUnknownVariables() {
        let known = Self.keys.map(Self.variable) + [Self.operatorKeyVariable, "CALLGATE_CONFIG"]
        for name in environment.keys.sorted() where name.hasPrefix("CALLGATE_") && !known.contains(name) {
            faults.append(SettingsFile.unknown(name, among: known))
        }
    }

    /// The environment variable of a key.
    static func variable(_ key: String) -> String {
        "CALLGATE_" + key.uppercased().replacing(".", with: "_")
    }
}

/// The configuration file, read and taken apart.
private struct SettingsFile {
    /// The whole file.
    let document: JSONObject
    /// The settings that it sets, by their keys. As texts, which is what those of the environment are too.
    private(set) var values: [String: String] = [:]
    /// What is wrong with names and types, one line each.
    private(set) var faults: [String] = []

    private static let bytesMax = 1 << 20
    /// The settings that are texts of any wording. YAML takes an unquoted `yes` or `12` for something else, so that is refused there.
    private static let textKeys: Set<String> = [
        "listen.host", "listen.tls.certificate", "listen.tls.key", "metrics.host", "database.file", "limits.trusted_proxies",
        "signaling.allowed_origins", "outbound.private_networks", "outbound.trust_file", "operator.key_file",
    ]

    /// No file: nothing is set.
    init() {
        document = [:]
    }

    /// A file that cannot be read, or is no mapping, sets nothing, and that is its one fault.
    init(_ path: String) {
        do throws(SettingsError) {
            document = try Self.document(path)
        } catch {
            document = [:]
            faults = error.faults
        }
        for section in document.members where section.name != "tenants" {
            take(section.name, section.value)
        }
    }

    private static func document(_ path: String) throws(SettingsError) -> JSONObject {
        let value: JSONValue
        do {
            let text = try FileText.read(path, bytesMax: bytesMax)
            guard String(validating: text, as: UTF8.self) != nil else { throw SettingsError(faults: ["\(path): is not UTF-8"]) }
            value = try YAMLDocument.value(of: text)
        } catch let error as SettingsError {
            throw error
        } catch let error as FileText.Unreadable {
            throw SettingsError(faults: [error.description])
        } catch {
            // The first line says what and where. Those below it repeat the file, which somebody may have written a secret into.
            let reason = "\(error)".prefix { !$0.isNewline }
            throw SettingsError(faults: ["\(path): \(reason)"])
        }
        // Nothing but comments is null.
        guard let object = value.isNull ? [:] : value.objectValue else {
            throw SettingsError(faults: ["\(path): is no mapping of names to values"])
        }
        return object
    }

    private mutating func take(_ section: String, _ value: JSONValue) {
        guard let settings = value.objectValue else {
            if !SettingsReader.keys.contains(where: { $0.hasPrefix("\(section).") }) {
                faults.append(Self.unknown(section, among: SettingsReader.keys + ["tenants"]))
            } else if !value.isNull {
                // Null is a section whose settings are all commented out.
                faults.append("\(section): is a mapping of settings to their values")
            }
            return
        }
        for setting in settings.members {
            let key = "\(section).\(setting.name)"
            // There are sections within sections.
            if SettingsReader.keys.contains(where: { $0.hasPrefix("\(key).") }) {
                take(key, setting.value)
            } else {
                take(key: key, setting.value)
            }
        }
    }

    private mutating func take(key: String, _ value: JSONValue) {
        guard SettingsReader.keys.contains(key) else {
            faults.append(Self.unknown(key, among: SettingsReader.keys + ["tenants"]))
            return
        }
        switch value {
        case .string(let text): values[key] = text
        case .integer(let number): take(key: key, unquoted: "\(number)")
        case .real(let number): take(key: key, unquoted: "\(number)")
        case .bool(let truth): take(key: key, unquoted: "\(truth)")
        case .null: faults.append("\(key): has no value; give it one, or take the line out")
        case .array, .object: faults.append("\(key): is one value, neither a list nor a mapping")
        }
    }

    private mutating func take(key: String, unquoted word: String) {
        if Self.textKeys.contains(key) {
            faults.append("\(key): is a text; put it in quotes")
        } else {
            values[key] = word
        }
    }

    // MARK: Names that nobody knows

    /// The fault of a name that nobody knows, with the known name that is nearest to it: if any, one that ends with the same
    /// word, or begins with all of it.
    static func unknown(_ name: String, among known: [String]) -> String {
        func lastWord(_ name: String) -> Substring? { name.lowercased().split { "._".contains($0) }.last }
        let alike = known.filter { lastWord($0) == lastWord(name) || $0.lowercased().hasPrefix(name.lowercased()) }
        let nearest = (alike.isEmpty ? known : alike).map { (name: $0, distance: distance($0, name)) }.min { $0.distance < $1.distance }
        return "\(name): no such setting" + (nearest.map { "; did you mean \($0.name)?" } ?? "")
    }

    /// How many characters have to be put in, taken out or changed to make one text the other (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.lowercased())
        var row = Array(0...right.count)
        for (index, character) in left.lowercased().enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let changed = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column + 1] + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
