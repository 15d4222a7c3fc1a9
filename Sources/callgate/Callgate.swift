// callgate: the command.
//
// Results go to standard output and nothing else does; messages go to standard error. The exit code is 0 for yes, 1 where the answer is no
// or the service could not do it, 2 where the command was used wrongly.

import ArgumentParser
import Foundation
import Gateway

@main
struct Callgate: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "callgate", abstract: "The gate in front of the media plane of WebRTC calls: rooms and join tokens for tenants.",
        version: Gateway.version,
        subcommands: [
            ServeCommand.self, DemoCommand.self, TokenCommand.self, KeyCommand.self, ConfigCommand.self, ContractCommand.self,
            AuditCommand.self, BenchCommand.self, SuiteCommand.self,
        ])

    static func main() async {
        Terminal.prepare()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let refusal = refusal(for: error)
            if let refusal, !refusal.description.isEmpty { Terminal.say(refusal.description) }
            Foundation.exit(refusal?.exitCode ?? 0)
        }
    }

    /// What an error means for the person at the command line. Nil where it is none: help and version are thrown, too.
    private static func refusal(for error: any Error) -> Refusal? {
        if let error = error as? Refusal { return error }
        switch exitCode(for: error) {
        case .success:
            do {
                try Terminal.show(fullMessage(for: error))
                return nil
            } catch {
                return error
            }
        case .validationFailure: return .misuse(fullMessage(for: error))
        case _: return .no(message(for: error))
        }
    }
}

/// A command that only leads to others. Without one of them there is nothing to do, which is a misuse.
protocol CommandGroup: AsyncParsableCommand {}

extension CommandGroup {
    func run() async throws {
        let names = Self.configuration.subcommands.map { $0.configuration.commandName ?? "\($0)".lowercased() }.joined(separator: ", ")
        throw Refusal.misuse("say what to do: \(names); --help tells more")
    }
}

/// An end of the command that is no success, with the one line that says why.
struct Refusal: Error, CustomStringConvertible {
    let description: String
    let exitCode: Int32

    /// The answer is no, or it could not be done. Without a reason where the result has said it already.
    static func no(_ reason: String = "") -> Refusal { Refusal(description: reason, exitCode: 1) }
    /// The command was used wrongly.
    static func misuse(_ reason: String) -> Refusal { Refusal(description: reason, exitCode: 2) }
}
