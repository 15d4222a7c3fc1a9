import GRDB
import GRDBSQLite
import TestSupport
import Testing

@testable import Storage

/// What stands between SQLite and its log, on a file in memory that notes what it is asked.
@Suite struct JoinedWritesTests {
    private let disk = FakeDisk()

    @Test func `what lies one behind the other is written at once, before it is synchronised`() {
        disk.open()
        for (offset, byte) in [(0, 1), (32, 2), (56, 3), (4152, 4)] as [(Int, UInt8)] {
            disk.write([UInt8](repeating: byte, count: byte == 1 ? 32 : byte == 3 ? 4096 : 24), at: offset)
        }

        #expect(disk.asked == [])
        #expect(disk.sync() == SQLITE_OK)
        #expect(disk.asked == [.write(at: 0, count: 4176), .sync])
        #expect(disk.sync() == SQLITE_OK)
        #expect(disk.asked == [.write(at: 0, count: 4176), .sync, .sync])
    }

    @Test func `what lies elsewhere comes behind what came before it`() {
        disk.open()
        disk.write([1, 1, 1], at: 100)
        disk.write([2], at: 102)
        disk.write([3], at: 5)

        #expect(disk.sync() == SQLITE_OK)
        #expect(disk.asked == [.write(at: 100, count: 3), .write(at: 102, count: 1), .write(at: 5, count: 1), .sync])
        #expect(disk.contents[5] == 3 && Array(disk.contents[100...]) == [1, 1, 2])
    }

    @Test func `nobody reads, measures, cuts or closes the file without what was written to it`() {
        for act in [FakeDisk.Asked.read, .size, .truncate, .close] {
            let disk = FakeDisk()
            disk.open()
            disk.write([7, 8], at: 0)
            #expect(disk.ask(act) == SQLITE_OK)
            #expect(disk.asked == [.write(at: 0, count: 2), act])
        }
    }

    @Test func `no piece is larger than SQLite's function for Unix writes`() {
        disk.open()
        for page in 0..<200 {
            disk.write([UInt8](repeating: 1, count: 24), at: page * 4120)
            disk.write([UInt8](repeating: 2, count: 4096), at: page * 4120 + 24)
        }
        disk.write([UInt8](repeating: 3, count: 200_000), at: 200 * 4120)

        #expect(disk.sync() == SQLITE_OK)
        let sizes = disk.asked.compactMap { if case .write(_, let count) = $0 { count } else { nil } }
        #expect(sizes == Array(repeating: 31 * 4120, count: 6) + [14 * 4120, 200_000])
        #expect(disk.contents.count == 200 * 4120 + 200_000)
    }

    @Test func `what the file could not take SQLite is told before the commit counts, and it is given up`() {
        disk.open()
        disk.write([1], at: 0)
        disk.fault = SQLITE_FULL

        #expect(disk.sync() == SQLITE_FULL)
        #expect(disk.asked == [.write(at: 0, count: 1)])
        disk.fault = SQLITE_OK
        #expect(disk.sync() == SQLITE_OK)
        #expect(disk.asked == [.write(at: 0, count: 1), .sync])
        disk.write([1], at: 0)
        disk.fault = SQLITE_IOERR
        #expect(disk.write([2], at: 9) == SQLITE_IOERR)
        disk.write([1], at: 0)
        #expect(disk.ask(.close) == SQLITE_IOERR)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `however it is written, read and cut, the file holds what it would hold without it`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var model: [UInt8] = []
        disk.open()
        var next = 0
        for _ in 0..<2000 {
            switch random.next() % 10 {
            case 0...6:
                let bytes = [UInt8](repeating: UInt8(random.next() & 0xFF), count: Int(random.next() % 5000) + 1)
                if random.next() % 8 == 0 { next = Int(random.next() % 300_000) }
                disk.write(bytes, at: next)
                if model.count < next + bytes.count { model += [UInt8](repeating: 0, count: next + bytes.count - model.count) }
                model.replaceSubrange(next..<next + bytes.count, with: bytes)
                next += bytes.count
            case 7: #expect(disk.ask(.read) == SQLITE_OK)
            case 8:
                disk.cut = Int(random.next() % 300_000)
                #expect(disk.ask(.truncate) == SQLITE_OK)
                model = Array(model.prefix(disk.cut))
            default: #expect(disk.sync() == SQLITE_OK)
            }
        }
        #expect(disk.ask(.close) == SQLITE_OK)

        #expect(disk.contents == model)
    }

