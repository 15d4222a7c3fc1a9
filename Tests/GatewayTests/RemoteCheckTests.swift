import Calls
import NIOHTTP1
import Switchboard
import Testing
import Vocabulary

@testable import Gateway

/// A user's way in by an app that is another server.
@Suite(.timeLimit(.minutes(1))) struct RemoteCheckTests {
    private static func with(_ app: OtherServer, _ use: (RunningGateway) async throws -> Void) async throws {
        try await RunningGateway.with { settings in
            settings.outbound.privateNetworks = ["127.0.0.0/8"].compactMap { AddressRange($0) }
            settings.outbound.allowsPlainHTTP = true
            do {
                settings.tenants = try settings.tenants.map { tenant in
                    let check = RemoteCheckSettings(
                        address: try WebAddress("http://127.0.0.1:\(app.port)/api/users/me"), secret: .environment("INTERNAL_SECRET"),
                        fields: .init(user: "/data/id"), recheckSeconds: 300)
                    return .init(
                        id: tenant.id, displayName: nil, providers: tenant.providers, defaultProvider: nil, openRoomsMax: 10,
                        remoteCheck: check)
                }
            } catch {
                Issue.record(error)
            }
        } _: { running in
            try await use(running)
        }
    }

    private static func calls(_ bearer: String) -> String { HTTPText.request("GET", "/v1/calls", [("Authorization", "Bearer \(bearer)")]) }

    @Test func `the app says who it is, over the wire, and is asked once in a while`() async throws {
        try await OtherServer.with { head in
            head.headers["authorization"] == ["Bearer 7|sanctum"] ? .json(#"{"data":{"id":7}}"#) : .json("{}", status: "401 Unauthorized")
        } _: { app in
            try await Self.with(app) { running in
                let client = try await running.client()
                for (bearer, status) in [("7|sanctum", 200), ("acme:7|sanctum", 200), ("8|sanctum", 401), ("other:7|sanctum", 401)] {
                    try await client.send(Self.calls(bearer))
                    #expect(try await client.answer().status == status, "\(bearer)")
                }
                try await client.close()
                #expect(app.heads.map(\.uri) == ["/api/users/me", "/api/users/me"])
                #expect(app.heads.map { $0.headers["x-internal-secret"] } == Array(repeating: ["the-app-and-its-gate-know-this"], count: 2))
                #expect(app.heads.map { $0.headers["authorization"] } == [["Bearer 7|sanctum"], ["Bearer 8|sanctum"]])
            }
        }
    }

    @Test(arguments: [
        OtherServer.Reply.json("{}", status: "500 Internal Server Error"), .json("<html>"), .json(#"{"id":7}"#),
        .bytes("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/login\r\nContent-Length: 0\r\n\r\n"), .bytes("HTTP/1.1 200 OK\r\n"),
        .bytes(""),
    ])
    func `A13 an app that gives no good answer is not there, and that is said`(reply: OtherServer.Reply) async throws {
        try await OtherServer.with { _ in
            reply
        } _: { app in
            try await Self.with(app) { running in
                let client = try await running.client()
                try await client.send(Self.calls("7|sanctum"))
                let answer = try await client.answer()
                #expect(answer.status == 503)
                let body = String(decoding: answer.body, as: UTF8.self)
                #expect(body.contains(#""code":"unavailable""#))
                #expect(!body.contains("sanctum") && !body.contains("127.0.0.1"))
                // Others are served as before.
                try await client.send(running.hot())
                #expect(try await client.answer().status == 201)
                try await client.close()
                #expect(app.heads.count == 1)
            }
        }
    }
}
