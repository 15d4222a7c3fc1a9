public import StrictJSON
import Tokens
import Vocabulary

// A token with what the vendor's SDK needs beside it. Written piece by piece, because minting is on the hot path.

extension Join {
    /// Writes the contract's `Join`, the same at both counters.
    public func write(into json: inout JSONWriter) {
        json.reserve(Self.byteCountBesideToken + minted.token.utf8.count)
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

    /// About what everything else takes. Where it is more, the writer grows.
    private static let byteCountBesideToken = 1024

    private func write(_ connection: Connection, into json: inout JSONWriter) {
        json.beginObject()
        switch connection {
        case .livekit(let serverURL):
            json.member("server_url", serverURL)
        case .agora(let appID, let channel, let uid):
            json.member("app_id", appID)
            json.member("channel", channel)
            if let uid { json.member("uid", Int64(uid)) } else { json.member("uid", minted.identity.text) }
        }
        json.endObject()
    }
}
