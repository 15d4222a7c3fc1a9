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

/// What the disk can do: a page of a file that is there is written over and synchronised, then the next one, as a commit does with the
/// store's log.
enum DiskBench {
    private static let pageBytes = 4096
    /// As many as the log has before it is written from its beginning again.
    private static let pages = 4000

    /// - Parameter perSecond: how many pages are due in a second, for what a commit waits for at that pace; nil for one right after the
    ///   other, for how many there can be.
    static func row(in folder: URL, for duration: Duration, perSecond: Int? = nil) async throws -> BenchRow {
        let path = folder.appending(path: "pages").path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Refusal.no("\(path) cannot be written: \(String(cString: strerror(errno)))") }
        defer {
            close(descriptor)
            unlink(path)
        }
        // On a thread of its own: waiting for the disk must not hold up a thread that tasks share.
        let times = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: overwrite(descriptor, for: duration, perSecond: perSecond)) }
        }
        guard let times else { throw Refusal.no("\(path) cannot be synchronised") }
        let pace = perSecond.map { "\($0) a second" } ?? "one right after the other"
        return BenchRow(
            name: "the disk: 4 KiB written over and synchronised, \(pace)",
            figures: [("rate", Double(times.count) / (duration / .seconds(1)), "/s")] + Percentiles.figures(of: times))
    }

    /// How long each page took; nil where the disk fails.
    private static func overwrite(_ descriptor: Int32, for duration: Duration, perSecond: Int?) -> [Int64]? {
        let page = [UInt8](repeating: 0x5A, count: pageBytes)
        func write(_ number: Int) -> Bool { pwrite(descriptor, page, page.count, number % pages * page.count) == page.count }
        guard (0..<pages).allSatisfy(write), fdatasync(descriptor) == 0 else { return nil }
        var times: [Int64] = []
        let begin = ContinuousClock.now
        while true {
            let due = perSecond.map { begin + .seconds(Double(times.count) / Double($0)) } ?? .now
            guard due - begin < duration else { return times }
            Thread.sleep(forTimeInterval: max(0, (due - .now) / .seconds(1)))
            let start = ContinuousClock.now
            guard start - begin < duration else { return times }
            guard write(times.count), fdatasync(descriptor) == 0 else { return nil }
            times.append((ContinuousClock.now - start).wholeNanoseconds)
        }
    }
}
