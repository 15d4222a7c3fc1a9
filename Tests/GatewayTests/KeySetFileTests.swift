import Foundation
import Switchboard
import TestSupport
import Testing

@testable import Gateway

/// Files with the public keys of identity providers.
@Suite struct KeySetFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ path: String) throws(SecretUnavailable) -> [UInt8] {
        try SecretFiles(environment: [:]).keySet(file: path)
    }

    @Test(arguments: [0o444, 0o644, 0o664, 0o640, 0o600, 0o400])
    func `a key set may be read by everybody`(rights: Int) throws {
        let path = try folder.keySet(#"{"keys":[]}"#, rights: rights)
        #expect(try read(path) == Array(#"{"keys":[]}"#.utf8))
    }

    @Test(arguments: [0o666, 0o602, 0o777, 0o646])
    func `a key set that everybody may write is refused`(rights: Int) throws {
        let path = try folder.keySet(#"{"keys":[]}"#, rights: rights)
        #expect(throws: SecretUnavailable("the file \(path) can be written by everybody; take that right away (chmod o-w)")) {
            try read(path)
        }
    }

    @Test(arguments: ["", "\n", "{}\n", " {} \r\n", "\u{FEFF}{}"])
    func `a key set is read as it is, byte for byte`(text: String) throws {
        #expect(try read(folder.keySet(text)) == Array(text.utf8))
    }

    @Test func `a key set has at most 256 KiB`() throws {
        #expect(try read(folder.keySet(String(repeating: " ", count: 262_144))).count == 262_144)
        let path = try folder.keySet(String(repeating: " ", count: 262_145))
        #expect(throws: SecretUnavailable("the file \(path) has more than 262144 bytes")) { try read(path) }
    }

    @Test func `what is no regular file is refused, and not waited for`() throws {
        let pipe = folder.url.appending(path: "pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: SecretUnavailable("\(pipe) is no regular file")) { try read(pipe) }
        #expect(throws: SecretUnavailable("\(folder.url.path) is no regular file")) { try read(folder.url.path) }
        #expect(throws: SecretUnavailable("/dev/zero is no regular file")) { try read("/dev/zero") }
    }

    @Test func `a file that is not there is named, with the reason`() throws {
        let path = folder.url.appending(path: "missing.json").path
        #expect(throws: SecretUnavailable("the file \(path) cannot be read: No such file or directory")) { try read(path) }
    }

    @Test func `a link is followed to the file, and to the next one when it is turned`() throws {
        let (first, second) = (try folder.keySet("first", to: "1.json"), try folder.keySet("second", to: "2.json"))
        let link = folder.url.appending(path: "keys.json").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: first)
        #expect(try read(link) == Array("first".utf8))
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: second)
        #expect(try read(link) == Array("second".utf8))
    }
}

extension TemporaryFolder {
    /// Writes a file with keys, which everybody may read.
    /// - Returns: its path.
    fileprivate func keySet(_ text: String, to name: String = "keys.json", rights: Int = 0o644) throws -> String {
        try write(text, to: name, rights: rights)
    }
}
