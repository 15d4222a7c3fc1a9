import Foundation
import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization
import Vocabulary

/// The certificate that new connections get, which follows its files while the service runs.
///
/// The files are looked at every second. What has changed is read when it has stood unchanged from one look to the next, so that a pair
/// that is being written is not taken for a broken one. A pair that can be used serves the connections that come from then on; those that
/// are open keep what they have. A pair that cannot be used changes nothing, and is told once.
final class PortCertificate: Service {
    private struct State {
        var certificate: ServerCertificate
        /// What the files looked like the last time, and when they were read last.
        var seen: Traces
        var read: Traces
        /// Whether the log has been told that this certificate is not good at this time.
        var isTold = false
    }

    private let files: CertificateFiles
    private let logger: Logger
    private let state: Mutex<State>

    /// - Throws: `Unusable` when there is nothing to begin with.
    init(_ files: CertificateFiles, logger: Logger) throws(ServerCertificate.Unusable) {
        self.files = files
        self.logger = logger
        let traces = Traces(files)
        state = Mutex(State(certificate: try ServerCertificate(files), seen: traces, read: traces))
    }

    /// What the next connection is made with.
    var context: NIOSSLContext { state.withLock { $0.certificate.context } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { self.look(at: SystemClock.now()) } while await Pause.pass(.seconds(1))
        }
    }

    /// Looks whether the files have changed, and whether the certificate is good at this time.
    func look(at now: UnixTime) {
        if hasChanged() { take() }
        let end = state.withLock { state -> UnixTime? in
            let isGood = state.certificate.begin <= now && now < state.certificate.end
            guard !isGood, !state.isTold else { return nil }
            state.isTold = true
            return state.certificate.end
        }
        if let end {
            logger.warning(
                "the certificate of the port is not good at this time; clients will refuse it", metadata: ["certificate.end": "\(end)"])
        }
    }

    /// Whether there is something that was not read yet, and that is not being written any more.
    private func hasChanged() -> Bool {
        let traces = Traces(files)
        return state.withLock { state in
            defer { state.seen = traces }
            guard traces == state.seen, traces != state.read else { return false }
            state.read = traces
            return true
        }
    }

    private func take() {
        do throws(ServerCertificate.Unusable) {
            let certificate = try ServerCertificate(files)
            state.withLock { state in
                state.certificate = certificate
                state.isTold = false
            }
            logger.info("new connections get the new certificate", metadata: ["certificate.end": "\(certificate.end)"])
        } catch {
            logger.warning(
                "the new certificate cannot be used; connections get the one before", metadata: ["cause": "\(error)"])
        }
    }
}

/// What tells that files have changed, without reading them.
private struct Traces: Equatable {
    private struct Trace: Equatable {
        let device: dev_t
        let file: ino_t
        let bytes: off_t
        /// When its content and when anything about it changed, in seconds and nanoseconds.
        let times: [Int]
    }

    private let certificate: Trace?
    private let key: Trace?

    init(_ files: CertificateFiles) {
        certificate = Self.trace(files.certificate)
        key = Self.trace(files.key)
    }

    /// Nil where there is no such file.
    private static func trace(_ path: String) -> Trace? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Trace(
            device: status.st_dev, file: status.st_ino, bytes: status.st_size,
            times: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
    }
}
