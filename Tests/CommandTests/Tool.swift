import Foundation
import TestSupport

/// Another program, run to its end: for what only the system's own tools can arrange.
enum Tool {
    static func run(_ path: String, _ arguments: [String], in home: Home) async throws -> Finished {
        let process = Process()
        let (stdout, stderr) = (home.url.appending(path: "tool-out"), home.url.appending(path: "tool-err"))
        for file in [stdout, stderr] { try Data().write(to: file) }
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = home.url
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: stdout)
        process.standardError = try FileHandle(forWritingTo: stderr)
        let (end, ended) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in ended.finish() }
        try process.run()
        for await _ in end {}
        return Finished(
            code: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            stdout: try String(contentsOf: stdout, encoding: .utf8), stderr: try String(contentsOf: stderr, encoding: .utf8))
    }
}
