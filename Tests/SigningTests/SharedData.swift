import Foundation
import StrictJSON

/// Test data that lies beside the checkout (`../shared/data`): other people's vectors and lists, too large to copy.
/// The known answers that matter are copied into these tests; what needs this folder is an extra and is skipped, by name, without it.
enum SharedData {
    static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/data")

    static func isThere(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: path).path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: path)))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue.parse(bytes(path), limits: JSONLimits(bytesMax: 1 << 20))
    }
}
