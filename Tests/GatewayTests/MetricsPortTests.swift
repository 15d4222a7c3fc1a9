import Foundation
import Gateway
import Testing
import Yams

/// The numbers of the service, and where they are shown.
@Suite struct MetricsPortTests {
    /// Everything on the metrics' port.
    private static func numbers(_ gateway: RunningGateway, _ request: String = HTTPText.request("GET", "/metrics"), toHead: Bool = false)
        async throws -> Answer
    {
        let client = try await Client.connect(to: try #require(gateway.listening.metricsPort))
        let answer = try await client.ask(request, toHead: toHead)
        #expect(answer.isLast)
        try await client.close()
        return answer
    }

    /// A call over REST, from its placing to its end.
    private static func playCall(_ gateway: RunningGateway) async throws {
        let client = try await gateway.client()
        let placed = try await client.ask(gateway.json("POST", "/v1/calls", #"{"caller":"alice","callee":"bob","media":"audio"}"#))
        #expect(placed.status == 201)
        let id = try #require(placed.text.firstMatch(of: #/"id":"(call_[^"]+)"/#)?.1)
        #expect(try await client.ask(gateway.json("POST", "/v1/calls/\(id)/accept", #"{"user":"bob"}"#)).status == 200)
        #expect(try await client.ask(gateway.json("POST", "/v1/calls/\(id)/end", "{}")).status == 200)
        #expect(try await client.ask(gateway.json("POST", "/v1/calls/\(id)/token", #"{"user":"bob"}"#)).status == 409)
        try await client.close()
    }

    @Test func `O11 the port of the requests shows no numbers and nothing for debugging`() async throws {
        try await RunningGateway.with {
            $0.metricsPort = 0
        } _: { gateway in
            let client = try await gateway.client()
            for path in [
                "/metrics", "/metrics/", "/Metrics", "/debug", "/debug/vars", "/debug/pprof/", "/stats", "/v1/metrics", "//metrics",
            ] {
                let answer = try await client.ask(HTTPText.request("GET", path, [("Authorization", "Bearer \(gateway.key)")]))
                #expect(answer.status == 404, "\(path)")
                #expect(!answer.text.contains("_total"))
            }
            try await client.close()
            for path in ["/", "/health", "/v1/rooms", "/socket.io/?EIO=4&transport=polling", "/metricsx", "/metrics/x"] {
                #expect(try await Self.numbers(gateway, HTTPText.request("GET", path)).status == 404, "\(path)")
            }
            #expect(try await Self.numbers(gateway, HTTPText.request("POST", "/metrics", body: "")).status == 405)
            #expect(try await Self.numbers(gateway).status == 200)
        }
    }

    @Test func `without a port of their own they are shown nowhere`() async throws {
        try await RunningGateway.with { gateway in
            #expect(gateway.listening.metricsPort == nil)
        }
    }

    @Test func `what happens is counted, and nobody is named`() async throws {
        try await RunningGateway.with {
            $0.metricsPort = 0
        } _: { gateway in
            let client = try await gateway.client()
            for _ in 0..<3 { #expect(try await client.ask(gateway.hot()).status == 201) }
            #expect(try await client.ask(gateway.hot(body: #"{"role":"viewer","user_id":""}"#)).status == 422)
            #expect(try await client.ask(HTTPText.request("GET", "/v1/rooms")).status == 401)
            #expect(try await client.ask(HTTPText.request("GET", "/nowhere")).status == 404)
            try await client.close()
            #expect(try await gateway.only(HTTPText.request("GET", "/health", [("Transfer-Encoding", "gzip")])).status == 400)
            try await Self.playCall(gateway)

            let answer = try await Self.numbers(gateway)

            #expect(answer["content-type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            let lines = Set(answer.text.split(separator: "\n").map(String.init))
            for line in [
                #"http_request_duration_seconds_count{operation="mintRoomToken",status="2xx"} 3"#,
                #"http_request_duration_seconds_bucket{operation="mintRoomToken",status="2xx",le="+Inf"} 3"#,
                #"http_request_duration_seconds_count{operation="mintRoomToken",status="4xx"} 1"#,
                #"http_request_duration_seconds_count{operation="none",status="4xx"} 1"#,
                #"http_problems_total{code="unauthenticated"} 1"#, #"http_problems_total{code="malformed_request"} 1"#,
                #"http_problems_total{code="rate_limited"} 0"#,
                #"tokens_minted_total{provider="livekit",result="minted"} 5"#, #"tokens_minted_total{provider="agora",result="minted"} 0"#,
                #"tokens_minted_total{provider="none",result="refused"} 1"#,
                #"call_transition_total{from="none",to="ringing",result="placed"} 1"#,
                #"call_transition_total{from="ringing",to="active",result="accepted"} 1"#,
                #"call_transition_total{from="active",to="ended",result="hung_up"} 1"#, #"calls_state{state="active"} 0"#,
                #"storage_errors_total{kind="commit"} 0"#, "sockets_connected 0", "service_ready 1", "service_draining 0",
            ] {
                #expect(
                    lines.contains(line), "\(line), but \(lines.filter { $0.hasPrefix(line.prefix { $0 != " " && $0 != "," }) }.sorted())")
            }
            for metric in ["audit_rows_total ", "store_changes_total ", "process_open_fds ", "process_resident_memory_bytes "] {
                let value = lines.first { $0.hasPrefix(metric) }.flatMap { Double($0.dropFirst(metric.count)) }
                #expect((value ?? 0) > 0, "\(metric)")
            }
            for name in ["acme", "alice", "bob", "user-1", gateway.room, "call_0", "key_"] {
                #expect(!answer.text.contains(name), "\(name)")
            }
        }
    }

    @Test func `every line is one that Prometheus reads`() async throws {
        try await RunningGateway.with {
            $0.metricsPort = 0
        } _: { gateway in
            try await Self.playCall(gateway)
            let head = try await Self.numbers(gateway, HTTPText.request("HEAD", "/metrics"), toHead: true)
            #expect(head.status == 200)
            var typed: [Substring: Substring] = [:]
            for line in try await Self.numbers(gateway).text.split(separator: "\n") {
                if let type = line.firstMatch(of: #/^# TYPE ([a-z_]+) (counter|gauge|histogram)$/#) {
                    #expect(typed.updateValue(type.2, forKey: type.1) == nil, "\(type.1) is there twice")
                    continue
                }
                if line.contains(#/^# HELP [a-z_]+ .+\.$/#) { continue }
                let pattern = #/^([a-z_]+?)(_bucket|_sum|_count)?(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? -?[0-9.e+-]+$/#
                let sample = try #require(line.firstMatch(of: pattern), "\(line)")
                let whole = typed[sample.1] ?? typed[sample.1 + (sample.2 ?? "")]
                #expect(whole != nil && (sample.2 == nil || typed[sample.1] == "histogram" || typed[sample.1] == nil), "\(line)")
            }
            #expect(typed.count > 15)
        }
    }

    @Test func `alert rules and the page for operators speak of metrics that there are, and the page of all of them`() async throws {
        try await RunningGateway.with {
            $0.metricsPort = 0
        } _: { gateway in
            let text = try await Self.numbers(gateway).text
            let names = Set(text.matches(of: #/(?m)^# TYPE ([a-z_]+) /#).map { String($0.1) })
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

            let page = try String(
                contentsOf: root.appending(path: "Sources/callgate/Documentation.docc/Operations.md"), encoding: .utf8)
            let described = Set(page.matches(of: #/(?m)^\| `([a-z_]+)`/#).map { String($0.1) })
            #expect(described.symmetricDifference(names).isEmpty, "\(described.symmetricDifference(names))")

            let rules = try String(contentsOf: root.appending(path: "Config/alerts.yaml"), encoding: .utf8)
            let document = try #require(try Yams.load(yaml: rules) as? [String: Any])
            let groups = try #require(document["groups"] as? [[String: Any]])
            let expressions = groups.flatMap { $0["rules"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }
            #expect(expressions.count > 8)
            for expression in expressions {
                let used = expression.matches(of: #/\b([a-z]+(?:_[a-z]+)+)(?=[\[{ )]|$)/#).map { String($0.1) }
                    .map { $0.replacing(#/_(bucket|sum|count)$/#, with: "") }.filter { !["histogram_quantile"].contains($0) }
                #expect(expression == "up{job=\"callgate\"} == 0" || !used.isEmpty, "\(expression)")
                for name in used { #expect(names.contains(name), "\(name) in \(expression)") }
            }
        }
    }
}
