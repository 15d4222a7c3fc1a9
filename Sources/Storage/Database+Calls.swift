import Calls
import GRDB
import Vocabulary

/// The rows of calls.
extension Database {
    /// The call with that id, or with that id given to it when it was crossed.
    /// - Parameter seq: where it stands if it lives (`LiveCalls`); its id leads to it only when it has ended.
    func call(_ key: CallKey, liveAt seq: Int64?) throws -> KnownCall? {
        if let seq { return try call(seq: seq) }
        let values: [SQLValue] = [.text(key.tenant.text), .text(key.id.text)]
        let ended = "SELECT * FROM calls WHERE tenant = ? AND id = ? AND ended_at IS NOT NULL"
        if let row = try Row.fetchOne(prepared(ended, values)) { return try KnownCall(row) }
        return try Row.fetchOne(prepared("SELECT * FROM calls WHERE tenant = ? AND alias = ?", values)).map(KnownCall.init)
    }

    func call(seq: Int64) throws -> KnownCall? {
        try Row.fetchOne(prepared("SELECT * FROM calls WHERE seq = ?", [.integer(seq)])).map(KnownCall.init)
    }
}

extension KnownCall {
    /// Reads a row of `calls` back.
    init(_ row: Row) throws {
        let metadata: String? = row["metadata"]
        let call = Call(
            id: try CallID(row["id"]), room: try RoomName(row["room"]), provider: try SQLiteStore.word(row["provider"]),
            media: try SQLiteStore.word(row["media"]), metadata: metadata, parties: try PartiesText.parties(row["parties"]),
            placedAt: UnixTime(row["placed_at"]), ringDeadline: UnixTime(row["ring_deadline"]),
            acceptedAt: SQLiteStore.moment(row["accepted_at"]), ending: try Self.ending(row), version: row["version"])
        guard row["tenant"] == call.tenant.text else { throw StoreError.internal("the database holds a call in another tenant's room") }
        self.init(seq: row["seq"], call: call)
    }

    private static func ending(_ row: Row) throws -> Call.Ending? {
        guard let at: Int64 = row["ended_at"] else { return nil }
        let user: String? = row["ended_by"]
        let device: String? = row["end_device"]
        return Call.Ending(
            at: UnixTime(at), reason: try SQLiteStore.word(row["end_reason"]), by: try user.map { try UserID($0) }, note: row["end_note"],
            device: try device.map { try DeviceID($0) })
    }
}

/// The parties of a call as one text: a line for each, `side user device joined_at`, `-` for nothing, and ` socket` behind it where the
/// device was on one.
///
/// No part can hold a blank, and neither a device nor a number can be a lone hyphen, so the text has one reading.
enum PartiesText {
    static func text(of parties: [Party]) -> String {
        var text = ""
        for party in parties {
            if !text.isEmpty { text += "\n" }
            text += party.side.rawValue
            text += " "
            text += party.user.text
            text += " "
            text += party.device?.text ?? "-"
            text += " "
            text += party.joinedAt.map { String($0.seconds) } ?? "-"
            if party.hadSocket { text += " socket" }
        }
        return text
    }

    static func parties(_ text: String) throws -> [Party] {
        try text.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            let hadSocket = words.count == 5 && words[4] == "socket"
            guard words.count == 4 || hadSocket else { throw StoreError.internal("the database holds a party in an unknown form") }
            let joinedAt = words[3] == "-" ? nil : Int64(words[3])
            guard joinedAt != nil || words[3] == "-" else { throw StoreError.internal("the database holds an unknown moment") }
            return Party(
                user: try UserID(words[1]), side: try SQLiteStore.word(words[0]),
                device: words[2] == "-" ? nil : try DeviceID(words[2]), joinedAt: joinedAt.map { UnixTime($0) }, hadSocket: hadSocket)
        }
    }
}
