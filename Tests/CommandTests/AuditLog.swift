import Foundation
import GRDB
import StrictJSON
import TestSupport
import Testing

/// A database whose audit log has a row of every kind, made by the service itself.
struct AuditLog {
    /// One of its rows.
    struct Row {
        let seq: Int64
        let operation: String
    }

    /// One of the columns of its table, but for the place in the log.
    struct Column {
        let name: String
        let mayBeNull: Bool
        /// SQL for a value that fits the column and is not the one that is there.
        let other: String

        init?(_ row: GRDB.Row) {
            let (name, type): (String, String) = (row["name"], row["type"])
            guard name != "seq" else { return nil }
            self.name = name
            mayBeNull = row["notnull"] == 0
            switch type {
            case "INTEGER": other = "ifnull(\(name), 0) + 1"
            case "TEXT": other = "ifnull(\(name), '') || 'x'"
            case "BLOB": other = "zeroblob(ifnull(length(\(name)), 32))"
            case _: other = "'x'"
            }
        }
    }

    let home: Home
    let path: String
    let rows: [Row]
    let columns: [Column]

    /// The first row of every kind.
    var kinds: [Row] {
        var seen: Set<String> = []
        return rows.filter { seen.insert($0.operation).inserted }
    }

    static func make(in home: Home) async throws -> AuditLog {
        let service = try await Service.start(
            in: home, ["--config", home.configuration()],
            environment: Home.tenantSecrets.merging(["CALLGATE_OPERATOR_KEY": Canary.operatorKey]) { $1 })
        try await fill(service)
        #expect(await service.stop().code == 0)
        let path = home.path("callgate.sqlite")
        let queue = try DatabaseQueue(path: path)
        let (rows, columns) = try await queue.read { db in
            (
                try GRDB.Row.fetchAll(db, sql: "SELECT seq, operation FROM audit ORDER BY seq").map { row in
                    Row(seq: row["seq"], operation: row["operation"])
                },
                try GRDB.Row.fetchAll(db, sql: "PRAGMA table_info(audit)").compactMap { Column($0) }
            )
        }
        try queue.close()
        return AuditLog(home: home, path: path, rows: rows, columns: columns)
    }

    /// Everything that leaves a row, and some refusals.
    private static func fill(_ service: Service) async throws {
        let scopes: JSONValue = ["calls:read", "calls:write", "rooms:write", "tokens:mint", "users:write"]
        let operatorKey = Canary.operatorKey
        let made = try await service.send("POST", "/v1/keys", ["tenant": "acme", "scopes": scopes], key: operatorKey)
        let key = try #require(made.body["key"]?.stringValue)
        func done(_ method: String, _ path: String, _ body: JSONValue? = nil, by credential: String? = nil) async throws -> JSONValue {
            let answer = try await service.send(method, path, body, key: credential ?? key)
            #expect((200...299).contains(answer.status), "\(method) \(path): \(answer)")
            return answer.body
        }
        func place() async throws -> String {
            let call = try await done("POST", "/v1/calls", ["caller": "alice", "callee": "bob", "media": "video"])
            return "/v1/calls/\(try #require(call["id"]?.stringValue))"
        }
        let room = try #require(try await done("POST", "/v1/rooms", [:])["name"]?.stringValue)
        _ = try await done("POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host"])
        _ = try await done("DELETE", "/v1/rooms/\(room)")
        _ = try await done("POST", try await place() + "/reject", [:])
        _ = try await done("POST", try await place() + "/cancel", ["reason": "mistake"])
        let call = try await place()
        #expect(try await service.send("POST", call + "/token", ["user": "alice"], key: key).status == 409)
        _ = try await done("POST", call + "/accept", ["user": "bob"])
        _ = try await done("POST", call + "/token", ["user": "alice"])
        _ = try await done("POST", call + "/end", [:])
        _ = try await place()
        _ = try await done("PUT", "/v1/users/alice", ["display_name": "Alice"])
        // Ends the call that rings.
        _ = try await done("DELETE", "/v1/users/alice")
        _ = try await done("PATCH", "/v1/tenants/acme", ["display_name": "Acme"], by: operatorKey)
        let keyID = try #require(made.body["id"]?.stringValue)
        _ = try await done("DELETE", "/v1/keys/\(keyID)", by: operatorKey)
        _ = try await done("DELETE", "/v1/tenants/acme", by: operatorKey)
    }

    /// A copy into which somebody wrote.
    /// - Returns: its path.
    func tampered(_ statements: String) async throws -> String {
        let copy = home.path("tampered-\(UUID().uuidString).sqlite")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let queue = try DatabaseQueue(path: copy)
        try await queue.write { db in try db.execute(sql: statements) }
        try queue.close()
        return copy
    }
}
