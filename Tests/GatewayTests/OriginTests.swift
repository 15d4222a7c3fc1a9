import SocketIO
import Testing

@testable import Gateway

extension Sockets {
    /// Which pages may talk to a socket server, and what their browsers are told.
    @Suite struct `The origin of a page` {
        private static let listed = OriginPolicy(allowed: ["https://app.example", "http://localhost:3000"])

        @Test(arguments: [
            ([], "a", OriginPolicy.sameOrigin, OriginPolicy.Verdict.own),
            (["https://callgate.example"], "callgate.example", .sameOrigin, .own),
            (["https://CALLGATE.example:8443"], "callgate.example:8443", .sameOrigin, .own),
            (["https://callgate.example:8443"], "callgate.example", .sameOrigin, .refused),
            (["https://callgate.example.evil.example"], "callgate.example", .sameOrigin, .refused),
            (["null"], "callgate.example", .sameOrigin, .refused), (["callgate.example"], "callgate.example", .sameOrigin, .refused),
            (["https://app.example"], "a", listed, .listed("https://app.example")), (["http://app.example"], "a", listed, .refused),
            (["https://app.example/"], "a", listed, .refused), (["https://xapp.example"], "a", listed, .refused),
            (["https://app.example", "https://app.example"], "a", listed, .malformed), (["https://äpp.example"], "a", listed, .malformed),
            (["https://anywhere.example"], "a", OriginPolicy(allowed: ["*"]), .any), ([], "a", OriginPolicy(allowed: ["*"]), .any),
            (["https://app.example"], "a", OriginPolicy(allowed: ["*", "https://app.example"]), .listed("https://app.example")),
        ])
        func `X16 is judged by the policy and the host`(
            origins: [String], host: String, policy: OriginPolicy, verdict: OriginPolicy.Verdict
        ) {
            #expect(policy.verdict(origins: origins, host: host) == verdict)
        }

        @Test func `X16 a page that is not listed gets nothing, over either transport`() async throws {
            try await SocketBench.with(origins: Self.listed) { gateway, _ in
                let origin = [("Origin", "https://evil.example")]
                let poll = try await gateway.only(HTTPText.request("GET", Poller.opening, origin + [("Connection", "close")]))
                #expect(poll.status == 403)
                #expect(poll.text == #"{"code":4,"message":"Forbidden"}"#)
                #expect(poll["access-control-allow-origin"].isEmpty)
                let client = try await gateway.client()
                let webSocket = try await client.ask(Raw.handshake("/socket.io/?EIO=4&transport=websocket", origin))
                #expect(webSocket.status == 403)
                #expect(webSocket.text == "Forbidden")
                try await client.close()
                // Nor with somebody else's session.
                let poller = try await Poller(gateway)
                #expect(try await poller.ask(poller.post("4a", origin)).status == 403)
                #expect(try await poller.ask(HTTPText.request("OPTIONS", Poller.opening, origin)).status == 403)
                #expect(try await poller.ask(poller.post("4a")).status == 200)
            }
        }

        @Test func `X16 a listed page is told its own origin, refused or not, and never the star`() async throws {
            try await SocketBench.with(origins: Self.listed) { gateway, _ in
                let poller = try await Poller(gateway)
                let origin = [("Origin", "https://app.example")]
                for (target, status) in [
                    (Poller.opening, 200), ("/socket.io/?EIO=3&transport=polling", 400), (Poller.opening + "&sid=x", 400),
                ] {
                    let answer = try await poller.ask(HTTPText.request("GET", target, origin))
                    #expect(answer.status == status)
                    #expect(answer["access-control-allow-origin"] == ["https://app.example"])
                    #expect(answer["access-control-allow-credentials"] == ["true"])
                    #expect(answer["vary"] == ["Origin"])
                }
                let client = try await gateway.client()
                let webSocket = try await client.ask(Raw.handshake("/socket.io/?EIO=4&transport=websocket", origin))
                #expect(webSocket.status == 101)
                try await client.close()
                let preflight = try await poller.ask(
                    HTTPText.request(
                        "OPTIONS", poller.target,
                        origin + [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type, x-a")]))
                #expect(preflight.status == 204)
                #expect(preflight["access-control-allow-headers"] == ["content-type, x-a"])
                #expect(preflight["access-control-allow-methods"] == ["GET,HEAD,PUT,PATCH,POST,DELETE"])
                #expect(preflight["access-control-allow-origin"] == ["https://app.example"])
            }
        }

        @Test func `X16 the star goes without credentials`() async throws {
            try await SocketBench.with(origins: OriginPolicy(allowed: ["*"])) { gateway, _ in
                let poller = try await Poller(gateway)
                for method in ["GET", "OPTIONS", "PUT"] {
                    let answer = try await poller.ask(HTTPText.request(method, Poller.opening, [("Origin", "https://any.example")]))
                    #expect(answer["access-control-allow-origin"] == ["*"])
                    #expect(answer["access-control-allow-credentials"].isEmpty)
                }
            }
        }
    }
}
