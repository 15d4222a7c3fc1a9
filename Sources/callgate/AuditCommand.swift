import ArgumentParser
import Foundation
import Gateway
import StrictJSON

/// `callgate audit`: questions about the audit log, on the machine where the store is. The service may go on running meanwhile.
struct AuditCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Questions about the audit log.", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether every row of the audit log is as it was written, and in its place.",
            discussion: """
                Each row holds a hash over itself and the row before it, so the first row that was changed, moved or taken out is \
                named, and the command ends with 1. Whoever owns the file can still cut rows off at the end, or write the whole log \
                anew: keep the head that is printed in another place, and give it with --head the next time. Works while the service \
                runs, and changes nothing.
                """)

        @OptionGroup var source: SettingsSource
        @Option(help: "The database file.") var database: String?
        @Option(help: ArgumentHelp("A head that was printed earlier and kept elsewhere.", valueName: "seq:hash")) var head: String?
        @Flag(help: "Print the result as JSON.") var json = false

        func run() async throws {
            var kept: AuditCheck.Head?
            if let head {
                kept = AuditCheck.Head(head)
                guard kept != nil else { throw Refusal.misuse("--head is a number, a colon and 64 hexadecimal digits") }
            }
            var settings = try source.settings()
            try settings.keep(in: database)
            guard FileManager.default.fileExists(atPath: settings.database) else {
                throw Refusal.no("there is no database \(settings.database)")
            }
            do {
                try show(AuditCheck.verify(database: settings.database, kept: kept))
            } catch let error as StartError {
                throw Refusal.no(error.description)
            }
        }

        private func show(_ result: AuditCheck.Result) throws {
            switch result {
            case .whole(let whole):
                try show([
                    ("verdict", "whole"), ("rows", .integer(Int64(whole.rows))), ("head", .string(whole.head.description)),
                ])
                if !whole.isKeptHeadInReach {
                    Terminal.say("The row of --head was removed since, because it was old: it could not be compared.")
                }
            case .broken(let fault):
                try show([
                    ("verdict", "broken"), ("row", .integer(fault.row)), ("code", .string(fault.code)), ("reason", .string(fault.reason)),
                ])
                throw Refusal.no()
            }
        }

        private func show(_ members: [(name: String, value: JSONValue)]) throws {
            guard !json else {
                var object: JSONObject = [:]
                for member in members { object[member.name] = member.value }
                return try Terminal.show(JSONValue.object(object).canonicalText)
            }
            for member in members { try Terminal.show("\(member.name): \(member.value.stringValue ?? member.value.canonicalText)") }
        }
    }
}
