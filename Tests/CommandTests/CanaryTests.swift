import Foundation
import Signing
import StrictJSON
import TestSupport
import Testing

/// Secrets of every kind, put wherever one can be put, and then looked for wherever one must not be.
@Suite(.timeLimit(.minutes(3))) struct CanaryTests {
    private static let certificate = "c0ffee11d00d22beef33fade44cede55"
    private static let userSecret = "canary-identity-provider-secret-5b1f0d77"
    private static let internalSecret = "canary-internal-secret-0c55a1e9"
    private static let opaque = "canary-opaque-bearer-91d7"
    /// What a client might show in place of a credential. None of it opens anything.
    private static let shown = [
        "Bearer canary-bearer-1", "bearer canary-bearer-2 canary-bearer-3", "Basic Y2FuYXJ5LWJhc2ljOmNhbmFyeS1wYXNz", "canary-bare-4",
        "Bearer  canary-double-space-5", "Bearer\tcanary-tab-6", "Token canary-scheme-7",
        "Bearer cg_live_CanaryCanaryCanaryCanaryCana00000000",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnktYWxnLW5vbmUifQ.", "Bearer canary.jwt.eight", "Digest username=canary-digest-9",
    ]

    private let home: Home

    init() throws { home = try Home() }

    @Test(arguments: ["text", "json"])
    func `O12 no secret is in the log, the metrics, an error, the audit log or the store, whoever put it where`(format: String) async throws
    {
        let service = try await start(format)
        let asked = try await ask(service)
        let metrics = try await metrics(service)
        let audit = try await service.send("GET", "/v1/audit?limit=100", key: asked.key)
        let operatorAudit = try await service.send("GET", "/v1/audit?limit=100", key: Canary.operatorKey)
        #expect(audit.status == 200 && operatorAudit.status == 200)
        let live = try files()
        let end = await service.stop()
        let places: [(name: String, text: String)] =
            [
                ("the log", end.stderr), ("the results", end.stdout), ("the metrics", metrics), ("the audit log", audit.body.canonicalText),
                ("the operator's audit log", operatorAudit.body.canonicalText),
            ] + asked.errors.map { ("an error", $0) } + live + (try files())

        // What may be there is found, so the search searches.
        #expect(end.code == 0)
        #expect(end.stderr.contains("canary-request-id") && end.stderr.contains("request refused"))
        #expect(live.contains { $0.name.hasSuffix("-wal") } && live.contains { $0.text.contains("ACME_LIVEKIT_SECRET") })
        #expect(metrics.contains(#"http_problems_total{code="unauthenticated"}"#))
        #expect(asked.tokens.count >= 4 && asked.errors.count > 20)
        for secret in asked.secrets {
            for (name, text) in places {
                // A part of a long one gives it away, too.
                let parts = secret.utf8.count < 24 ? [secret[...]] : [secret.suffix(12), secret.dropFirst(8).prefix(16)]
                for part in parts { #expect(!text.contains(part), "\(secret) is in \(name)") }
            }
        }
    }

    // MARK: The service

    private func start(_ format: String) async throws -> Service {
        let configuration = try home.write(
            """
            log: {level: trace, format: \(format)}
            metrics: {port: 0}
            outbound: {private_networks: "127.0.0.0/8", plain_http: allowed}
            tenants:
              globex: &withApp
                providers:
                  livekit: {server_url: "wss://livekit.example", api_key: APIglobex, api_secret: {env: ACME_LIVEKIT_SECRET}}
                remote_check: {url: "http://127.0.0.1:1025/users/me", secret: {env: APP_INTERNAL_SECRET}}
              initech: *withApp
              acme:
                providers:
                  livekit: {server_url: "wss://livekit.example", api_key: APIacme, api_secret: {env: ACME_LIVEKIT_SECRET}}
                  agora: {app_id: "0123456789abcdef0123456789abcdef", app_certificate: {env: ACME_AGORA_CERTIFICATE}}
                default_provider: livekit
                user_tokens: {alg: HS256, issuer: "https://id.example", secret: {env: ACME_USER_SECRET}}

            """, to: "callgate.yaml", rights: 0o644)
        let environment = [
            "CALLGATE_OPERATOR_KEY": Canary.operatorKey, "ACME_USER_SECRET": Self.userSecret, "ACME_AGORA_CERTIFICATE": Self.certificate,
            "ACME_LIVEKIT_SECRET": Canary.livekitSecret, "APP_INTERNAL_SECRET": Self.internalSecret,
        ]
        return try await Service.start(in: home, ["--config", configuration], environment: environment)
    }

    /// The page of the metrics. Where it is, the log says.
    private func metrics(_ service: Service) async throws -> String {
        let port = try await service.command.message(matching: #/metrics are at.*server\.port\W+(\d+)/#)
        return try await onThread {
            try Connection(port: try #require(Int(port))).whole("GET /metrics HTTP/1.1\r\nHost: x\r\nCookie: canary-cookie=1\r\n\r\n")
        }
    }

    /// All bytes of the store's files, as far as they are text.
    private func files() throws -> [(name: String, text: String)] {
        try home.leftovers().filter { $0.hasPrefix("callgate.sqlite") }.map { name in
            (name, String(decoding: try home.bytes(of: name), as: UTF8.self))
        }
    }

    // MARK: What is asked

    private struct Asked {
        let key: String
        var secrets: [String]
        var tokens: [String] = []
        var errors: [String] = []
    }

    private func userToken(_ user: String, secret: String = userSecret) -> String {
        let now = Int64(Date().timeIntervalSince1970)
        let claims: JSONValue = [
            "iss": "https://id.example", "sub": .string(user), "iat": .integer(now), "exp": .integer(now + 600), "jti": "canary-jti",
        ]
        let input = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "." + Base64URL.encode(claims.canonicalBytes)
        return input + "." + Base64URL.encode(HMACKey(.sha256, key: Array(secret.utf8)).authenticationCode(for: Array(input.utf8)))
    }

    private func ask(_ service: Service) async throws -> Asked {
        let all: JSONValue = [
            "tenant": "acme",
            "scopes": [
                "rooms:read", "rooms:write", "tokens:mint", "tokens:inspect", "calls:read", "calls:write", "users:write", "audit:read",
                "presence:read", "events:write",
            ],
        ]
        let made = try await service.send("POST", "/v1/keys", all, key: Canary.operatorKey)
        let key = try #require(made.body["key"]?.stringValue)
        let revoked = try await service.send("POST", "/v1/keys", all, key: Canary.operatorKey)
        let revokedKey = try #require(revoked.body["key"]?.stringValue)
        let id = try #require(revoked.body["id"]?.stringValue)
        #expect(try await service.send("DELETE", "/v1/keys/\(id)", key: Canary.operatorKey).status == 204)
        let (alice, bob) = (userToken("alice"), userToken("bob"))
        let forged = userToken("mallory", secret: "another-secret-of-more-than-32-bytes-0")
        var asked = Asked(
            key: key,
            secrets: [
                key, revokedKey, alice, bob, forged, Canary.operatorKey, Canary.livekitSecret, Self.certificate, Self.userSecret,
                Self.internalSecret, Self.opaque,
                "canary-in-a-query-1", "canary-in-a-cookie-2", "canary-in-a-body-3", "canary-in-a-secret-field-4", "canary-in-a-socket-5",
                "canary-in-a-header-6", "canary-in-a-path-query-7",
            ] + Self.shown.map { String($0.split { " \t".contains($0) }.last ?? "") })
        try await askOverREST(service, &asked, revokedKey, forged, alice)
        try await playOnSockets(service, &asked, alice, bob, forged)
        asked.secrets += asked.tokens
        return asked
    }

    private func askOverREST(_ service: Service, _ asked: inout Asked, _ revoked: String, _ forged: String, _ alice: String) async throws {
        let key = asked.key
        let errors = try await service.ask { connection in
            var errors: [String] = []
            for value in Self.shown + ["Bearer \(revoked)", "Bearer \(forged)", "Bearer \(key)x", "Bearer \(key) \(key)"] {
                for path in ["/v1/calls", "/v1/rooms?access_token=canary-in-a-query-1", "/v1/calls/call_x?token=canary-in-a-path-query-7"] {
                    errors.append(
                        try Connection(port: connection.port).whole(
                            """
                            GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: \(value)\r\n\
                            Cookie: session=canary-in-a-cookie-2\r\nX-Api-Key: canary-in-a-header-6\r\n\
                            Traceparent: canary-in-a-header-6\r\nX-Request-Id: canary-request-id\r\nUser-Agent: canary-in-a-header-6\r\n\r\n
                            """))
                }
            }
            errors.append(
                try Connection(port: connection.port).whole(
                    """
                    GET /v1/calls HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \(key)\r\n\
                    Authorization: Bearer canary-bearer-1\r\n\r\n
                    """))
            for body in [
                #"{"caller":"canary-in-a-body-3""#, #"["canary-in-a-body-3"]"#, #"{"caller":{"token":"canary-in-a-body-3"}}"#,
                "canary-in-a-body-3",
            ] {
                errors.append(
                    try Connection(port: connection.port).whole(
                        """
                        POST /v1/calls HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \(key)\r\n\
                        Content-Type: application/json\r\nIf-Match: canary-in-a-header-6\r\n\
                        Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                        """))
            }
            return errors
        }
        for error in errors { #expect(error.contains(#/^HTTP/1\.1 4\d\d /#), "\(error)") }
        asked.errors += errors
        // An app that is not there.
        let undecided = try await service.send("GET", "/v1/calls", key: "globex:\(Self.opaque)")
        #expect(undecided.status == 503)
        asked.errors.append(undecided.body.canonicalText)
        // A secret where a reference belongs.
        for (provider, field) in [("livekit", "api_secret"), ("agora", "app_certificate")] {
            let refused = try await service.send(
                "PATCH", "/v1/tenants/acme", ["providers": [provider: [field: "canary-in-a-secret-field-4"]]], key: Canary.operatorKey)
            #expect(refused.status == 422)
            asked.errors.append(refused.body.canonicalText)
        }
        for provider in ["livekit", "agora"] {
            let room = try await service.send("POST", "/v1/rooms", ["provider": .string(provider)], key: key)
            let name = try #require(room.body["name"]?.stringValue)
            let minted = try await service.send("POST", "/v1/rooms/\(name)/tokens", ["user_id": "carl", "role": "viewer"], key: key)
            let token = try #require(minted.body["token"]?.stringValue)
            asked.tokens.append(token)
            #expect(try await service.send("POST", "/v1/tokens/inspect", ["token": .string(token)], key: key).status == 200)
        }
        #expect(try await service.send("GET", "/v1/calls", key: alice).status == 200)
    }

    private func playOnSockets(_ service: Service, _ asked: inout Asked, _ alice: String, _ bob: String, _ forged: String) async throws {
        let key = asked.key
        let heard = try await service.ask { connection in
            let refused = try CanarySocket(connection.port, query: "&token=canary-in-a-query-1")
            for token in [forged, "canary-in-a-socket-5", key, "globex:\(Self.opaque)"] {
                try refused.say(#"40{"token":"\#(token)"}"#)
                try refused.hear("44{")
            }
            let caller = try CanarySocket(connection.port)
            try caller.say(#"40{"token":"\#(alice)","deviceId":"a"}"#)
            try caller.hear("40{")
            let callee = try CanarySocket(connection.port)
            try callee.say(#"40{"token":"\#(bob)","deviceId":"b"}"#)
            try callee.hear("40{")
            try caller.say(#"421["call:initiate",{"receiverId":"bob","callType":"audio"}]"#)
            let id = try #require(try callee.hear("call:incoming").firstMatch(of: #/call_[A-Za-z0-9_-]+/#)).output
            try callee.say(#"422["call:accept",{"callId":"\#(id)"}]"#)
            try callee.hear("432[")
            try caller.hear("call:accepted")
            try callee.say(#"423["token:refresh",{"token":"canary-in-a-socket-5"}]"#)
            try callee.say(#"424["call:token",{"callId":"\#(id)","token":"canary-in-a-socket-5"}]"#)
            try callee.hear("434[")
            return (good: caller.heard + callee.heard, bad: refused.heard)
        }
        asked.errors.append(heard.bad)
        let tokens = heard.good.matches(of: #/eyJ[\w-]+\.[\w-]+\.[\w-]+/#).map { String($0.output) }
        #expect(tokens.count >= 3)
        asked.tokens += tokens
    }
}

/// A WebSocket to the service's sockets, spoken by hand.
private final class CanarySocket {
    private let connection: Connection
    private(set) var heard = ""

    init(_ port: Int, query: String = "") throws {
        connection = try Connection(port: port)
        try connection.send(
            Array(
                """
                GET /socket.io/?EIO=4&transport=websocket\(query) HTTP/1.1\r\nHost: 127.0.0.1\r\n\
                Connection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: session=canary-in-a-cookie-2\r\n\
                Authorization: Bearer canary-bearer-1\r\n\r\n
                """.utf8))
        try hear("0{")
    }

    /// Sends a text, masked with zeros.
    func say(_ text: String) throws {
        let bytes = Array(text.utf8)
        let length = bytes.count < 126 ? [0x80 | UInt8(bytes.count)] : [0xFE, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
        try connection.send([0x81] + length + [0, 0, 0, 0] + bytes)
    }

    /// Waits until that has come since the last time, and returns what came with it.
    @discardableResult
    func hear(_ text: String) throws -> String {
        let part = try connection.text(until: text)
        heard += part
        return part
    }
}
