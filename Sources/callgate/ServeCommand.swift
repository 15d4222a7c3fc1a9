import ArgumentParser
import Foundation
import Gateway
import Logging
import Switchboard

/// `callgate serve`: the service itself.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the service.")

    @OptionGroup var source: SettingsSource
    @Option(help: "The address to listen on.") var host: String?
    @Option(help: "The port to listen on; 0 lets the system choose.") var port: Int?
    @Option(help: "The database file.") var database: String?

    func run() async throws {
        var settings = try source.settings(withSecrets: true)
        if let host {
            guard !host.isEmpty else { throw Refusal.misuse("--host is empty") }
            settings.host = host
        }
        if let port {
            guard (0...65_535).contains(port) else { throw Refusal.misuse("--port is a number from 0 to 65535") }
            settings.port = port
        }
        try settings.keep(in: database)
        let gateway = try await settings.gateway()
        do {
            if let key = try await gateway.prepare() {
                Terminal.say("The operator's key, shown this once; keep it:")
                try Terminal.show("operator key: \(key.text)")
            }
            // An IPv6 address stands in brackets, or its last part would be taken for the port.
            let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
            let scheme = settings.certificate == nil ? "http" : "https"
            try await gateway.serve { listening in Self.announce("\(scheme)://\(host):\(listening.port)") }
        } catch let error as StartError {
            throw Refusal.no(error.description)
        }
    }

    /// Says where the service listens. It ends where that line cannot be written: nobody would know of it.
    private static func announce(_ address: String) {
        do {
            try Terminal.show("callgate listens on \(address)")
        } catch {
            if !error.description.isEmpty { Terminal.say(error.description) }
            Foundation.exit(error.exitCode)
        }
    }
}

/// Where the settings come from: the same for every command that needs them.
struct SettingsSource: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file; also CALLGATE_CONFIG.", valueName: "file")) var config: String?

    /// - Parameter withSecrets: whether the secrets of declared tenants are read and checked too.
    func settings(withSecrets: Bool = false) throws -> Settings {
        let environment = ProcessInfo.processInfo.environment
        let file = config ?? environment["CALLGATE_CONFIG"]
        guard file?.isEmpty != true else { throw Refusal.misuse("\(config == nil ? "CALLGATE_CONFIG" : "--config") is empty") }
        do {
            return withSecrets
                ? try SettingsReader.readAndCheckSecrets(file: file, environment: environment)
                : try SettingsReader.read(file: file, environment: environment)
        } catch {
            throw Refusal.misuse(error.description)
        }
    }
}

extension Settings {
    /// Keeps everything in another database file, where the command line names one.
    mutating func keep(in file: String?) throws {
        guard let file else { return }
        guard !file.isEmpty else { throw Refusal.misuse("--database is empty") }
        database = file
    }

    /// Opens the store and the desk with these settings.
    func gateway() async throws -> Gateway {
        do {
            return try await Gateway(self, environment: ProcessInfo.processInfo.environment, logger: logger)
        } catch {
            throw Refusal.no(error.description)
        }
    }

    /// A logger that writes to standard error, one line for each event.
    var logger: Logger {
        var logger = Logger(label: "callgate") { LineLogHandler.standardError(label: $0, format: logFormat) }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        return logger
    }
}
