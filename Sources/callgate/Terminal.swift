import Foundation

/// The two streams.
enum Terminal {
    /// A result, on standard output.
    /// - Throws: `Refusal` where it cannot be written. Where nobody reads it any more, that is a quiet one.
    static func show(_ text: String) throws(Refusal) {
        let reason = write(text + "\n", to: STDOUT_FILENO)
        if reason == EPIPE { throw .no() }
        if reason != 0 { throw .no("standard output cannot be written: \(String(cString: strerror(reason)))") }
    }

    /// A message for the person, on standard error. Where nobody reads it, it is lost.
    static func say(_ text: String) {
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Part of a line on standard error.
    static func paint(_ text: String) {
        _ = write(text, to: STDERR_FILENO)
    }

    /// Whether a person sees the messages.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Makes the streams and files safe to write to. Called once, before anything is opened.
    ///
    /// Without it a closed pipe, or a file that reaches the size that the system allows, ends the process with a signal instead of an
    /// error, and a stream that was closed from the start lends its number to the next file that is opened, such as the database.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// - Returns: 0, or the number of the error.
    private static func write(_ text: String, to stream: Int32) -> Int32 {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(stream, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// A line on standard error that grows with the work, where a person waits for it. It is gone when the work is done.
struct Progress {
    private let title: String
    private let steps: Int

    /// - Parameter steps: how many steps the work has.
    init(_ title: String, steps: Int) {
        self.title = title
        self.steps = steps
    }

    /// So many steps are done.
    func show(_ done: Int) {
        guard Terminal.isWatched else { return }
        let width = 30
        let filled = width * min(done, steps) / max(1, steps)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        Terminal.paint("\r\(title) [\(bar)]\u{1B}[K")
    }

    func end() {
        guard Terminal.isWatched else { return }
        Terminal.paint("\r\u{1B}[K")
    }
}
