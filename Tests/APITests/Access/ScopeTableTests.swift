import GRDB
import StrictJSON
import Testing
import Vocabulary

@testable import API

/// The scope that the contract gives for each operation is the one that opens it, and it alone.
struct ScopeTableTests {
    @Test func `A03 every operation works with a key of exactly the scope that the contract names`() async throws {
        let service = try await Service()
        let all = try await service.tenant("acme")
        for (number, operation) in try Contract.current.get().operations.enumerated() {
            let trial = try await OperationTrial.of(operation.id, service, key: all, number: number)
            let answer = try await trial.send(to: service, key: try await Self.key(with: operation.scope, service))
            #expect(answer.status == trial.status, "\(operation.id) \(answer.json.canonicalText)")
        }
    }

    @Test func `A03 what any credential opens needs no scope, and what is public needs no credential`() async throws {
        let service = try await Service()
        let all = try await service.tenant("acme")
        let keys = try await [
            service.key(of: "acme", scopes: [.eventsWrite]), service.key(of: nil, scopes: [.auditRead]), service.token("alice"),
        ]
        for operation in try Contract.current.get().operations where operation.scope == nil {
            let trial = try await OperationTrial.of(operation.id, service, key: all, number: 0)
            for key in keys { #expect(try await trial.send(to: service, key: key).status == trial.status, "\(operation.id)") }
            #expect(try await trial.send(to: service, key: nil).status == (operation.isPublic ? trial.status : 401), "\(operation.id)")
        }
    }

    @Test func `A02 a key with all scopes but the needed one is told which, and the store stays as it is`() async throws {
        let service = try await Service()
        let all = try await service.tenant("acme")
        let audited = Set(service.api.table.routes.filter { $0.auditedAs != nil }.map(\.id))
        for (number, operation) in try Contract.current.get().operations.enumerated() {
            guard let needed = operation.scope else { continue }
            let trial = try await OperationTrial.of(operation.id, service, key: all, number: number)
            for key in try await Self.keys(without: needed, service) {
                let before = try service.storedRows()
                let answer = try await trial.send(to: service, key: key)
                let after = try service.storedRows()
                #expect(answer.status == 403, "\(operation.id)")
                #expect(answer.code == "missing_scope", "\(operation.id)")
                #expect(answer["required_scope"] == .string(needed), "\(operation.id)")
                for (table, rows) in after where table != "audit" { #expect(rows == before[table], "\(operation.id) changed \(table)") }
                let new = (after["audit"] ?? []).dropFirst(before["audit"]?.count ?? 0)
                #expect(new.count == (audited.contains(operation.id) ? 1 : 0), "\(operation.id) in the audit log")
                #expect(new.allSatisfy { $0.contains("missing_scope") })
            }
            // The request itself was a good one.
            let answer = try await trial.send(to: service, key: try await Self.key(with: needed, service))
            #expect(answer.status == trial.status, "\(operation.id) \(answer.json.canonicalText)")
        }
    }

    @Test func `A01 without a credential a good request is refused too, and the store stays as it is`() async throws {
        let service = try await Service()
        let all = try await service.tenant("acme")
        for (number, operation) in try Contract.current.get().operations.enumerated() where !operation.isPublic {
            let trial = try await OperationTrial.of(operation.id, service, key: all, number: number)
            let before = try service.storedRows()
            let answer = try await trial.send(to: service, key: nil)
            #expect(answer.status == 401, "\(operation.id)")
            #expect(answer.header("www-authenticate") == "Bearer", "\(operation.id)")
            #expect(try service.storedRows() == before, "\(operation.id)")
        }
    }

    @Test func `N08 a tenant that is named beside the key's own changes nothing, or is refused`() async throws {
        let service = try await Service()
        let all = try await service.tenant("acme")
        _ = try await service.tenant("globex")
        let operations = try Contract.current.get().operations
        for (number, operation) in operations.enumerated() where operation.scope.map({ $0 != "tenants:admin" }) == true {
            let trial = try await OperationTrial.of(operation.id, service, key: all, number: number)
            let mark = trial.target.contains("?") ? "&" : "?"
            let before = try service.storedRows()
            if trial.body == nil {
                let answer = try await service.send(trial.method, trial.target + mark + "tenant=globex", trial.body, key: all)
                #expect(answer.status == 400, "\(operation.id)")
            }
            if var body = trial.body?.objectValue {
                body["tenant"] = "globex"
                let answer = try await service.send(trial.method, trial.target, .object(body), key: all)
                #expect(answer.status == 422, "\(operation.id)")
                #expect(answer.pointers == ["/tenant"], "\(operation.id)")
            }
            let after = try service.storedRows()
            for (table, rows) in after where table != "audit" { #expect(rows == before[table], "\(operation.id) changed \(table)") }
        }
    }

    /// A key with that scope and no other, of whoever may hold it; any key where none is needed.
    private static func key(with scope: String?, _ service: Service) async throws -> String {
        let scope = try scope.map { try #require(Scope(rawValue: $0)) } ?? .eventsWrite
        return try await service.key(of: scope.isForTenants ? "acme" : nil, scopes: [scope])
    }

    /// Keys of the tenant and of the operator with all scopes but that one.
    private static func keys(without scope: String, _ service: Service) async throws -> [String] {
        let others = Scope.allCases.filter { $0.rawValue != scope }
        return try await [
            service.key(of: "acme", scopes: others.filter(\.isForTenants)), service.key(of: nil, scopes: others.filter(\.isForOperator)),
        ]
    }
}

extension Service {
    /// Every row of every table of the store, as texts, in the order in which it keeps them.
    func storedRows() throws -> [String: [String]] {
        try database.read { db in
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'")
            return try tables.reduce(into: [:]) { all, table in
                all[table] = try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map(\.description)
            }
        }
    }
}
