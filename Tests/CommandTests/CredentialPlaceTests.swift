import Foundation
import StrictJSON
import TestSupport
import Testing

/// A08: a key opens what it opens in one place of a request only, and is not written into the log from any.
@Suite(.timeLimit(.minutes(2))) struct CredentialPlaceTests {
    @Test func `A08 a key in the query, a cookie, a body or basic authentication is ignored, and not logged`() async throws {
        let home = try Home()
        let service = try await Service.start(
            in: home, environment: ["CALLGATE_OPERATOR_KEY": Canary.operatorKey, "CALLGATE_LOG_LEVEL": "trace"])
        let key = Canary.operatorKey
        let basic = Data("callgate:\(key)".utf8).base64EncodedString()
        let body = #"{"key":"\#(key)","access_token":"\#(key)","scopes":["keys:admin"]}"#
        let places: [(request: String, headers: String, body: String)] = [
            ("GET /v1/tenants?access_token=\(key)", "", ""), ("GET /v1/tenants?api_key=\(key)&token=\(key)", "", ""),
            ("GET /v1/tenants?Authorization=Bearer%20\(key)", "", ""), ("GET /v1/tenants#\(key)", "", ""),
            ("GET /v1/tenants/\(key)", "", ""), ("GET /v1/tenants", "Cookie: token=\(key); Authorization=Bearer \(key)\r\n", ""),
            ("GET /v1/tenants", "Authorization: Basic \(basic)\r\n", ""), ("GET /v1/tenants", "Authorization: \(key)\r\n", ""),
            ("GET /v1/tenants", "Authorization: Digest username=\"\(key)\"\r\n", ""), ("GET /v1/tenants", "X-Api-Key: \(key)\r\n", ""),
            ("GET /v1/tenants", "Proxy-Authorization: Bearer \(key)\r\n", ""), ("GET /v1/tenants", "X-Request-Id: \(key)-\(key)\r\n", ""),
            ("POST /v1/keys", "Content-Type: application/json\r\n", body),
            ("POST /v1/keys", "Content-Type: application/x-www-form-urlencoded\r\n", "access_token=\(key)"),
        ]
        for place in places {
            let length = place.body.isEmpty ? "" : "Content-Length: \(place.body.utf8.count)\r\n"
            let text = "\(place.request) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(place.headers)\(length)\r\n\(place.body)"
            let answer = try await service.ask { try $0.ask(raw: text) }
            // What stands behind a # never leaves an honest client: such a target is malformed, and names nothing.
            let expected = place.request.contains("#") ? [400, 404] : [401]
            #expect(expected.contains(answer.status), "\(place.request) \(place.headers)")
            #expect(!answer.body.canonicalText.contains(key), "\(place.request)")
        }
        #expect(try await service.send("GET", "/v1/tenants", key: key).status == 200)
        // That the key stands in none of the messages is what `finish` looks for.
        #expect(await service.stop().code == 0)
    }
}
