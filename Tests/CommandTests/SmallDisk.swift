import Foundation
import TestSupport
import Testing

/// A file system of its own in memory, of a few megabytes, which goes with the value.
///
/// Mounting needs the superuser; who is not cannot run these tests, and the report says so.
final class SmallDisk: Sendable {
    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        do {
            _ = try SmallDisk(in: Home(), bytes: 1 << 20)
            return true
        } catch {
            return false
        }
    }()
    static let comment: Comment = "only the superuser may mount a small disk, so a full or read-only one is not tried in this run"

    /// Held so that its folder is there as long as something is mounted in it.
    private let home: Home
    let path: String

    init(in home: Home, bytes: Int) throws {
        self.home = home
        path = home.path("disk")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw Unexpected(description: "mounting failed: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        // Also where a process that a failed test left behind still has a file open.
        if umount2(path, Int32(MNT_DETACH)) != 0 { Issue.record("\(path) could not be unmounted") }
    }

    /// Lets nobody write, or everybody again.
    func setReadOnly(_ isReadOnly: Bool) throws {
        let flags = UInt(MS_REMOUNT) | (isReadOnly ? UInt(MS_RDONLY) : 0)
        guard mount("none", path, "tmpfs", flags, nil) == 0 else {
            throw Unexpected(description: "remounting failed: \(String(cString: strerror(errno)))")
        }
    }

    private var filler: String { "\(path)/filler" }

    /// Takes all the space that is left.
    func fill() throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Unexpected(description: "nothing can be filled in: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0x5A, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw Unexpected(description: "not full, but: \(String(cString: strerror(errno)))") }
    }

    /// Gives that space back.
    func empty() throws { try FileManager.default.removeItem(atPath: filler) }
}
