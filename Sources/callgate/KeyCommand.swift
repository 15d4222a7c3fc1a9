import ArgumentParser
import Calls
import Foundation
import Gateway
import StrictJSON
import Switchboard
import Vocabulary

/// `callgate key`: API keys, on the machine where the store is. While the service runs it owns the store: ask it over `/v1/keys` then.
struct KeyCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke API keys while the service is not running.",
        subcommands: [Create.self, List.self, Revoke.self])

    /// What all three need: which store.
    struct StoreChoice: ParsableArguments {
        @OptionGroup var source: SettingsSource
        @Option(help: "The database file.") var database: String?

        /// - Parameter new: whether the store is made where it is not there. A mistyped path should not become a new, empty store.
        func desk(new: Bool = false) async throws -> Switchboard {
            var settings = try source.settings()
            try settings.keep(in: database)
            guard new || FileManager.default.fileExists(atPath: settings.database) else {
                throw Refusal.no("there is no database \(settings.database); callgate serve makes it")
            }
            return try await settings.gateway().desk
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print it, once.")

        @OptionGroup var store: StoreChoice
        @Option(help: "The tenant; leave it out for a key of the operator.") var tenant: String?
        @Option(parsing: .upToNextOption, help: "What the key may do, for example tokens:mint; several in a row, or given several times.")
        var scope: [String]
        @Option(help: "A name for people.") var label: String?
        @Flag(help: "Make a cg_test_ key.") var test = false
        @Flag(help: "Print the key with its record as JSON.") var json = false

        func run() async throws {
            var scopes: Set<Scope> = []
            for text in scope {
                guard let scope = Scope(rawValue: text) else {
                    throw Refusal.misuse("no such scope: \(text); there are \(Scope.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                scopes.insert(scope)
            }
            guard !scopes.isEmpty else { throw Refusal.misuse("name at least one --scope") }
            guard (1...64).contains(label?.utf8.count ?? 1) else { throw Refusal.misuse("--label has 1 to 64 bytes") }
            let order = KeyOrder(
                tenant: try tenant.map { text in try asWord("--tenant") { try TenantID(text) } }, scopes: scopes, label: label,
                environment: test ? .test : .live, lifetimeSeconds: nil)
            let new = try await atTheDesk { try await store.desk(new: tenant == nil).createKey(order, for: .machine) }
            guard json else { return try Terminal.show(new.text) }
            try Terminal.show(
                JSONValue.object(["id": .string(new.record.id.text), "key": .string(new.text), "prefix": .string(new.record.prefix)])
                    .canonicalText)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys: id, tenant, scopes, state.")

        @OptionGroup var store: StoreChoice

        func run() async throws {
            let desk = try await store.desk()
            var cursor: String?
            repeat {
                let page = try await atTheDesk { [cursor] in try await desk.keys(cursor: cursor, limit: 100, for: .machine) }
                for key in page.items {
                    let state = key.revokedAt.map { "revoked \($0)" } ?? key.expiresAt.map { "until \($0)" } ?? "active"
                    let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: ",")
                    try Terminal.show([key.id.text, key.tenant?.text ?? "(operator)", key.prefix, scopes, state].joined(separator: "\t"))
                }
                cursor = page.nextCursor
            } while cursor != nil
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key for good.")

        @OptionGroup var store: StoreChoice
        @Argument(help: "The key's id, key_…") var id: String

        func run() async throws {
            let id = try asWord("the id") { try APIKeyID(self.id) }
            try await atTheDesk { try await store.desk().revokeKey(id, for: .machine) }
            Terminal.say("\(id) is revoked.")
        }
    }
}

/// Reads a word that was given on the command line.
func asWord<Word>(_ name: String, _ make: () throws -> Word) throws(Refusal) -> Word {
    do {
        return try make()
    } catch let error as Refusal {
        throw error
    } catch {
        throw Refusal.misuse("\(name): \(error)")
    }
}

/// Asks the desk, and ends the command with one line where it refuses.
func atTheDesk<Answer>(_ question: () async throws -> Answer) async throws -> Answer {
    do {
        return try await question()
    } catch let error as DeskError {
        switch error {
        case .notFound: throw Refusal.no("there is no such key")
        case .invalid(let field, let reason): throw Refusal.no("\(field): \(reason)")
        case .appUnavailable(let cause), .unavailable(let cause), .internal(let cause): throw Refusal.no(cause)
        case .unauthenticated, .missingScope, .scopeNotHeld, .roomNotOpen, .call, .idempotencyInProgress, .tenantExists, .limitReached,
            .rateLimited, .providerNotConfigured, .invalidCursor, .draining:
            throw Refusal.no("\(error)")
        }
    }
}
