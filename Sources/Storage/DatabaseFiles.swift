#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

import Calls
import Synchronization

/// The files that an open database stands in, and whether they are still where they were.
///
/// Who deletes or replaces a file of an open database takes it from nobody: SQLite goes on writing to the file that has no name any more,
/// every change is answered, and at the next start none of them is there. So the names are looked up before each commit.
///
/// What is looked at is the directory: as long as no name in it was made, taken away or changed, its own modification time stays, and that
/// costs a microsecond. The files themselves are looked at only when it has changed. Not each time, because Linux notes when somebody has
/// asked for a file's times, and then gives the next write a time of its own: where the file system keeps no journal the inode went to
/// the disk with every commit, 40 us of 180.
final class DatabaseFiles: Sendable {
    /// What tells one file from all others.
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        init(_ status: stat) {
            device = status.st_dev
            inode = status.st_ino
        }
    }

    /// A directory as it was at some moment.
    private struct Directory: Equatable {
        let identity: Identity
        let seconds: Int
        let nanoseconds: Int

        init(_ status: stat) {
            #if canImport(Darwin)
                let changed = status.st_mtimespec
            #else
                let changed = status.st_mtim
            #endif
            identity = Identity(status)
            seconds = Int(changed.tv_sec)
            nanoseconds = Int(changed.tv_nsec)
        }

        /// Whether a change from now on is sure to show. File systems tell the time in steps, and what happens in the same step as the last
        /// change leaves it as it is. A step is a tick of the kernel, ten milliseconds at most; where there are no parts of a second, it is
        /// one second or two.
        var isAtRest: Bool {
            var now = timespec()
            guard clock_gettime(CLOCK_REALTIME, &now) == 0 else { return false }
            let age = (Int(now.tv_sec) - seconds) * 1_000_000_000 + Int(now.tv_nsec) - nanoseconds
            return age > (nanoseconds == 0 ? 3_000_000_000 : 100_000_000)
        }
    }

    private let directory: String
    private let files: [(path: String, identity: Identity)]
    /// The directory as it was when all files were found in place; nil when they have to be looked at.
    private let lastGood = Mutex<Directory?>(nil)

    /// Notes the files of a database that is open.
    /// - Parameter path: where the file itself lies, without symbolic links.
    init(databasePath path: String) {
        directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        files = [path, path + "-wal"].compactMap { path in Self.status(path).map { (path, Identity($0)) } }
    }

    /// - Throws: `StoreError.unavailable` when one of the files is not there any more, or is another one.
    func requireInPlace() throws(StoreError) {
        let now = Self.status(directory).map(Directory.init)
        if let now, lastGood.withLock({ $0 == now }) { return }
        for file in files where Self.status(file.path).map(Identity.init) != file.identity {
            lastGood.withLock { $0 = nil }
            throw .unavailable("the database file \(file.path) was deleted or replaced while it was open")
        }
        lastGood.withLock { $0 = now?.isAtRest == true ? now : nil }
    }

    /// Nil when there is no such file.
    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
