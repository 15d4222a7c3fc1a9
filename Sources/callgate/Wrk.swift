import Foundation

/// The load generator `wrk`, run as a process of its own.
struct Wrk {
    private static let path = "/usr/bin/wrk"

    /// What every request carries, as JSON and by POST; nil for a plain GET.
    let body: String?
    let key: String?
    /// Where its script is put.
    let folder: URL

    /// What it saw.
    struct Outcome: Sendable {
        let perSecond: Double
        let requests: Int
        /// Answers that were no success.
        let refused: Int
        let percentiles: [(name: String, value: Double, unit: String)]
        let output: String
    }

    /// - Throws: a refusal that says how to get it, where it is not there.
    static func require() throws {
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Refusal.no("wrk is not installed: apt-get install wrk") }
    }

    func run(_ arguments: [String], _ url: String) async throws -> Outcome {
        let output = try await Self.output(of: arguments + script() + [url])
        guard !output.contains("Socket errors") else { throw Refusal.no("wrk could not connect:\n\(output)") }
        let words = output.split(whereSeparator: { $0.isWhitespace }).map(String.init)
        func word(after name: String) -> String? { words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil } }
        guard let rate = word(after: "Requests/sec:").flatMap(Double.init),
            let count = words.firstIndex(of: "requests").flatMap({ $0 > 0 ? Int(words[$0 - 1]) : nil })
        else { throw Refusal.no("wrk said something unknown:\n\(output)") }
        let percentiles = ["50%", "99%"].compactMap { name in
            word(after: name).flatMap(Self.milliseconds).map { (name: name, value: $0, unit: "ms") }
        }
        return Outcome(
            perSecond: rate, requests: count, refused: word(after: "responses:").flatMap(Int.init) ?? 0, percentiles: percentiles,
            output: output)
    }

    private func script() throws -> [String] {
        guard let body, let key else { return [] }
        let file = folder.appending(path: "request.lua")
        let lua = """
            wrk.method = "POST"
            wrk.body = '\(body)'
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer \(key)"
            """
        try lua.write(to: file, atomically: true, encoding: .utf8)
        return ["-s", file.path]
    }

    private static func milliseconds(_ text: String) -> Double? {
        if text.hasSuffix("us") { return Double(text.dropLast(2)).map { $0 / 1000 } }
        if text.hasSuffix("ms") { return Double(text.dropLast(2)) }
        return text.hasSuffix("s") ? Double(text.dropLast()).map { $0 * 1000 } : nil
    }

    private static func output(of arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.standardOutput = pipe
            process.terminationHandler = { _ in
                continuation.resume(returning: String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
