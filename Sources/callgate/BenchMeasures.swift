import Foundation

// What several benchmarks measure with.

/// The processor time of this process, all threads.
enum ProcessorTime {
    static var microseconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
}

/// The middle and the slow end of many times.
enum Percentiles {
    /// - Parameter nanoseconds: one for each thing that was done.
    static func figures(of nanoseconds: [Int64]) -> [(name: String, value: Double, unit: String)] {
        let sorted = nanoseconds.sorted()
        guard !sorted.isEmpty else { return [] }
        return [("p50", 50), ("p99", 99)].map { name, percent in
            (name, Double(sorted[min(sorted.count - 1, sorted.count * percent / 100)]) / 1e6, "ms")
        }
    }
}

extension Duration {
    /// Cut to nanoseconds, which is as fine as the clocks are.
    var wholeNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}

/// What the disk can do: a small piece is appended to a file and synchronised, again and again.
enum DiskBench {
    private static let pieceBytes = 4096

    static func figures(in folder: URL, for duration: Duration) async throws -> [(name: String, value: Double, unit: String)] {
        let path = folder.appending(path: "appended").path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Refusal.no("\(path) cannot be written: \(String(cString: strerror(errno)))") }
        defer {
            close(descriptor)
            unlink(path)
        }
        // On a thread of its own: waiting for the disk must not hold up a thread that tasks share.
        let times = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: append(to: descriptor, for: duration)) }
        }
        guard let times else { throw Refusal.no("\(path) cannot be synchronised") }
        let seconds = Double(times.reduce(0, +)) / 1e9
        return [("rate", Double(times.count) / seconds, "/s")] + Percentiles.figures(of: times)
    }

    /// How long each piece took; nil where the disk fails.
    private static func append(to descriptor: Int32, for duration: Duration) -> [Int64]? {
        let piece = [UInt8](repeating: 0x5A, count: pieceBytes)
        var times: [Int64] = []
        let start = ContinuousClock.now
        var last = start
        while last - start < duration {
            guard write(descriptor, piece, piece.count) == piece.count, fdatasync(descriptor) == 0 else { return nil }
            let now = ContinuousClock.now
            times.append((now - last).wholeNanoseconds)
            last = now
        }
        return times
    }
}
