public import Foundation
import Testing

/// A folder of its own for one test, removed with the value. A test whose folder cannot be removed fails.
public final class TemporaryFolder: Sendable {
    public let url: URL

    /// Makes it, empty.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "callgate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit {
        do {
            try remove()
        } catch {
            Issue.record("the folder of a test could not be removed: \(error)")
        }
    }

    /// A store whose last reference went is closed on a queue of its own, perhaps only now, and takes its log away then: what somebody else
    /// removes from the folder meanwhile is no failure.
    private func remove() throws {
        do {
            try FileManager.default.removeItem(at: url)
        } catch CocoaError.fileNoSuchFile where FileManager.default.fileExists(atPath: url.path) {
            try remove()
        }
    }

    /// Where a file of that name is, or would be.
    public func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file that only its owner can read, or with other rights.
    /// - Returns: its path.
    @discardableResult
    public func write(_ text: String, to name: String, rights: Int = 0o600) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        try FileManager.default.setAttributes([.posixPermissions: rights], ofItemAtPath: path(name))
        return path(name)
    }
}
