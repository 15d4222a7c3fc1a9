import StrictJSON
import Testing
import Vocabulary

@testable import API

/// Keys and tenants.
struct AdministrationTests {
    @Test func `a key is shown once, and its record never shows it again`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let made = try await service.send(
            "POST", "/v1/keys", ["scopes": ["rooms:read"], "label": "backend", "environment": "test", "expires_in_seconds": 60], key: acme)
        #expect(made.status == 201)
        #expect(made.header("cache-control") == "no-store")
        let key = try made.text("key")
        let id = try made.text("id")
        #expect(made.header("location") == "/v1/keys/\(id)")
        #expect(key.hasPrefix(try made.text("prefix")))
        let read = try await service.send("GET", "/v1/keys/\(id)", key: acme)
        #expect(read["key"] == nil)
        #expect(read["label"] == "backend")
        let list = try await service.send("GET", "/v1/keys", key: acme)
        #expect(!String(decoding: list.bytes, as: UTF8.self).contains(key))
        #expect(try await service.send("GET", "/v1/rooms", key: key).status == 200)
        service.clock.advance(60)
        #expect(try await service.send("GET", "/v1/rooms", key: key).status == 401)
    }

    @Test func `A10 a key gives away only scopes that it holds itself, within its own tenant`() async throws {
        let service = try await Service()
        _ = try await service.tenant("globex")
        _ = try await service.tenant("acme")
        let admin = try await service.key(of: "acme", scopes: [.keysAdmin, .roomsRead])
        #expect(try await service.send("POST", "/v1/keys", ["scopes": ["rooms:read", "keys:admin"]], key: admin).status == 201)
        #expect(try await service.send("POST", "/v1/keys", ["scopes": ["tokens:mint"]], key: admin).code == "scope_not_held")
        #expect(try await service.send("POST", "/v1/keys", ["scopes": ["tenants:admin"]], key: admin).code == "scope_not_held")
        for tenant in ["globex", "acme", "nobody"] {
            let answer = try await service.send("POST", "/v1/keys", ["scopes": ["rooms:read"], "tenant": .string(tenant)], key: admin)
            #expect(answer.pointers == ["/tenant"])
        }
        let mine = try await service.send("GET", "/v1/keys", key: admin)
        #expect(mine["keys"]?.arrayValue?.allSatisfy { $0["tenant"] == "acme" } == true)
        #expect(try await service.send("GET", "/v1/keys", key: service.operatorKey)["keys"]?.arrayValue?.count == 5)
    }

    @Test func `A10 a key makes none that outlives it, and an operator's key none that may do more`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let ending = try await service.send(
            "POST", "/v1/keys", ["scopes": ["keys:admin", "rooms:read"], "expires_in_seconds": 600], key: acme
        ).text("key")
        let longer: JSONValue = ["scopes": ["rooms:read"], "expires_in_seconds": 601]
        for order in [["scopes": ["rooms:read"]], longer] as [JSONValue] {
            #expect(try await service.send("POST", "/v1/keys", order, key: ending).pointers == ["/expires_in_seconds"])
        }
        let shorter: JSONValue = ["scopes": ["rooms:read"], "expires_in_seconds": 600]
        #expect(try await service.send("POST", "/v1/keys", shorter, key: ending).status == 201)
        let keysOnly = try await service.key(of: nil, scopes: [.keysAdmin])
        #expect(try await service.send("POST", "/v1/keys", ["scopes": ["tenants:admin"]], key: keysOnly).code == "scope_not_held")
        let forTenant: JSONValue = ["scopes": ["tokens:mint"], "tenant": "acme"]
        #expect(try await service.send("POST", "/v1/keys", forTenant, key: keysOnly).status == 201)
    }

    @Test func `A10 the operator makes keys of either kind, each with the scopes of its kind`() async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        #expect(try await service.send("POST", "/v1/keys", ["scopes": ["tenants:admin"]], key: service.operatorKey).status == 201)
        #expect(try await service.send("POST", "/v1/keys", ["scopes": ["rooms:read"]], key: service.operatorKey).pointers == ["/scopes"])
        let mixed = try await service.send("POST", "/v1/keys", ["scopes": ["tenants:admin"], "tenant": "acme"], key: service.operatorKey)
        #expect(mixed.pointers == ["/scopes"])
        let nobody = try await service.send("POST", "/v1/keys", ["scopes": ["rooms:read"], "tenant": "nobody"], key: service.operatorKey)
        #expect(nobody.pointers == ["/tenant"])
    }

    @Test(arguments: [
        (#"{}"#, "/scopes"), (#"{"scopes":[]}"#, "/scopes"), (#"{"scopes":["all"]}"#, "/scopes/0"),
        (#"{"scopes":"rooms:read"}"#, "/scopes"),
        (#"{"scopes":["rooms:read","rooms:read"]}"#, "/scopes/1"), (#"{"scopes":["rooms:read"],"label":""}"#, "/label"),
        (#"{"scopes":["rooms:read"],"expires_in_seconds":59}"#, "/expires_in_seconds"), (#"{"scopes":["rooms:read"],"key":"x"}"#, "/key"),
        (#"{"scopes":["rooms:read"],"environment":"prod"}"#, "/environment"),
    ])
    func `a key that cannot be is refused with a pointer`(body: String, pointer: String) async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let answer = try await service.send("POST", "/v1/keys", bytes: Array(body.utf8), contentType: "application/json", key: acme)
        #expect(answer.status == 422)
        #expect(answer.pointers == [pointer])
    }

    @Test func `a tenant is made once, shown with its references and never with its secrets`() async throws {
        let service = try await Service()
        let order: JSONValue = [
            "id": "acme", "display_name": "Acme", "providers": ["livekit": Service.livekitSettings, "agora": Service.agoraSettings],
            "default_provider": "agora", "limits": ["rooms_open_max": 5],
        ]
        let made = try await service.send("POST", "/v1/tenants", order, key: service.operatorKey)
        #expect(made.status == 201)
        #expect(made["providers"]?["livekit"]?["api_secret"] == ["env": "LIVEKIT_SECRET"])
        #expect(made["providers"]?["agora"]?["identity"] == "account")
        for secret in TestSecrets.values.values { #expect(!String(decoding: made.bytes, as: UTF8.self).contains(secret)) }
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).bytes == made.bytes)
        #expect(try await service.send("POST", "/v1/tenants", order, key: service.operatorKey).code == "tenant_exists")
    }

    @Test(arguments: [
        (#""id":"Acme""#, "/id"), (#""id":"a_b""#, "/id"), (#""id":"acme-room-0000000000000000000000000""#, "/id"),
        (#""providers":{}"#, "/providers"),
        (#""providers":{"zoom":{}}"#, "/providers/zoom"), (#""default_provider":"agora""#, "/default_provider"),
        (#""limits":{"rooms_open_max":0}"#, "/limits/rooms_open_max"), (#""display_name":"""#, "/display_name"),
        (#""secret":"x""#, "/secret"),
    ])
    func `a tenant that cannot be is refused with a pointer`(field: String, pointer: String) async throws {
        let service = try await Service()
        let id = field.contains("\"id\"") ? "" : #""id":"acme","#
        let providers = field.contains("providers") ? "" : "\"providers\":{\"livekit\":\(Service.livekitSettings.canonicalText)},"
        let body = Array("{\(id)\(providers)\(field)}".utf8)
        let answer = try await service.send("POST", "/v1/tenants", bytes: body, contentType: "application/json", key: service.operatorKey)
        #expect(answer.status == 422)
        #expect(answer.pointers.contains(pointer))
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).status == 404)
    }

    @Test(arguments: [
        (#"{"env":"SHORT_SECRET"}"#, "/providers/livekit"), (#"{"env":"NOT_SET"}"#, "/providers/livekit/api_secret"),
        (#"{"env":"lower"}"#, "/providers/livekit/api_secret/env"), (#"{"file":"relative"}"#, "/providers/livekit/api_secret/file"),
        (#"{"file":"/etc/../etc/passwd"}"#, "/providers/livekit/api_secret/file"), (#"{}"#, "/providers/livekit/api_secret"),
        (#"{"env":"LIVEKIT_SECRET","file":"/x"}"#, "/providers/livekit/api_secret"), (#""plain text""#, "/providers/livekit/api_secret"),
        (#"{"value":"x"}"#, "/providers/livekit/api_secret"),
    ])
    func `a provider secret that is weak, absent or in clear is refused`(secret: String, pointer: String) async throws {
        let service = try await Service()
        let body = #"{"id":"acme","providers":{"livekit":{"server_url":"wss://x","api_key":"k","api_secret":\#(secret)}}}"#
        let answer = try await service.send(
            "POST", "/v1/tenants", bytes: Array(body.utf8), contentType: "application/json", key: service.operatorKey)
        #expect(answer.status == 422)
        #expect(answer.pointers.contains { $0.hasPrefix(pointer) }, "\(answer.pointers)")
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).status == 404)
    }

    @Test(arguments: [
        "http://x", "wss://", "wss://user@host", "wss://host?token=1", "wss://host#x", "wss:///path", "wss://a b", "WSS://host", "",
    ])
    func `an address that clients could not connect to is refused`(url: String) async throws {
        let service = try await Service()
        var livekit = try #require(Service.livekitSettings.objectValue)
        livekit["server_url"] = .string(url)
        let answer = try await service.send(
            "POST", "/v1/tenants", ["id": "acme", "providers": ["livekit": .object(livekit)]], key: service.operatorKey)
        #expect(answer.pointers == ["/providers/livekit/server_url"])
    }

    @Test(arguments: ["x", "é", "👩‍👩‍👧‍👦"])
    func `a message that would repeat a long path is cut to what the contract allows`(letter: String) async throws {
        let service = try await Service()
        let path = "/" + String(repeating: letter, count: 1023 / letter.utf8.count)
        let livekit: JSONValue = ["server_url": "wss://livekit.example", "api_key": "APItest", "api_secret": ["file": .string(path)]]
        // That every answer keeps the contract, its lengths too, is what `send` looks at.
        let answer = try await service.send(
            "POST", "/v1/tenants", ["id": "acme", "providers": ["livekit": livekit]], key: service.operatorKey)
        #expect(answer.pointers == ["/providers/livekit/api_secret"])
    }

    @Test func `a change touches what it names, and two changes at once are both applied`() async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        let operatorKey = service.operatorKey
        async let name = service.send("PATCH", "/v1/tenants/acme", ["display_name": "Acme"], key: operatorKey)
        async let limit = service.send("PATCH", "/v1/tenants/acme", ["limits": ["rooms_open_max": 3]], key: operatorKey)
        async let provider = service.send("PATCH", "/v1/tenants/acme", ["default_provider": "agora"], key: operatorKey)
        #expect(try await [name, limit, provider].map(\.status) == [200, 200, 200])
        let read = try await service.send("GET", "/v1/tenants/acme", key: operatorKey)
        #expect(read["display_name"] == "Acme")
        #expect(read["limits"] == ["rooms_open_max": 3])
        #expect(read["default_provider"] == "agora")
        #expect(try await service.send("PATCH", "/v1/tenants/acme", [:], key: operatorKey).bytes == read.bytes)
        #expect(try await service.send("PATCH", "/v1/tenants/nobody", [:], key: operatorKey).status == 404)
    }

    @Test func `a closed tenant's keys open nothing, its rooms are closed, and its id is never given again`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let room = try await service.room(key: acme)
        #expect(try await service.send("DELETE", "/v1/tenants/acme", key: service.operatorKey).status == 204)
        #expect(try await service.send("DELETE", "/v1/tenants/acme", key: service.operatorKey).status == 204)
        #expect(try await service.send("GET", "/v1/rooms", key: acme).status == 401)
        #expect(
            try await service.sendAtHand("POST", "/v1/rooms/\(room)/tokens", ["user_id": "a", "role": "host"], key: acme)?.status ?? 401
                == 401)
        let order: JSONValue = ["id": "acme", "providers": ["livekit": Service.livekitSettings]]
        #expect(try await service.send("POST", "/v1/tenants", order, key: service.operatorKey).code == "tenant_exists")
        let read = try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey)
        #expect(read["state"] == "closed")
        #expect(try await service.send("PATCH", "/v1/tenants/acme", [:], key: service.operatorKey).status == 404)
        #expect(try await service.send("DELETE", "/v1/tenants/nobody", key: service.operatorKey).status == 404)
        #expect(try await service.send("GET", "/v1/tenants?limit=1", key: service.operatorKey)["tenants"]?.arrayValue?.count == 1)
    }
}
