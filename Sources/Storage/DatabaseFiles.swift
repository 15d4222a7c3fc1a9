#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

import Calls

/// The files that an open database stands in, and whether they are still where they were.
///
/// Who deletes or replaces a file of an open database takes it from nobody: SQLite goes on writing to the file that has no name any more,
/// every change is answered, and at the next start none of them is there. So the names are looked up before each commit, which costs a
/// microsecond or two.
struct DatabaseFiles: Sendable {
    /// What tells one file from all others.
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        /// Nil when there is no such file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            inode = status.st_ino
        }
    }

    private let files: [(path: String, identity: Identity)]

    /// Notes the files of a database that is open.
    /// - Parameter path: where the file itself lies, without symbolic links.
    init(databasePath path: String) {
        files = [path, path + "-wal"].compactMap { path in Identity(path).map { (path, $0) } }
    }

    /// - Throws: `StoreError.unavailable` when one of the files is not there any more, or is another one.
    func requireInPlace() throws(StoreError) {
        for file in files where Identity(file.path) != file.identity {
            throw .unavailable("the database file \(file.path) was deleted or replaced while it was open")
        }
    }
}
