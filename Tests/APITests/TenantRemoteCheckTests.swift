import StrictJSON
import Testing
import Vocabulary

@testable import API

/// `remote_check` of a tenant.
struct TenantRemoteCheckTests {
    private static func order(_ remoteCheck: String) -> [UInt8] {
        let livekit = #"{"server_url":"wss://x","api_key":"k","api_secret":{"env":"LIVEKIT_SECRET"}}"#
        return Array(#"{"id":"acme","providers":{"livekit":\#(livekit)},"remote_check":\#(remoteCheck)}"#.utf8)
    }

    private static let settings: JSONValue = [
        "url": "https://app.example/api/users/me?full=1", "secret": ["env": "INTERNAL_SECRET"],
        "fields": ["user": "/data/id", "name": "/data/name", "roles": "/data/roles/0~1"], "recheck_seconds": 30,
    ]

    @Test func `settings are shown as they were given, with their defaults and without the secret`() async throws {
        let outside = FakeOutside()
        let service = try await Service(outside: outside)
        let body: JSONValue = ["id": "acme", "providers": ["livekit": Service.livekitSettings], "remote_check": Self.settings]
        let made = try await service.send("POST", "/v1/tenants", body, key: service.operatorKey)
        #expect(made.status == 201)
        #expect(made["remote_check"] == Self.settings)
        #expect(!String(decoding: made.bytes, as: UTF8.self).contains(try #require(TestSecrets.values["INTERNAL_SECRET"])))
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).bytes == made.bytes)
        #expect(outside.asked.isEmpty, "that the app is down is no reason to refuse a tenant")

        let changed = try await service.send(
            "PATCH", "/v1/tenants/acme", ["remote_check": ["url": "https://new.example/", "secret": ["env": "INTERNAL_SECRET"]]],
            key: service.operatorKey)
        #expect(changed["remote_check"]?["fields"] == ["user": "/id"])
        #expect(changed["remote_check"]?["recheck_seconds"] == 300)
        let renamed = try await service.send("PATCH", "/v1/tenants/acme", ["display_name": "Acme"], key: service.operatorKey)
        #expect(renamed["remote_check"] == changed["remote_check"])
        let removed = try await service.send("PATCH", "/v1/tenants/acme", ["remote_check": .null], key: service.operatorKey)
        #expect(removed.status == 200)
        #expect(removed["remote_check"] == nil)
    }

    @Test func `A13 while the app does not say who it is the answer is 503, and nothing is done`() async throws {
        let outside = FakeOutside()
        let service = try await Service(outside: outside)
        _ = try await service.tenant("acme")
        let change = try await service.send("PATCH", "/v1/tenants/acme", ["remote_check": Self.settings], key: service.operatorKey)
        #expect(change.status == 200)
        let answer = try await service.send("POST", "/v1/calls", ["callee": "bob", "media": "audio"], key: "acme:canary-bearer")
        #expect(answer.status == 503)
        #expect(answer["code"] == "unavailable")
        #expect(answer["detail"]?.stringValue?.contains("app") == true)
        #expect(answer.header("retry-after") == "1")
        for word in ["canary", "app.example", "is down"] { #expect(!String(decoding: answer.bytes, as: UTF8.self).contains(word)) }
        #expect(outside.asked == ["https://app.example/api/users/me?full=1"])
        #expect(try await service.send("GET", "/v1/calls", key: "globex:canary-bearer").status == 401)
    }

    @Test(arguments: [
        (#"{}"#, ["/remote_check/url", "/remote_check/secret"]), ("null", ["/remote_check"]), ("[]", ["/remote_check"]),
        (#"{"url":"http://x","secret":{"env":"INTERNAL_SECRET"}}"#, ["/remote_check/url"]),
        (#"{"url":"ftp://x","secret":{"env":"INTERNAL_SECRET"}}"#, ["/remote_check/url"]),
        (#"{"url":"https://user@x","secret":{"env":"INTERNAL_SECRET"}}"#, ["/remote_check/url"]),
        (#"{"url":"https://x","secret":"plain text"}"#, ["/remote_check/secret"]),
        (#"{"url":"https://x","secret":{"env":"NOT_SET"}}"#, ["/remote_check/secret"]),
        (#"{"url":"https://x","secret":{"env":"SHORT_SECRET"}}"#, ["/remote_check/secret"]),
        (#"{"url":"https://x","secret":{"env":"LIVEKIT_SECRET"}}"#, ["/remote_check/secret"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"fields":{"user":"id"}}"#, ["/remote_check/fields/user"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"fields":{"user":""}}"#, ["/remote_check/fields/user"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"fields":{"name":"/~"}}"#, ["/remote_check/fields/name"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"fields":{"roles":7}}"#, ["/remote_check/fields/roles"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"fields":{"tenant":"/t"}}"#, ["/remote_check/fields/tenant"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"recheck_seconds":29}"#, ["/remote_check/recheck_seconds"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"recheck_seconds":3601}"#, ["/remote_check/recheck_seconds"]),
        (#"{"url":"https://x","secret":{"env":"INTERNAL_SECRET"},"cache":1}"#, ["/remote_check/cache"]),
    ])
    func `settings that cannot be are refused with pointers, and no tenant is made`(settings: String, pointers: [String]) async throws {
        let service = try await Service()
        let answer = try await service.send(
            "POST", "/v1/tenants", bytes: Self.order(settings), contentType: "application/json", key: service.operatorKey)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).status == 404)
    }
}
