import NIOCore
import NIOSSL
import Vocabulary

/// Where the certificate of the port and its key are.
public struct CertificateFiles: Sendable, Equatable {
    static let certificateSetting = "listen.tls.certificate"
    static let keySetting = "listen.tls.key"

    /// The path of the certificate and of those that vouch for it, in PEM, the port's own first.
    public var certificate: String
    /// The path of the private key, in PEM, without a passphrase.
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// What is wrong with the files, one line each; nothing where the port can use them.
    func faults() -> [String] {
        do throws(ServerCertificate.Unusable) {
            _ = try ServerCertificate(self)
            return []
        } catch {
            return error.faults
        }
    }
}

/// A certificate and its key, read, and found to belong together.
struct ServerCertificate: Sendable {
    /// Why files cannot be used, one line for each of them, with the setting that names it.
    struct Unusable: Error, CustomStringConvertible {
        let faults: [String]

        var description: String { faults.joined(separator: "; ") }
    }

    private static let certificateBytesMax = 256 * 1024
    private static let keyBytesMax = 64 * 1024
    /// How long a client may take to answer the end of a connection.
    private static let goodbye = Int64(1)

    /// What new connections are made with: TLS 1.2 and newer, no renegotiation, HTTP/1.1.
    let context: NIOSSLContext
    /// When it begins to be good.
    let begin: UnixTime
    /// When the first of the chain ends.
    let end: UnixTime

    /// Reads the files. The key must not be readable by everybody, the certificate not be writable.
    init(_ files: CertificateFiles) throws(Unusable) {
        let (chain, key) = (Self.chain(files.certificate), Self.key(files.key))
        guard case .success(let chain) = chain, case .success(let key) = key, let own = chain.first else {
            throw Unusable(faults: chain.faults + key.faults)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.renegotiationSupport = .none
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(Self.goodbye)
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Unusable(faults: [
                "\(CertificateFiles.keySetting): the key in \(files.key) is not that of the certificate in \(files.certificate)"
            ])
        }
        begin = UnixTime(Int64(own.notValidBefore))
        end = UnixTime(Int64(chain.map(\.notValidAfter).min() ?? own.notValidAfter))
    }

    private static func chain(_ path: String) -> Result<[NIOSSLCertificate], Unusable> {
        read(CertificateFiles.certificateSetting, path, bytesMax: certificateBytesMax, closedFor: .writers, what: "certificate") { bytes in
            let chain = try NIOSSLCertificate.fromPEMBytes(bytes)
            return chain.isEmpty ? nil : chain
        }
    }

    private static func key(_ path: String) -> Result<NIOSSLPrivateKey, Unusable> {
        read(CertificateFiles.keySetting, path, bytesMax: keyBytesMax, closedFor: .readersAndWriters, what: "private key") { bytes in
            try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        }
    }

    private static func read<Value>(
        _ setting: String, _ path: String, bytesMax: Int, closedFor closed: FileText.Closed, what: String,
        _ parse: ([UInt8]) throws -> Value?
    ) -> Result<Value, Unusable> {
        do {
            let bytes = try FileText.read(path, bytesMax: bytesMax, closedFor: closed)
            if let value = try parse(bytes) { return .success(value) }
        } catch let error as FileText.Unreadable {
            return .failure(Unusable(faults: ["\(setting): \(error)"]))
        } catch {
            // What the library says repeats nothing of use; that the file holds no such thing is what there is to say.
        }
        return .failure(Unusable(faults: ["\(setting): the file \(path) holds no \(what) in PEM that can be used"]))
    }
}

extension Result where Failure == ServerCertificate.Unusable {
    fileprivate var faults: [String] {
        switch self {
        case .success: []
        case .failure(let error): error.faults
        }
    }
}
