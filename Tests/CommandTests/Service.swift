import Foundation
import StrictJSON
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// `callgate serve`, started and listening.
struct Service {
    let command: Command
    /// Where it listens, as it said itself.
    let address: String
    private let session = URLSession(configuration: .ephemeral)

    /// Starts it on a port that the system chooses, and waits until it listens.
    static func start(in home: Home, _ options: [String] = [], environment: [String: String] = [:]) async throws -> Service {
        let command = try Command(["serve", "--port", "0"] + options, in: home, environment: environment)
        return Service(command: command, address: try await command.result(after: "callgate listens on "))
    }

    var port: String { String(address.split(separator: ":").last ?? "") }

    /// Ends it as an operator does.
    func stop(_ signal: Int32 = SIGTERM) async -> Finished { await command.finish(signal) }

    func send(_ method: String, _ path: String, _ body: JSONValue? = nil, key: String) async throws -> (status: Int, body: JSONValue) {
        var request = URLRequest(url: try #require(URL(string: address + path)), timeoutInterval: 20)
        request.httpMethod = method
        request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
        if let body {
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            request.httpBody = Data(body.canonicalBytes)
        }
        let (data, response) = try await session.data(for: request)
        let status = try #require(response as? HTTPURLResponse).statusCode
        return (status, data.isEmpty ? .null : try JSONValue.parse(Array(data), limits: JSONLimits(bytesMax: 1 << 20)))
    }
}
