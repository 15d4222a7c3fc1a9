import Foundation
import Gateway
import Switchboard
import TestSupport
import Testing
import Vocabulary

/// The operator's key, the declared tenants, and the files that hold secrets.
@Suite struct SettingsSecretsTests {
    private let home: Home

    init() throws { home = try Home() }

    private func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> Settings {
        try SettingsReader.read(file: home.write(yaml, to: "callgate.yaml"), environment: environment)
    }

    private func faults(_ yaml: String, _ environment: [String: String] = [:], withSecrets: Bool = false) throws -> [String] {
        let file = try home.write(yaml, to: "callgate.yaml")
        do throws(SettingsError) {
            _ =
                withSecrets
                ? try SettingsReader.readAndCheckSecrets(file: file, environment: environment)
                : try SettingsReader.read(file: file, environment: environment)
            return []
        } catch {
            return error.faults
        }
    }

    // MARK: The operator's key

    @Test func `the operator's key is taken from the variable, or from a file`() throws {
        #expect(try read("", ["CALLGATE_OPERATOR_KEY": Canary.operatorKey]).operatorKey?.digest == APIKey(Canary.operatorKey)?.digest)
        let file = try home.write(Canary.operatorKey + "\n", to: "key")
        #expect(try read("operator: {key_file: \"\(file)\"}").operatorKey?.digest == APIKey(Canary.operatorKey)?.digest)
        #expect(try read("", ["CALLGATE_OPERATOR_KEY_FILE": file]).operatorKey?.digest == APIKey(Canary.operatorKey)?.digest)
        #expect(APIKey(Canary.operatorKey) != nil)
    }

    @Test func `the operator's key comes from one place`() throws {
        let file = try home.write(Canary.operatorKey, to: "key")
        let both = "CALLGATE_OPERATOR_KEY: set this or CALLGATE_OPERATOR_KEY_FILE, not both"
        #expect(try faults("", ["CALLGATE_OPERATOR_KEY": Canary.operatorKey, "CALLGATE_OPERATOR_KEY_FILE": file]) == [both])
        #expect(try faults("operator: {key_file: \"\(file)\"}", ["CALLGATE_OPERATOR_KEY": Canary.operatorKey]) == [both])
    }

    @Test(arguments: [
        "", "cg_live_mistyped", "cg_test_CanaryOperatorKey00000000000002RSm1k", " cg_test_CanaryOperatorKey00000000000002RSm1j",
    ])
    func `an operator's key that is none is refused and not repeated`(text: String) throws {
        let found = try faults("", ["CALLGATE_OPERATOR_KEY": text])
        #expect(found.count == 1)
        #expect(found.first?.contains("CALLGATE_OPERATOR_KEY") == true)
        #expect(text.isEmpty || found.first?.contains(text) == false)
    }

    @Test func `an operator's key in a bad place is refused`() throws {
        let open = try home.write(Canary.operatorKey, to: "open", rights: 0o644)
        #expect(try faults("", ["CALLGATE_OPERATOR_KEY_FILE": open]).first?.contains("can be read by everybody") == true)
        #expect(try faults("", ["CALLGATE_OPERATOR_KEY_FILE": "relative"]).first?.contains("absolute path") == true)
        #expect(try faults("", ["CALLGATE_OPERATOR_KEY_FILE": home.path("missing")]).first?.contains("cannot be read") == true)
    }

    // MARK: Tenants

    private static let tenants = """
        tenants:
          acme:
            display_name: Acme
            providers:
              livekit: {server_url: "wss://livekit.example", api_key: APIacme, api_secret: {env: ACME_SECRET}}
              agora:
                app_id: 0123456789abcdef0123456789abcdef
                app_certificate: {file: /nowhere/certificate}
                identity: uid
                token_version: "006"
            default_provider: agora
            limits: {rooms_open_max: 7}
          globex:
            providers:
              livekit: {server_url: "ws://127.0.0.1:7880", api_key: APIglobex, api_secret: {env: GLOBEX_SECRET}}

        """

    @Test func `a tenant is read as the operator would send it`() throws {
        let settings = try read(Self.tenants)
        #expect(settings.tenants.map(\.id.text) == ["acme", "globex"])
        let acme = try #require(settings.tenants.first)
        #expect(acme.displayName == "Acme")
        #expect(acme.defaultProvider == .agora)
        #expect(acme.openRoomsMax == 7)
        #expect(settings.tenants.last?.openRoomsMax == Limits.openRoomsMaxDefault)
        #expect(settings.tenants.last?.defaultProvider == nil)
    }

