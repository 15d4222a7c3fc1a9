import ArgumentParser
import Foundation
import Gateway
import Signing
import StrictJSON
import Switchboard
import Vocabulary

/// `callgate demo`: the whole service on a throw-away store, through its own HTTP port.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Start the service on a throw-away store, play whole calls through its port, and print every step.")

    @Flag(help: "Go on serving afterwards, and print curl lines to try.") var keep = false
    @Option(help: "The port to listen on; 0 lets the system choose.") var port = 0

    func run() async throws {
        guard (0...65_535).contains(port) else { throw Refusal.misuse("--port is a number from 0 to 65535") }
        var settings = Settings()
        settings.port = port
        settings.logLevel = "warning"
        let secrets = DemoSecrets()
        try await ThrowAwayService.run(settings, secrets: secrets, keepsServing: keep) { gateway, listening, folder in
            guard let operatorKey = try await gateway.prepare() else { throw Refusal.no("the throw-away store has an operator already") }
            let demo = Demo(
                port: listening.port, operatorKey: operatorKey.text, secrets: secrets, database: ThrowAwayService.database(in: folder))
            try await demo.play()
            if keep { try demo.showCurl() }
        }
    }
}

/// Secrets of media planes and identity providers that do not exist, made anew for each demo.
struct DemoSecrets: Sendable {
    let livekitKey = "APIdemo"
    let livekitSecret = Base64URL.encode(SecureRandom.bytes(32))
    let agoraAppID = SecureRandom.bytes(16).hexadecimal
    let agoraCertificate = SecureRandom.bytes(16).hexadecimal
    /// With what each tenant's identity provider signs the tokens of its users.
    private let userSecrets = ["acme", "globex"].map { (tenant: $0, secret: Base64URL.encode(SecureRandom.bytes(32))) }

    /// The environment in which the demo's service finds its secrets.
    var environment: [String: String] {
        var environment = ["DEMO_LIVEKIT_SECRET": livekitSecret, "DEMO_AGORA_CERTIFICATE": agoraCertificate]
        for (tenant, secret) in userSecrets { environment[Self.userSecretName(of: tenant)] = secret }
        return environment
    }

    /// The variable with what verifies the tokens of a tenant's users.
    static func userSecretName(of tenant: String) -> String { "DEMO_\(tenant.uppercased())_USERS_SECRET" }

    /// The `iss` of the tokens of a tenant's users.
    static func issuer(of tenant: String) -> String { "https://id.\(tenant).example" }

    /// A tenant on both media planes, whose users bring tokens of their own identity provider.
    func tenantOrder(_ id: String) -> JSONValue {
        let livekit: JSONValue = [
            "server_url": "wss://livekit.example", "api_key": .string(livekitKey), "api_secret": ["env": "DEMO_LIVEKIT_SECRET"],
        ]
        let agora: JSONValue = ["app_id": .string(agoraAppID), "app_certificate": ["env": "DEMO_AGORA_CERTIFICATE"]]
        let users: JSONValue = [
            "alg": "HS256", "issuer": .string(Self.issuer(of: id)), "secret": ["env": .string(Self.userSecretName(of: id))],
        ]
        return [
            "id": .string(id), "providers": ["livekit": livekit, "agora": agora], "default_provider": "livekit", "user_tokens": users,
        ]
    }

    /// What the tenant's identity provider would give to a user who has signed in: a JWT, good for ten minutes.
    func userToken(of user: String, in tenant: String) throws -> String {
        guard let secret = userSecrets.first(where: { $0.tenant == tenant })?.secret else { throw Refusal.no("no tenant \(tenant)") }
        let now = SystemClock.now()
        let claims: JSONValue = [
            "iss": .string(Self.issuer(of: tenant)), "sub": .string(user), "iat": .integer(now.seconds), "exp": .integer(now.seconds + 600),
        ]
        return try JWSKey.hmac(.HS256, secret: Secret(utf8: secret)).sign(payload: claims.canonicalBytes)
    }
}

extension [UInt8] {
    /// Two lower-case digits for each byte.
    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
