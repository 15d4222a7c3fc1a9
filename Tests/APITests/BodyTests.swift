import Foundation
import StrictJSON
import Testing
import Vocabulary

@testable import API

/// What a body and its headers may be, for every operation that takes one.
struct BodyTests {
    @Test(arguments: [
        "", "{", "{}x", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{'a':1}", "{\"a\":NaN}", "\u{FEFF}{}", "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\u0000\"}", "{\"a\":1e999}", "{\"a\":99999999999999999999}", "// x\n{}", "{\"a\":1,}",
        String(repeating: "[", count: 33) + String(repeating: "]", count: 33), String(repeating: "{\"a\":", count: 2049),
    ])
    func `a body that is not strict JSON is 400 at every operation that takes one`(text: String) async throws {
        let service = try await Service()
        let tenantKey = try await service.tenant("acme")
        let room = try await service.room(key: tenantKey)
        for route in service.api.table.routes where route.takesBody {
            let target = route.path.replacing("{room}", with: room).replacing("{tenant}", with: "acme").replacing(
                "{user}", with: "alice"
            ).replacing("{call}", with: "call_0000000000000000000000000")
            let key = route.access == .scope(.tenantsAdmin) ? service.operatorKey : tenantKey
            let answer = try await service.send(
                route.method, target, bytes: Array(text.utf8), contentType: "application/json; charset=utf-8", key: key)
            #expect(answer.status == 400, "\(route.id)")
            #expect(answer.code == "malformed_json", "\(route.id)")
        }
    }

    @Test(arguments: [
        nil, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/jsonp",
        "application/json;",
        "multipart/form-data", "application/vnd.api+json", "",
    ])
    func `a body of another type is 415`(contentType: String?) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send("POST", "/v1/rooms", bytes: Array("{}".utf8), contentType: contentType, key: key)
        if contentType == "application/json;" {
            #expect(answer.status == 201)
        } else {
            #expect(answer.code == "unsupported_media_type")
        }
    }

    @Test func `a body where none belongs is refused`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        for (method, target) in [("GET", "/v1/rooms"), ("DELETE", "/v1/rooms/\(room)"), ("GET", "/livez")] {
            #expect(try await service.send(method, target, [:], key: key).code == "malformed_request")
        }
        #expect(try await service.send("GET", "/v1/rooms/\(room)", key: key)["state"] == "open")
    }

    private static let suite = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/data/jsontestsuite/test_parsing")

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: suite.path),
            "SKIPPED: the JSON test suite is not beside this checkout; BodyTests' own cases have run"))
    func `no file of the JSON test suite is an error of ours`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let files = try FileManager.default.contentsOfDirectory(at: Self.suite, includingPropertiesForKeys: nil)
        #expect(files.count > 300)
        for file in files {
            let bytes = try [UInt8](Data(contentsOf: file))
            let answer = try await service.send("POST", "/v1/tokens/inspect", bytes: bytes, contentType: "application/json", key: key)
            #expect([400, 422].contains(answer.status), "\(file.lastPathComponent)")
        }
    }
}
