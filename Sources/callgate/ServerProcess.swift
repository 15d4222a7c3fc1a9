import Foundation
import Synchronization

/// A server in a process of its own, so that what it uses can be told apart from what its load uses.
final class ServerProcess: Sendable {
    /// What a server says when it can be asked, before its address.
    private static let sign = "listens on http://127.0.0.1:"

    let port: Int
    /// What it said before, line by line.
    let lines: [String]
    private let process: Process
    private let exit: AsyncStream<Void>

    /// Starts it, and waits until it says on its standard output that it listens.
    /// - Parameter messages: the file for what it writes to standard error.
    static func start(
        _ command: [String], environment: [String: String], in folder: URL, messages: URL
    ) async throws -> ServerProcess {
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        try Data().write(to: messages)
        process.standardError = try FileHandle(forWritingTo: messages)
        let pipe = Pipe()
        process.standardOutput = pipe
        let (exit, exited) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in exited.finish() }
        try await run(process)
        OrphanGuard.watch(process.processIdentifier)
        var said: [String] = []
        for await line in Self.lines(of: pipe) {
            said.append(line)
            guard let found = line.range(of: sign) else { continue }
            guard let port = Int(line[found.upperBound...].prefix { $0.isNumber }) else { break }
            return ServerProcess(port: port, lines: said, process: process, exit: exit)
        }
        if process.isRunning { process.terminate() }
        for await _ in exit {}
        OrphanGuard.watch(nil)
        throw Refusal.no("\(command.joined(separator: " ")) ended before it listened: \(said.last ?? "it said nothing")")
    }

    /// Starts it from a thread that takes signals. The threads that tasks share take none, and what they start would inherit that: it could
    /// not be asked to end.
    private static func run(_ process: Process) async throws {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var none = sigset_t()
                sigemptyset(&none)
                pthread_sigmask(SIG_SETMASK, &none, nil)
                continuation.resume(with: Result { try process.run() })
            }
        }
    }

    private init(port: Int, lines: [String], process: Process, exit: AsyncStream<Void>) {
        (self.port, self.lines, self.process, self.exit) = (port, lines, process, exit)
    }

    /// Asks it to end, and waits for that.
    func stop() async {
        process.terminate()
        for await _ in exit {}
        OrphanGuard.watch(nil)
    }

    /// What it uses now.
    func usage() throws -> ProcessUsage { try ProcessUsage(of: process.processIdentifier) }

    /// Reads on a thread of its own, to the end, so that the server can go on talking.
    private static func lines(of pipe: Pipe) -> AsyncStream<String> {
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread {
            var open: [UInt8] = []
            while case let data = handle.availableData, !data.isEmpty {
                open += data
                while let index = open.firstIndex(of: UInt8(ascii: "\n")) {
                    line.yield(String(decoding: open[..<index], as: UTF8.self))
                    open.removeSubrange(...index)
                }
            }
            line.finish()
        }
        return lines
    }
}

/// What a process has used until now, all threads, as Linux tells.
struct ProcessUsage {
    let processorMicroseconds: Double
    /// The part of its memory that is in the machine's memory.
    let residentBytes: Int

    init(of process: Int32) throws {
        let stat = try Self.fields("/proc/\(process)/stat")
        let memory = try Self.fields("/proc/\(process)/statm")
        // The name in parentheses may have blanks; the state behind it is the third field, user time the fourteenth, system time the next.
        guard let name = stat.lastIndex(where: { $0.hasSuffix(")") }), stat.count > name + 13, memory.count > 1,
            let user = Double(stat[name + 12]), let system = Double(stat[name + 13]), let pages = Int(memory[1])
        else { throw Refusal.no("/proc/\(process) cannot be understood") }
        processorMicroseconds = (user + system) * 1e6 / Double(sysconf(Int32(_SC_CLK_TCK)))
        residentBytes = pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func fields(_ path: String) throws -> [Substring] {
        do {
            return try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: { $0.isWhitespace })
        } catch {
            throw Refusal.no("\(path) cannot be read: the server has ended, or this is no Linux")
        }
    }
}

/// Ends the server when somebody ends the benchmark with a signal: it is a group of its own, which the terminal does not tell.
private enum OrphanGuard {
    private static let server = Atomic<Int32>(0)

    static func watch(_ process: Int32?) {
        server.store(process ?? 0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                let server = OrphanGuard.server.load(ordering: .relaxed)
                if server > 0 { kill(server, SIGTERM) }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
