import StrictJSON
import Switchboard
import Tokens
import Vocabulary

// The contract's `Join`: a token with what the vendor's SDK needs beside it. Written piece by piece, because minting is on the hot path.

extension Join {
    /// The join token alone, just made.
    var response: APIResponse {
        var json = JSONWriter(capacity: 2048)
        write(into: &json)
        return APIResponse(status: 201, contentType: "application/json", headers: [APIResponse.noStore], body: json.takeBytes())
    }

    func write(into json: inout JSONWriter) {
        json.beginObject()
        json.name(fixed: "connect")
        write(connection, into: &json)
        json.member("expires_at", minted.expiresAt.rfc3339)
        json.name(fixed: "grants")
        json.raw(bytes: minted.grantsText)
        json.member("identity", minted.identity.text)
        json.member("issued_at", minted.issuedAt.rfc3339)
        json.member("provider", minted.provider.rawValue)
        json.member("role", minted.role.rawValue)
        json.member("room", minted.room.text)
        json.member("token", minted.token)
        json.endObject()
    }

    private func write(_ connection: Connection, into json: inout JSONWriter) {
        json.beginObject()
        switch connection {
        case .livekit(let serverURL):
            json.member("server_url", serverURL)
        case .agora(let appID, let channel, let uid):
            json.member("app_id", appID)
            json.member("channel", channel)
            json.name(fixed: "uid")
            if let uid { json.integer(Int64(uid)) } else { json.string(minted.identity.text) }
        }
        json.endObject()
    }
}
