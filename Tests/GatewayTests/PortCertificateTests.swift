import Foundation
import Logging
import NIOSSL
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Gateway

/// The certificate of the port and its key: what is refused, and how they are replaced while the service runs.
@Suite(.timeLimit(.minutes(2))) struct PortCertificateTests {
    private let files: CertificateFiles
    private let folder: TemporaryFolder
    private let log = Log()

    init() throws {
        folder = try TemporaryFolder()
        files = try folder.write(.one)
    }

    /// What was told, a line each.
    private final class Log: Sendable {
        private let told = Mutex<[String]>([])

        var lines: [String] { told.withLock { $0 } }
        var logger: Logger {
            Logger(label: "test") { [self] _ in
                LineLogHandler(label: "test", format: .text) { line in self.told.withLock { $0.append(line) } }
            }
        }
    }

    // MARK: The start

    @Test func `X21 a certificate comes with its key`() throws {
        #expect(
            try folder.faults("listen: {tls: {certificate: c}}") == ["listen.tls.key: is needed, because listen.tls.certificate is set"])
        #expect(
            try folder.faults(nil, ["CALLGATE_LISTEN_TLS_KEY": "k"])
                == ["listen.tls.certificate: is needed, because CALLGATE_LISTEN_TLS_KEY is set"])
        #expect(try folder.faults("listen: {tls: {key: k}}", ["CALLGATE_LISTEN_TLS_CERTIFICATE": "c"]).isEmpty)
        #expect(try folder.faults("listen:\n  tls:\n").isEmpty)
        let misspelt = try folder.faults("listen: {tls: {certificate: c, keys: k}}")
        #expect(misspelt.contains("listen.tls.keys: no such setting; did you mean listen.tls.key?"))
        #expect(try folder.faults("listen: {tls: yes}") == ["listen.tls: is a mapping of settings to their values"])
        #expect(try folder.faults("listen: {tls: {certificate: c, key: 12}}").first == "listen.tls.key: is a text; put it in quotes")
    }

    /// What is said about the files at the start. The service itself says the same, and does not start.
    private func faults() async throws -> [String] {
        var settings = Settings()
        settings.certificate = files
        settings.database = folder.path("test.sqlite")
        let faults = settings.secretFaults(environment: [:])
        if faults.isEmpty {
            _ = try await Gateway(settings, environment: [:], logger: log.logger)
        } else {
            let error = await #expect(throws: StartError.self) {
                try await Gateway(settings, environment: [:], logger: log.logger)
            }
            #expect(error?.description == faults.joined(separator: "; "))
            #expect(!FileManager.default.fileExists(atPath: settings.database))
        }
        return faults
    }

    @Test func `X21 a pair that belongs together is taken, also where everybody may read the certificate`() async throws {
        _ = try folder.write(TestCertificate.one.certificate + "\n" + TestCertificate.two.certificate, to: "chain.pem", rights: 0o644)
        #expect(try await faults().isEmpty)
    }

    @Test(arguments: [0o644, 0o604, 0o602, 0o666]) func `X21 a key that everybody can read is refused`(rights: Int) async throws {
        _ = try folder.write(TestCertificate.one.key, to: "key.pem", rights: rights)
        #expect(
            try await faults() == [
                "listen.tls.key: the file \(files.key) can be read by everybody; take that right away (chmod 600)"
            ])
    }

    @Test func `X21 a certificate that everybody can write is refused`() async throws {
        _ = try folder.write(TestCertificate.one.certificate, to: "chain.pem", rights: 0o666)
        #expect(
            try await faults() == [
                "listen.tls.certificate: the file \(files.certificate) can be written by everybody; take that right away (chmod o-w)"
            ])
    }

    @Test func `X21 the key of another certificate is refused`() async throws {
        _ = try folder.write(TestCertificate.two.key, to: "key.pem")
        #expect(
            try await faults() == [
                "listen.tls.key: the key in \(files.key) is not that of the certificate in \(files.certificate)"
            ])
    }

    @Test func `X21 files that are missing are all named`() async throws {
        for path in [files.certificate, files.key] { try FileManager.default.removeItem(atPath: path) }
        #expect(
            try await faults() == [
                "listen.tls.certificate: the file \(files.certificate) cannot be read: No such file or directory",
                "listen.tls.key: the file \(files.key) cannot be read: No such file or directory",
            ])
    }

    @Test func `X21 files that hold something else are named, and nothing of what they hold`() async throws {
        _ = try folder.write(TestCertificate.one.key, to: "chain.pem")
        _ = try folder.write("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", to: "key.pem")
        #expect(
            try await faults() == [
                "listen.tls.certificate: the file \(files.certificate) holds no certificate in PEM that can be used",
                "listen.tls.key: the file \(files.key) holds no private key in PEM that can be used",
            ])
    }

    // MARK: Replacing

    /// The certificate that a connection gets now.
    private func certificate(of port: PortCertificate) -> [NIOSSLCertificateSource] { port.context.configuration.certificateChain }

    private func source(_ certificate: TestCertificate) throws -> [NIOSSLCertificateSource] {
        try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificate.utf8)).map { .certificate($0) }
    }

    /// Long enough for what has changed to be taken.
    private func look(_ port: PortCertificate) { for _ in 0..<3 { port.look(at: SystemClock.now()) } }

    @Test func `X21 what cannot be used changes nothing and is told once, and what can be used is taken`() throws {
        let port = try PortCertificate(files, logger: log.logger)
        look(port)
        #expect(log.lines.isEmpty)
        let breaks: [() throws -> Void] = [
            { _ = try folder.write(TestCertificate.two.certificate, to: "chain.pem") },
            { _ = try folder.write("nothing", to: "chain.pem") },
            { try FileManager.default.removeItem(atPath: files.certificate) },
        ]
        for (index, breakFiles) in breaks.enumerated() {
            try breakFiles()
            for _ in 0..<3 { look(port) }
            #expect(certificate(of: port) == (try source(.one)))
            #expect(log.lines.count == index + 1)
            #expect(log.lines.last?.contains("warning") == true && log.lines.last?.contains("listen.tls.") == true)
        }
        _ = try folder.write(.two)
        look(port)
        #expect(certificate(of: port) == (try source(.two)))
        #expect(log.lines.count == breaks.count + 1)
        #expect(log.lines.last?.contains("info") == true)
    }

    @Test func `X21 a key that everybody can read from now on is not taken, and is when that has ended`() throws {
        let port = try PortCertificate(files, logger: log.logger)
        _ = try folder.write(.two)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: files.key)
        look(port)
        #expect(certificate(of: port) == (try source(.one)))
        #expect(log.lines.count == 1 && log.lines.last?.contains("can be read by everybody") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: files.key)
        look(port)
        #expect(certificate(of: port) == (try source(.two)))
    }

    @Test func `X21 what is being written is not looked into`() throws {
        let port = try PortCertificate(files, logger: log.logger)
        _ = try folder.write(TestCertificate.two.certificate, to: "chain.pem")
        port.look(at: SystemClock.now())
        _ = try folder.write(TestCertificate.two.key, to: "key.pem")
        port.look(at: SystemClock.now())
        #expect(log.lines.isEmpty)
        #expect(certificate(of: port) == (try source(.one)))
        port.look(at: SystemClock.now())
        #expect(certificate(of: port) == (try source(.two)))
    }

    @Test func `X21 a certificate that is not good at this time is warned of once`() throws {
        let port = try PortCertificate(files, logger: log.logger)
        let later = UnixTime(6_000_000_000)
        for _ in 0..<3 { port.look(at: later) }
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.contains("not good at this time") == true)
        #expect(certificate(of: port) == (try source(.one)))
        #expect(try PortCertificate(files, logger: log.logger).context.configuration.minimumTLSVersion == .tlsv12)
    }

    @Test func `X21 while the service runs, open connections go on and new ones get the new certificate`() async throws {
        try await RunningGateway.with(sockets: [.webSocketEcho("/websocket-echo", bytesMax: 1 << 20)]) {
            $0.certificate = files
        } _: { gateway in
            let before = try await gateway.secureClient(.client(trusting: .one))
            #expect(try await before.ask(HTTPText.health).status == 200)
            let socket = try await gateway.secureClient(.client(trusting: .one))
            try await socket.becomeWebSocket("/websocket-echo")
            _ = try folder.write(.two)
            // Until it has been noticed, who trusts the new certificate only hears nothing.
            var after = try await gateway.secureClient(.client(trusting: .two))
            for _ in 0..<600 {
                after.push(HTTPText.health)
                do {
                    #expect(try await after.answer().status == 200)
                    break
                } catch is Client.TimedOut {
                    try await Task.sleep(for: .milliseconds(50))
                    after = try await gateway.secureClient(.client(trusting: .two))
                }
            }
            #expect(try await after.ask(gateway.hot()).status == 201)
            #expect(try await before.ask(gateway.hot()).status == 201)
            try await socket.say("still there")
            #expect(try await socket.message() == "still there")
            let old = try await gateway.secureClient(.client(trusting: .one))
            old.push(HTTPText.health)
            #expect(try await old.bytesUntilEnd().isEmpty)
            for client in [before, socket, after, old] { try await client.close() }
        }
    }
}