    @Test func `the store writes its own log so, and reads it as SQLite does`() async throws {
        /// What SQLite calls on the log of a connection.
        @Sendable func functions(_ db: Database) throws -> [Int] {
            var file: UnsafeMutablePointer<sqlite3_file>?
            #expect(sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK)
            let methods = try #require(file?.pointee.pMethods?.pointee)
            return [unsafeBitCast(methods.xWrite, to: Int.self), unsafeBitCast(methods.xFileControl, to: Int.self)]
        }
        let database = try TemporaryDatabase()
        let store = try database.open()
        let writer = try await store.pool.write { db in try functions(db) }
        let reader = try await store.pool.read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM calls")
            return try functions(db)
        }

        #expect(writer[0] != reader[0] && writer[1] == reader[1])
    }

    @Test func `a connection that does not synchronise its commits is refused`() throws {
        let database = try TemporaryDatabase()
        let pool = try DatabasePool(path: database.path)

        #expect(throws: (any Error).self) {
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                try JoinedWrites.use(in: db)
            }
        }
        try pool.close()
    }
}

/// A file in memory with the functions that SQLite knows of a file.
private final class FakeDisk {
    enum Asked: Equatable {
        case write(at: Int, count: Int)
        case sync
        case read
        case size
        case truncate
        case close
    }

    /// What SQLite has of a file, and behind it where to find the disk.
    private struct File {
        var base = sqlite3_file(pMethods: nil)
        var disk: Unmanaged<FakeDisk>
    }

    var asked: [Asked] = []
    var contents: [UInt8] = []
    var fault = SQLITE_OK
    var cut = 0
    private let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    private let file = UnsafeMutablePointer<File>.allocate(capacity: 1)

    private var handle: UnsafeMutablePointer<sqlite3_file> {
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: sqlite3_file.self)
    }

    init() {
        var own = sqlite3_io_methods()
        own.iVersion = 1
        own.xWrite = { file, bytes, count, offset in
            FakeDisk.of(file).take(UnsafeRawBufferPointer(start: bytes, count: Int(count)), Int(offset))
        }
        own.xSync = { file, _ in FakeDisk.of(file).note(.sync) }
        own.xRead = { file, _, _, _ in FakeDisk.of(file).note(.read) }
        own.xFileSize = { file, _ in FakeDisk.of(file).note(.size) }
        own.xTruncate = { file, size in
            FakeDisk.of(file).contents = Array(FakeDisk.of(file).contents.prefix(Int(size)))
            return FakeDisk.of(file).note(.truncate)
        }
        own.xClose = { file in FakeDisk.of(file).note(.close) }
        methods.initialize(to: own)
        file.initialize(to: File(disk: Unmanaged.passUnretained(self)))
    }

    deinit {
        if file.pointee.base.pMethods != UnsafePointer(methods) { _ = ask(.close) }
        methods.deallocate()
        file.deallocate()
    }

    func open() {
        file.pointee.base.pMethods = UnsafePointer(methods)
        JoinedWrites.join(handle)
    }

    @discardableResult
    func write(_ bytes: [UInt8], at offset: Int) -> CInt {
        handle.pointee.pMethods.pointee.xWrite(handle, bytes, CInt(bytes.count), sqlite3_int64(offset))
    }

    func sync() -> CInt { ask(.sync) }

    func ask(_ act: Asked) -> CInt {
        guard let methods = handle.pointee.pMethods?.pointee else { return SQLITE_OK }
        var size: sqlite3_int64 = 0
        var byte: UInt8 = 0
        return switch act {
        case .write: SQLITE_MISUSE
        case .sync: methods.xSync(handle, SQLITE_SYNC_NORMAL)
        case .read: methods.xRead(handle, &byte, 1, 0)
        case .size: methods.xFileSize(handle, &size)
        case .truncate: methods.xTruncate(handle, sqlite3_int64(cut))
        case .close: methods.xClose(handle)
        }
    }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>?) -> FakeDisk {
        UnsafeMutableRawPointer(file!).assumingMemoryBound(to: File.self).pointee.disk.takeUnretainedValue()
    }

    private func note(_ act: Asked) -> CInt {
        asked.append(act)
        return SQLITE_OK
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> CInt {
        _ = note(.write(at: offset, count: bytes.count))
        guard fault == SQLITE_OK else { return fault }
        if contents.count < offset + bytes.count { contents += [UInt8](repeating: 0, count: offset + bytes.count - contents.count) }
        contents.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        return SQLITE_OK
    }
}
