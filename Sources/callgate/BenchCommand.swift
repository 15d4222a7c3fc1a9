import ArgumentParser
import Foundation
import Gateway
import StrictJSON

/// `callgate bench`: what this machine reaches, with the ceiling beside it. The only place where speed is measured.
struct BenchCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure this machine.",
        subcommands: [Tokens.self, HTTP.self, Fairness.self, Calls.self, Signaling.self])

    struct Tokens: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join tokens minted per second on one core, per provider, beside the rate of HMAC alone.")

        @Option(help: "Rounds of each measurement; the median and the best are printed.") var rounds = 7
        @Flag(help: "Print the results as JSON.") var json = false

        func run() async throws {
            guard (1...1000).contains(rounds) else { throw Refusal.misuse("--rounds is a number from 1 to 1000") }
            let rows = try TokenBench(rounds: rounds).rows()
            try BenchReport(title: "One thread, \(BenchReport.build) build, tokens with every permission written out", rows: rows)
                .show(asJSON: json)
        }
    }

    struct HTTP: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "POST /v1/rooms/{room}/tokens per second on one server thread, under wrk.",
            discussion: "Needs wrk (apt-get install wrk). The service runs in this process on a throw-away store; wrk in its own.")

        @Option(help: "Seconds of each measurement.") var seconds = 5
        @Option(help: "Connections that wrk holds open.") var connections = 32
        @Flag(help: "Print the results as JSON.") var json = false

        func run() async throws {
            guard (1...600).contains(seconds), (1...10_000).contains(connections) else {
                throw Refusal.misuse("--seconds is 1 to 600 and --connections 1 to 10000")
            }
            let rows = try await HTTPBench(seconds: seconds, connections: connections).rows()
            try BenchReport(
                title: "One server thread, \(BenchReport.build) build, wrk -t1 -c\(connections) -d\(seconds)s beside it", rows: rows
            ).show(asJSON: json)
        }
    }

    struct Fairness: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a tenant notices of the flood of another one, on one server thread.",
            discussion: "Needs wrk (apt-get install wrk), which floods. The service and the calm tenant's load run in this process.")

        @Option(help: "Seconds of each measurement.") var seconds = 5
        @Option(help: "Connections of the flood.") var connections = 64
        @Option(help: "Requests of the calm tenant in a second.") var perSecond = 200
        @Flag(help: "Print the results as JSON.") var json = false

        func run() async throws {
            guard (1...600).contains(seconds), (1...10_000).contains(connections), (4...999).contains(perSecond) else {
                throw Refusal.misuse("--seconds is 1 to 600, --connections 1 to 10000 and --per-second 4 to 999")
            }
            let rows = try await FairnessBench(seconds: seconds, connections: connections, perSecond: perSecond).rows()
            try BenchReport(
                title: "One server thread, \(BenchReport.build) build, two tenants that may ask 1000 times a second", rows: rows
            )
            .show(asJSON: json)
        }
    }

    struct Calls: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whole calls per second, every step on the disk before it is answered, beside what the disk can do.",
            discussion: "Place, accept with a token for each party, end: at the desk in this process, on a throw-away store.")

        @Option(help: "Seconds of each measurement.") var seconds = 5
        @Option(help: "Callers at once, each with two users of its own.") var concurrency = 64
        @Option(help: "Where the throw-away store is made; by default where temporary files go.") var folder: String?
        @Flag(help: "Print the results as JSON.") var json = false

        func run() async throws {
            guard (1...600).contains(seconds), (1...10_000).contains(concurrency) else {
                throw Refusal.misuse("--seconds is 1 to 600 and --concurrency 1 to 10000")
            }
            let parent = folder.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: parent.path, isDirectory: &isFolder), isFolder.boolValue else {
                throw Refusal.misuse("--folder: there is no folder \(parent.path)")
            }
            let rows = try await CallBench(seconds: seconds, concurrency: concurrency, parent: parent).rows()
            try BenchReport(title: "\(BenchReport.build) build, synchronous = FULL, the store in \(parent.path)", rows: rows)
                .show(asJSON: json)
        }
    }
}

extension BenchCommand {
    struct Signaling: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Connections, rings and whole calls over sockets, with peers beside the service.",
            discussion: """
                Each server runs in a process of its own, the load on one thread of this one. A peer is started with a line of shell, such
                as .ci/peer, or '.ci/peer --durable' for one that keeps what happens: it says where it listens in a line as the service
                does, and finds the secret of the users' tokens (HS256) in BENCH_USERS_SECRET.
                """)

        @Option(help: "Clients who call each other, two and two.") var clients = 1000
        @Option(help: "Calls that are placed in a second, and rejected.") var callsPerSecond = 500
        @Option(help: "Seconds of each measurement.") var seconds = 5
        @Option(help: "Connections that do nothing.") var connections = 10_000
        @Option(help: "Threads of the service that serve connections.") var serverThreads = 1
        @Option(help: ArgumentHelp("What starts a peer. May be given several times.", valueName: "command")) var peer: [String] = []
        @Flag(help: "Measure the peers and not the service.") var peerOnly = false
        @Flag(help: "Print the results as JSON.") var json = false

        func run() async throws {
            guard (2...15_000).contains(clients), (1...100_000).contains(callsPerSecond), (1...600).contains(seconds) else {
                throw Refusal.misuse("--clients is 2 to 15000, --calls-per-second 1 to 100000 and --seconds 1 to 600")
            }
            guard (1...15_000).contains(connections), (1...64).contains(serverThreads), !peer.contains("") else {
                throw Refusal.misuse("--connections is 1 to 15000, --server-threads 1 to 64, and --peer a command")
            }
            guard !peerOnly || !peer.isEmpty else { throw Refusal.misuse("--peer-only needs --peer") }
            let servers = (peerOnly ? [] : [SignalingServer.service(threads: serverThreads)]) + peer.map { .peer($0) }
            let rows = try await SignalingBench(
                clients: clients, callsPerSecond: callsPerSecond, seconds: seconds, connections: connections, servers: servers
            ).rows()
            let title = "\(BenchReport.build) build, \(serverThreads) server thread(s), the load on one thread beside it, over loopback"
            try BenchReport(title: title, rows: rows).show(asJSON: json)
        }
    }
}

/// One line of results.
struct BenchRow {
    let name: String
    /// In the order in which they are printed: name, value, unit.
    let figures: [(name: String, value: Double, unit: String)]
}

/// The results of one benchmark, for people or as JSON.
struct BenchReport {
    let title: String
    let rows: [BenchRow]

    /// How this program was compiled: figures of a debug build say nothing about the service.
    static var build: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }

    func show(asJSON: Bool) throws {
        if asJSON {
            var object: JSONObject = ["title": .string(title)]
            for row in rows {
                var figures: JSONObject = [:]
                for figure in row.figures { figures["\(figure.name) \(figure.unit)"] = .real(figure.value) }
                object[row.name] = .object(figures)
            }
            return try Terminal.show(JSONValue.object(object).canonicalText)
        }
        try Terminal.show(title)
        for row in rows {
            let figures = row.figures.map { "\($0.name) \(Self.text(of: $0.value)) \($0.unit)" }.joined(separator: ", ")
            try Terminal.show("  \(row.name): \(figures)")
        }
    }

    private static func text(of value: Double) -> String {
        guard value < 1000 else {
            var digits = String(Int(value.rounded()))
            var text = ""
            while digits.count > 3 {
                text = "," + digits.suffix(3) + text
                digits = String(digits.dropLast(3))
            }
            return digits + text
        }
        return value >= 100 ? String(Int(value.rounded())) : String((value * 100).rounded() / 100)
    }
}