    @Test(arguments: [
        ("tenants: 5", "tenants: is a mapping of tenant ids to their settings"), ("tenants: {acme: 5}", "tenants.acme: is a mapping"),
        ("tenants: {acme: {}}", "tenants.acme/providers: "), ("tenants: {acme: {providers: {}}}", "tenants.acme/providers: "),
        ("tenants: {acme: {providers: {zoom: {}}}}", "tenants.acme/providers/zoom: "),
        ("tenants: {-acme: {providers: {}}}", "tenants.-acme/id: "), ("tenants: {Acme: {providers: {}}}", "tenants.Acme/id: "),
        ("tenants: {acme: {id: globex, providers: {}}}", "tenants.acme/id: is the mapping's name already; take it out"),
        ("tenants: {acme: {name: Acme}}", "tenants.acme/name: "),
        ("tenants: {acme: {limits: {rooms_open_max: 0}}}", "tenants.acme/limits/rooms_open_max: "),
        ("tenants: {acme: {default_provider: zoom}}", "tenants.acme/default_provider: "),
        (
            "tenants: {acme: {providers: {livekit: {server_url: \"https://x\", api_key: k, api_secret: {env: S}}}}}",
            "tenants.acme/providers/livekit/server_url: "
        ),
        (
            "tenants: {acme: {providers: {livekit: {server_url: \"ws://x\", api_key: k, api_secret: s3cret}}}}",
            "tenants.acme/providers/livekit/api_secret: "
        ),
        (
            "tenants: {acme: {providers: {livekit: {server_url: \"ws://x\", api_key: k, api_secret: {env: S, file: /s}}}}}",
            "tenants.acme/providers/livekit/api_secret: "
        ),
        (
            "tenants: {acme: {providers: {agora: {app_id: 0123456789abcdef0123456789abcdef, app_certificate: {file: s}}}}}",
            "tenants.acme/providers/agora/app_certificate/file: "
        ),
    ])
    func `a tenant keeps the rules of the REST counter`(yaml: String, start: String) throws {
        let found = try faults(yaml)
        #expect(found.contains { $0.hasPrefix(start) }, "\(found)")
        #expect(!found.contains { $0.contains("s3cret") })
    }

    @Test func `the secrets of all tenants are checked, one line each`() throws {
        #expect(try faults(Self.tenants).isEmpty, "they are not looked at unless asked for")
        let found = try faults(Self.tenants, ["ACME_SECRET": Canary.livekitSecret, "GLOBEX_SECRET": "short"], withSecrets: true)
        #expect(
            found.first
                == "tenants.acme/providers/agora/app_certificate: the file /nowhere/certificate cannot be read: No such file or directory")
        #expect(found.last?.hasPrefix("tenants.globex/providers/livekit") == true)
        #expect(found.count == 2)
        #expect(!found.contains { $0.contains("short\"") || $0.contains(Canary.livekitSecret) })
    }

    @Test func `a fault of a setting does not hide the faults of secrets`() throws {
        let found = try faults("listen: {port: x}\n" + Self.tenants, withSecrets: true)
        #expect(found.count == 3)
    }

    // MARK: Files with secrets

    private func secret(_ path: String) throws(SecretUnavailable) -> String {
        do {
            return try SecretFiles(environment: [:]).secret(SecretReference(file: path)).withBytes { String(decoding: $0, as: UTF8.self) }
        } catch let error as SecretUnavailable {
            throw error
        } catch {
            throw SecretUnavailable("\(error)")
        }
    }

    @Test(arguments: [0o400, 0o600, 0o640, 0o440, 0o660, 0o700])
    func `a file for its owner and group is read`(rights: Int) throws {
        #expect(try secret(home.write("s3cret", to: "secret", rights: rights)) == "s3cret")
    }

    @Test(arguments: [0o604, 0o644, 0o602, 0o666, 0o777, 0o606])
    func `O09 a file for everybody is refused`(rights: Int) throws {
        let path = try home.write("s3cret", to: "secret", rights: rights)
        #expect(throws: SecretUnavailable("the file \(path) can be read by everybody; take that right away (chmod 600)")) {
            try secret(path)
        }
    }

    @Test(arguments: [
        ("s", "s"), ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), ("s\r", "s\r"), ("s\r\r\n", "s\r"), (" s ", " s "), ("\ns", "\ns"),
        ("\u{FEFF}s", "\u{FEFF}s"),
    ])
    func `one line end at the end is not part of the secret, everything else is`(text: String, secret: String) throws {
        #expect(try self.secret(home.write(text, to: "secret")).utf8.elementsEqual(secret.utf8))
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func `a file without a secret is refused`(text: String) throws {
        let path = try home.write(text, to: "secret")
        #expect(throws: SecretUnavailable("the file \(path) is empty")) { try secret(path) }
    }

    @Test func `a secret has at most 4096 bytes`() throws {
        #expect(try secret(home.write(String(repeating: "s", count: 4096), to: "most")).utf8.count == 4096)
        let path = try home.write(String(repeating: "s", count: 4097), to: "more")
        #expect(throws: SecretUnavailable("the file \(path) has more than 4096 bytes")) { try secret(path) }
        // A device says that it has no bytes and never ends.
        #expect(throws: SecretUnavailable("/dev/zero is no regular file")) { try secret("/dev/zero") }
    }

    @Test func `what is no regular file is refused, and not waited for`() throws {
        let pipe = home.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: SecretUnavailable("\(pipe) is no regular file")) { try secret(pipe) }
        #expect(throws: SecretUnavailable("\(home.url.path) is no regular file")) { try secret(home.url.path) }
    }

    @Test func `a file that is not there is named, with the reason`() throws {
        let path = home.path("missing")
        #expect(throws: SecretUnavailable("the file \(path) cannot be read: No such file or directory")) { try secret(path) }
    }

    @Test func `a link is followed to the file, whose rights count`() throws {
        let file = try home.write("s3cret", to: "secret")
        let link = home.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(try secret(link) == "s3cret")
    }

    @Test func `a variable is taken as it is, and an empty one is not set`() throws {
        let secrets = SecretFiles(environment: ["A": " s\n", "EMPTY": ""])
        #expect(try secrets.secret(SecretReference(environment: "A")).withBytes { String(decoding: $0, as: UTF8.self) } == " s\n")
        for name in ["EMPTY", "ABSENT"] {
            #expect(throws: SecretUnavailable("the environment variable \(name) is not set")) {
                try secrets.secret(SecretReference(environment: name))
            }
        }
    }
}
