import Foundation
public import Switchboard
public import Vocabulary

/// Reads secrets from environment variables and files, and key sets from files, when the desk asks for them.
///
/// A file must be a regular file. One with a secret must not be readable by others than its owner and group: a secret that everybody on
/// the machine can read is none. One line end at its end is not part of the secret. A set of public keys may be read by everybody, but
/// not written: whoever can write it signs in as any user.
public struct SecretFiles: SecretSource {
    static let bytesMax = 4096
    static let keySetBytesMax = 256 * 1024
    private let environment: [String: String]

    public init(environment: [String: String]) {
        self.environment = environment
    }

    public func secret(_ reference: SecretReference) throws(SecretUnavailable) -> Secret {
        switch reference {
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else { throw SecretUnavailable("the \(reference) is not set") }
            return Secret(utf8: value)
        case .file(let path):
            var bytes: [UInt8]
            do {
                bytes = try FileText.read(path, bytesMax: Self.bytesMax, closedFor: .readersAndWriters)
            } catch {
                throw SecretUnavailable(error.description)
            }
            if bytes.last == UInt8(ascii: "\n") {
                bytes.removeLast()
                if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            }
            guard !bytes.isEmpty else { throw SecretUnavailable("the \(reference) is empty") }
            return Secret(bytes: bytes)
        }
    }

    public func keySet(file path: String) throws(SecretUnavailable) -> [UInt8] {
        do {
            return try FileText.read(path, bytesMax: Self.keySetBytesMax, closedFor: .writers)
        } catch {
            throw SecretUnavailable(error.description)
        }
    }
}

/// A small file, read whole.
enum FileText {
    /// Why a file was not read, in one line.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// What others than the file's owner and group must not be.
    enum Closed {
        case writers
        case readersAndWriters
    }

    /// - Parameter closed: whose right to the file makes it useless; nil: nobody's.
    static func read(_ path: String, bytesMax: Int, closedFor closed: Closed? = nil) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Unreadable(description: "the file \(path) cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(description: "\(path) is no regular file")
        }
        switch closed {
        case .readersAndWriters? where status.st_mode & (S_IROTH | S_IWOTH) != 0:
            throw Unreadable(description: "the file \(path) can be read by everybody; take that right away (chmod 600)")
        case .writers? where status.st_mode & S_IWOTH != 0:
            throw Unreadable(description: "the file \(path) can be written by everybody; take that right away (chmod o-w)")
        case nil, .writers?, .readersAndWriters?: break
        }
        guard status.st_size <= bytesMax else { throw Unreadable(description: "the file \(path) has more than \(bytesMax) bytes") }
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Foundation.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).baseAddress, buffer.count - count)
            }
            guard got >= 0 else { throw Unreadable(description: "the file \(path) cannot be read: \(String(cString: strerror(errno)))") }
            if got == 0 { break }
            count += got
        }
        guard count <= bytesMax else { throw Unreadable(description: "the file \(path) has more than \(bytesMax) bytes") }
        return Array(bytes[..<count])
    }
}
