public import StrictJSON
import Tokens
import Vocabulary

// A token with what the vendor's SDK needs beside it. Written piece by piece, because minting is on the hot path.

extension Join {
    /// Writes the contract's `Join`, the same at both counters.
    public func write(into json: inout JSONWriter) {
        json.beginObject()
        json.name(fixed: "connect")
        write(connection, into: &json)
        json.name(fixed: "expires_at")
        json.string(minted.expiresAt.rfc3339)
        json.name(fixed: "grants")
        json.raw(bytes: minted.grantsText)
        json.name(fixed: "identity")
        json.string(minted.identity.text)
        json.name(fixed: "issued_at")
        json.string(minted.issuedAt.rfc3339)
        json.name(fixed: "provider")
        json.string(minted.provider.rawValue)
        json.name(fixed: "role")
        json.string(minted.role.rawValue)
        json.name(fixed: "room")
        json.string(minted.room.text)
        json.name(fixed: "token")
        json.string(minted.token)
        json.endObject()
    }

    private func write(_ connection: Connection, into json: inout JSONWriter) {
        json.beginObject()
        switch connection {
        case .livekit(let serverURL):
            json.name(fixed: "server_url")
            json.string(serverURL)
        case .agora(let appID, let channel, let uid):
            json.name(fixed: "app_id")
            json.string(appID)
            json.name(fixed: "channel")
            json.string(channel)
            json.name(fixed: "uid")
            if let uid { json.integer(Int64(uid)) } else { json.string(minted.identity.text) }
        }
        json.endObject()
    }
}
