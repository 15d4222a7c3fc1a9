import Foundation
import Synchronization
import TestSupport
import Testing

// CommandTests: the program as people meet it.
//
// Every test starts the real binary, as a process of its own in a folder of its own with an environment of its own, and looks at what a
// person or a script sees: the two streams and the exit code. Every process is bounded in time and ended by its own id.

/// How a run of the command ended.
struct Finished {
    /// The exit code, or 128 and the number of the signal.
    let code: Int32
    let stdout: String
    let stderr: String

    /// The messages, line by line.
    var messages: [String] { stderr.split(separator: "\n").map(String.init) }
    /// The results, line by line.
    var results: [String] { stdout.split(separator: "\n").map(String.init) }
}

/// One run of the command, from its start to its end.
final class Command: Sendable {
    private static let secondsMax = 60
    /// A line of shell that runs the command with a standard output that nobody reads any more, and writes its exit code into a file.
    static let unread = #"mkfifo unread; : <unread & exec 4>unread; wait; "$@" >&4; echo "$?" >code"#
    /// Pipes are made and handed on by one thread at a time, so that no process inherits the pipe of another and keeps it open.
    private static let starting = Mutex(())
    /// The program, which is built into the folder where the tests are.
    private static let binary = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "callgate")

    private let process = Process()
    private let results: Reader
    private let messages: Reader
    private let end: AsyncStream<Void>
    private let limit: Task<Void, Never>

    /// Runs the command to its end.
    static func run(
        _ arguments: [String], in home: Home, environment: [String: String] = [:], input: String? = nil
    ) async throws -> Finished {
        try await Command(arguments, in: home, environment: environment, input: input).finish()
    }

    /// Starts the command.
    /// - Parameters:
    ///   - environment: all that it gets, but for PATH and a folder for temporary files.
    ///   - shell: a line of shell that ends with starting `"$@"`, for what only a shell can arrange.
    init(
        _ arguments: [String], in home: Home, environment: [String: String] = [:], input: String? = nil, shell: String? = nil
    ) throws {
        process.executableURL = shell == nil ? Self.binary : URL(filePath: "/bin/sh")
        process.arguments = shell.map { ["-c", $0, "sh", Self.binary.path] + arguments } ?? arguments
        process.currentDirectoryURL = home.url
        process.environment = ["PATH": "/usr/bin:/bin", "TMPDIR": home.url.path].merging(environment) { $1 }
        let (end, ended) = AsyncStream.makeStream(of: Void.self)
        self.end = end
        process.terminationHandler = { _ in ended.finish() }
        process.standardInput = try home.input(input)
        let process = self.process
        (results, messages) = try Self.starting.withLock { _ in
            let (stdout, stderr) = (Pipe(), Pipe())
            process.standardOutput = stdout
            process.standardError = stderr
            try process.run()
            return (Reader(stdout), Reader(stderr))
        }
        let pid = process.processIdentifier
        limit = Task {
            do {
                try await Task.sleep(for: .seconds(Self.secondsMax))
                Issue.record("the command was still running after \(Self.secondsMax) seconds: \(arguments)")
                kill(pid, SIGKILL)
            } catch {
                // It ended in time.
            }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        limit.cancel()
    }

    var processID: Int32 { process.processIdentifier }

    /// Waits for a line of the results that starts so.
    /// - Returns: what stands behind that start.
    func result(after start: String) async throws -> String {
        for await line in results.lines where line.hasPrefix(start) { return String(line.dropFirst(start.count)) }
        let finished = await finish()
        throw Unexpected(description: "ended with \(finished.code) without saying \"\(start)\": \(finished.stderr)")
    }

    /// Waits for a message that has this in it.
    func message(with text: String) async throws {
        for await line in messages.lines where line.contains(text) { return }
        throw Unexpected(description: "ended with \(await finish().code) without a message with \"\(text)\"")
    }

    /// Waits for a message that the pattern finds something in.
    /// - Returns: what its parentheses found.
    func message(matching pattern: Regex<(Substring, Substring)>) async throws -> String {
        for await line in messages.lines {
            if let found = try pattern.firstMatch(in: line) { return String(found.1) }
        }
        throw Unexpected(description: "ended with \(await finish().code) without such a message")
    }

    /// Waits for the end.
    /// - Parameter signal: what to send it first.
    func finish(_ signal: Int32? = nil, sourceLocation: SourceLocation = #_sourceLocation) async -> Finished {
        if let signal { kill(process.processIdentifier, signal) }
        for await _ in end {}
        limit.cancel()
        let code = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        let finished = Finished(code: code, stdout: await results.all(), stderr: await messages.all())
        for secret in Canary.all {
            #expect(!(finished.stdout + finished.stderr).contains(secret), "a secret was printed", sourceLocation: sourceLocation)
        }
        return finished
    }
}

/// Something that a test did not expect from the command.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

/// Reads a pipe to its end on a thread of its own.
private final class Reader: Sendable {
    let lines: AsyncStream<String>
    private let bytes = Mutex<[UInt8]>([])
    private let end: AsyncStream<Void>

    init(_ pipe: Pipe) {
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let (end, ended) = AsyncStream.makeStream(of: Void.self)
        (self.lines, self.end) = (lines, end)
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            var open: [UInt8] = []
            while case let data = handle.availableData, !data.isEmpty {
                bytes.withLock { $0 += data }
                open += data
                while let index = open.firstIndex(of: UInt8(ascii: "\n")) {
                    line.yield(String(decoding: open[..<index], as: UTF8.self))
                    open.removeSubrange(...index)
                }
            }
            line.finish()
            ended.finish()
        }
    }

    /// Everything, once the other side has closed.
    func all() async -> String {
        for await _ in end {}
        return bytes.withLock { String(decoding: $0, as: UTF8.self) }
    }
}
