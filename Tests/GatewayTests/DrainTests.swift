import Gateway
import TestSupport
import Testing

@testable import Storage

/// What a service does between the word to stop and its end.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DrainTests {
    @Test func `O07 it says that it is not ready, begins no calls, finishes what there is, and loses nothing`() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let database = folder.path("test.sqlite")
        var id: Substring = ""
        try await RunningGateway.with {
            $0.drainSeconds = 5
            $0.database = database
        } _: { gateway in
            let client = try await gateway.client()
            #expect(try await client.ask(HTTPText.request("GET", "/readyz")).status == 200)
            let order = #"{"caller":"alice","callee":"bob","media":"audio"}"#
            let placed = try await client.ask(gateway.json("POST", "/v1/calls", order))
            id = try #require(placed.text.firstMatch(of: #/"id":"(call_[^"]+)"/#)?.1)
            let socket = try await gateway.client()
            try await socket.becomeWebSocket("/socket.io/?EIO=4&transport=websocket")
            #expect(try await socket.message().hasPrefix("0{"))
            // One that has begun a request and will end it later.
            let late = try await gateway.client()
            #expect(try await late.ask(HTTPText.health).status == 200)
            let request = Array(gateway.hot().utf8)
            try await late.send(Array(request.dropLast(5)))

            await gateway.listening.stop()

            var ready = try await client.ask(HTTPText.request("GET", "/readyz"))
            while ready.status != 503 { ready = try await client.ask(HTTPText.request("GET", "/readyz")) }
            #expect(ready.text == #"{"status":"unavailable"}"#)
            #expect(try await client.ask(HTTPText.request("GET", "/livez")).status == 200)
            let other = #"{"caller":"carl","callee":"dora","media":"audio"}"#
            let refused = try await client.ask(gateway.json("POST", "/v1/calls", other))
            #expect(refused.status == 503)
            #expect(try refused.code == "unavailable")
            #expect(refused["retry-after"] == ["3"])
            #expect(refused.text.contains("begins no new calls"))
            // A proxy that has not noticed may still send new connections.
            let accepted = try await gateway.client()
            #expect(try await accepted.ask(gateway.json("POST", "/v1/calls/\(id)/accept", #"{"user":"bob"}"#)).status == 200)
            try await late.send(Array(request.suffix(5)))
            #expect(try await late.answer().status == 201)

            try await socket.expectClose(1001)
            try await gateway.serving.end(withinSeconds: 30, "the service stopped")
            for client in [client, late, accepted] { try await client.close() }
        }
        let store = try SQLiteStore(path: database)
        #expect(store.activeCallsCount() == 1)
        try store.close()
    }
}
