import Foundation
import Signaling
import StrictJSON
import TestSupport
import Testing

@testable import Gateway

extension Sockets {
    /// Whole calls over sockets of a whole service.
    @Suite(.timeLimit(.minutes(2))) struct `A call over sockets` {
        @Test(arguments: SocketCaller.Way.allCases, [false, true])
        func `X21 C01 C02 goes from ring to end, over a WebSocket or polling that becomes one, in the clear and over TLS`(
            way: SocketCaller.Way, isSecure: Bool
        ) async throws {
            let folder = try TemporaryFolder()
            let files = try folder.write(.one)
            try await RunningGateway.with {
                if isSecure { $0.certificate = files }
            } _: { gateway in
                let alice = try await gateway.caller("alice", on: "tablet", isSecure: isSecure)
                let bob = try await gateway.caller("bob", on: "phone", by: way, isSecure: isSecure)
                #expect(try await alice.hears("user:online")["userId"] == "bob")
                let placed = try await alice.asks("call:initiate", ["receiverId": "bob", "callType": "video"])
                let id = try #require(placed["callId"], "\(placed)")
                #expect(placed["join"] == nil)
                let incoming = try await bob.hears("call:incoming")
                #expect(incoming["callId"] == id && incoming["join"] == nil)
                if way == .polling { try await bob.upgrade() }
                let accepted = try await bob.asks("call:accept", ["callId": id])
                let told = try await alice.hears("call:accepted")
                for (join, user) in [(accepted["join"], "bob"), (told["join"], "alice")] {
                    #expect(join?["identity"] == .string(user) && join?["room"] == placed["channelName"])
                    #expect(join?["token"]?.stringValue?.split(separator: ".").count == 3)
                }
                #expect(accepted["join"]?["token"] != told["join"]?["token"])
                #expect(try await alice.asks("call:end", ["callId": id])["success"] == true)
                #expect(try await bob.hears("call:ended")["reason"] == "hung_up")
                #expect(try await bob.asks("call:token", ["callId": id])["code"] == "call_not_active")
                for caller in [alice, bob] { try await caller.close() }
                try await gateway.expectOpenConnections(0)
            }
        }

        @Test func `ends after a restart when its parties do not come back, and one over REST goes on`() async throws {
            func quick(_ settings: inout Settings) {
                (settings.sockets.pingIntervalSeconds, settings.sockets.pingTimeoutSeconds) = (1, 1)
                (settings.signaling.graceSeconds, settings.signaling.returnSeconds) = (0, 0)
            }
            var database = ""
            try await RunningGateway.with {
                quick(&$0)
                database = $0.database
            } _: { gateway in
                let alice = try await gateway.caller("alice", on: "tablet")
                let bob = try await gateway.caller("bob", on: "phone")
                let id = try #require(try await alice.asks("call:initiate", ["receiverId": "bob"])["callId"]?.stringValue)
                #expect(try await bob.asks("call:accept", ["callId": .string(id)])["success"] == true)
                let client = try await gateway.client()
                let order = #"{"caller":"carol","callee":"dave","media":"audio","device":"tablet"}"#
                let placed = try await client.ask(gateway.json("POST", "/v1/calls", order))
                let other = try #require(placed.text.firstMatch(of: #/"id":"(call_[^"]+)"/#)?.1)
                let accept = gateway.json("POST", "/v1/calls/\(other)/accept", #"{"user":"dave","device":"phone"}"#)
                #expect(try await client.ask(accept).status == 200)
                try await gateway.stop()
                for caller in [alice, bob] { try await caller.drop() }
                try await client.close()

                try await RunningGateway.with {
                    quick(&$0)
                    $0.database = database
                } _: { gateway in
                    let client = try await gateway.client()
                    var answer = try await client.ask(gateway.look(id))
                    #expect(answer.text.contains(#""state":"active""#))
                    for _ in 0..<400 where !answer.text.contains(#""state":"ended""#) {
                        try await Task.sleep(for: .milliseconds(50))
                        answer = try await client.ask(gateway.look(id))
                    }
                    #expect(answer.text.contains(#""party_gone""#))
                    #expect(try await client.ask(gateway.look(String(other))).text.contains(#""state":"active""#))
                    try await client.close()
                }
            }
        }
    }
}

extension RunningGateway {
    /// A look at a call.
    fileprivate func look(_ call: String) -> String {
        HTTPText.request("GET", "/v1/calls/\(call)", [("Authorization", "Bearer \(key)")])
    }
}
