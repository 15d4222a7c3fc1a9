import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says that this process owns a database file, until it is released or the value is gone.
///
/// The lock is on `<file>.lock` and not on the database itself, because SQLite's own locks on that file are released when any
/// descriptor of the process for it is closed. It lies beside the file itself, also where the path leads there by a symbolic link.
final class DatabaseFileLock: Sendable {
    /// Where the file itself lies, also where a symbolic link leads there.
    let databasePath: String
    private let descriptor: Mutex<CInt?>

    /// Makes both files where they are absent, with rights for their owner alone, and takes the lock.
    init(databasePath: String) throws(StoreOpeningError) {
        let database = open(databasePath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard database >= 0 else {
            throw StoreOpeningError(description: "the database \(databasePath) cannot be written: \(Self.reason)")
        }
        close(database)
        guard let realPath = realpath(databasePath, nil) else {
            throw StoreOpeningError(description: "the database \(databasePath) cannot be found: \(Self.reason)")
        }
        defer { free(realPath) }
        self.databasePath = String(cString: realPath)
        let lockPath = self.databasePath + ".lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreOpeningError(description: "the lock file \(lockPath) cannot be written: \(Self.reason)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreOpeningError(description: "the database \(databasePath) is in use by another callgate; ask that one over HTTP")
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        release()
    }

    /// Gives the file back. Once is enough.
    func release() {
        guard let descriptor = descriptor.withLock({ $0.take() }) else { return }
        // Closing alone would leave the lock with a child process that is just being started and holds a copy of the descriptor.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
