import Calls
import Foundation
import Testing

@testable import Storage

@Suite struct DatabaseFilesTests {
    private let database: TemporaryDatabase
    private let files: DatabaseFiles

    init() throws {
        database = try TemporaryDatabase()
        for suffix in ["", "-wal"] { try Data("content".utf8).write(to: URL(filePath: database.path + suffix)) }
        files = DatabaseFiles(databasePath: database.path)
    }

    private var areInPlace: Bool {
        do throws(StoreError) {
            try files.requireInPlace()
            return true
        } catch {
            return false
        }
    }

    /// Makes the directory look as if nothing had happened in it for that long, so that it is believed from the next look on.
    private func age(by seconds: Double) throws {
        let moment = Date(timeIntervalSince1970: (Date.now.timeIntervalSince1970 - seconds).rounded() + 0.25)
        try FileManager.default.setAttributes([.modificationDate: moment], ofItemAtPath: database.directory.path)
    }

    @Test(arguments: ["", "-wal"], [0.0, 3600]) func `a file that is taken away, replaced or put back is noticed at once`(
        suffix: String, age seconds: Double
    ) throws {
        let (path, aside) = (database.path + suffix, database.path + suffix + ".aside")
        if seconds > 0 { try age(by: seconds) }
        for _ in 1...3 { #expect(areInPlace) }

        try FileManager.default.moveItem(atPath: path, toPath: aside)
        #expect(!areInPlace && !areInPlace)
        try FileManager.default.copyItem(atPath: aside, toPath: path)
        #expect(!areInPlace)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: aside, toPath: path)
        #expect(areInPlace)
    }

    @Test func `a directory that has gone with its files is noticed, and so is another one in its place`() throws {
        try age(by: 3600)
        #expect(areInPlace && areInPlace)
        let aside = database.directory.path + "-aside"
        try FileManager.default.moveItem(atPath: database.directory.path, toPath: aside)
        #expect(!areInPlace)
        try FileManager.default.copyItem(atPath: aside, toPath: database.directory.path)
        #expect(!areInPlace)
        try FileManager.default.removeItem(atPath: database.directory.path)
        try FileManager.default.moveItem(atPath: aside, toPath: database.directory.path)
        #expect(areInPlace)
    }

    @Test func `a file that somebody else makes beside them changes nothing`() throws {
        try age(by: 3600)
        #expect(areInPlace)
        try Data("other".utf8).write(to: URL(filePath: database.path(of: "other")))
        #expect(areInPlace && areInPlace)
    }
}
