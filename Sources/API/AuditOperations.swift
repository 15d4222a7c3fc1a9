import Calls
import StrictJSON
import Switchboard
import Vocabulary

/// The audit log, for those who have to answer for it: a tenant's own rows, or those of the operator.
struct AuditOperations: Sendable {
    let desk: Switchboard

    @Sendable func list(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let (cursor, limit) = try operation.page(Query(operation.request.target, known: ["limit", "cursor"]))
        let page = try await asking { () async throws(DeskError) in try await desk.auditRows(cursor: cursor, limit: limit, for: caller) }
        return APIResponse(json: page.json("rows") { $0.json })
    }
}

extension AuditRow {
    /// The row as the contract's `AuditRow`. Of a token it tells what the row keeps: never the token. Where the row stands among all rows
    /// is left out: that would tell a tenant how much the others do.
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "at": .string(entry.at.rfc3339), "actor": .string(entry.actor.text), "operation": .string(entry.operation.rawValue),
            "subject": .string(entry.subject), "outcome": .string(entry.outcome), "hash": .string(Hexadecimal.text(of: hash)),
        ]
        if let requestID = entry.requestID { object["request_id"] = .string(requestID) }
        if let token = entry.token { object["token"] = token.json }
        return .object(object)
    }
}

extension AuditEntry.Token {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "sha256": .string(Hexadecimal.text(of: sha256)), "identity": .string(identity.text),
            "room": .string(room.text), "role": .string(role), "provider": .string(provider.rawValue),
            "expires_at": .string(expiresAt.rfc3339),
        ]
    }
}

/// Bytes in lower-case hexadecimal digits.
private enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(of bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
