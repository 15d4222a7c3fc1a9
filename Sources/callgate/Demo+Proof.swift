import Gateway
import Signing
import StrictJSON
import Tokens
import Vocabulary

// What the demo proves: that each token is good and says no more than it should, and that the audit log tells of all of them.

extension Demo {
    /// Decodes a token, checks its signature and what it allows, and shows it.
    /// - Parameter isBrief: whether only the result is shown.
    /// - Returns: the token.
    func verify(_ join: JSONValue, of user: String, in room: String, isBrief: Bool = false) throws -> String {
        let token = try text("token", of: join)
        guard try text("identity", of: join) == user, try text("room", of: join) == room else {
            throw Refusal.no("the token is for somebody else: \(join.canonicalText)")
        }
        let inspection = try inspect(token)
        if !isBrief {
            try show("token", token)
            try show("connect", "\(join["connect"]?.canonicalText ?? ""), until \(text("expires_at", of: join))")
            try show("decoded", (inspection.claims ?? inspection.content ?? .null).canonicalText)
        }
        guard inspection.verdict == .valid, inspection.grants == join["grants"] else {
            throw Refusal.no("the token does not say what the answer says")
        }
        try verifyIdentity(of: inspection, token, user, room)
        try show("verified", "signature and times; it opens this room, for \(user) alone")
        return token
    }

    private func verifyIdentity(of inspection: TokenInspection, _ token: String, _ user: String, _ room: String) throws {
        switch inspection.provider {
        case .livekit:
            let credentials = try LiveKitCredentials(apiKey: secrets.livekitKey, secret: Secret(utf8: secrets.livekitSecret))
            _ = try LiveKitVerifier(credentials: credentials).verify(token, now: SystemClock.now())
            guard inspection.claims?["sub"]?.stringValue == user, inspection.grants?["room"]?.stringValue == room else {
                throw Refusal.no("the LiveKit token names somebody else or another room")
            }
        case .agora:
            let content = inspection.content?.canonicalText ?? ""
            guard content.contains("\"\(user)\""), content.contains("\"\(room)\"") else {
                throw Refusal.no("the Agora token names somebody else or another room")
            }
        case nil:
            throw Refusal.no("the token is of no known kind")
        }
    }

    private func inspect(_ token: String) throws -> TokenInspection {
        let agora = try AgoraCredentials(appID: secrets.agoraAppID, certificate: Secret(utf8: secrets.agoraCertificate))
        let keys: [InspectionKey] = [
            .livekit(apiKey: secrets.livekitKey, secret: Secret(utf8: secrets.livekitSecret)), .agora(agora),
        ]
        return TokenInspector.inspect(token, now: SystemClock.now(), keys: keys)
    }

    /// Shows the tenant's audit log, and that every token in it is one that was handed out, and every one of those is in it.
    func showAudit(key: String, tokens: [String]) async throws {
        try step("who asked for what, and what was minted: GET /v1/audit")
        let page = try await send("GET", "/v1/audit?limit=100", as: key, expecting: 200)
        let rows = page["rows"]?.arrayValue ?? []
        for (index, row) in rows.enumerated() { try Terminal.show("  \(line(index + 1, row))") }
        let minted = rows.compactMap { $0["token"]?["sha256"]?.stringValue }
        guard minted.sorted() == tokens.map({ Digest.sha256(Array($0.utf8)).hexadecimal }).sorted() else {
            throw Refusal.no("the audit log does not hold exactly the tokens that were handed out")
        }
        try show("checked", "\(tokens.count) tokens were handed out, and \(minted.count) are here, by their SHA-256; none is kept anywhere")
    }

    private func line(_ number: Int, _ row: JSONValue) -> String {
        func word(_ name: String) -> String { row[name]?.stringValue ?? "" }
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        let actor = word("actor").hasPrefix("key_") ? "backend" : word("actor")
        let columns = [padded("\(number)", 3), padded(actor, 11), padded(word("operation"), 12), padded(word("outcome"), 18)]
        let token = row["token"].map { "for \($0["identity"]?.stringValue ?? ""), \($0["sha256"]?.stringValue?.prefix(16) ?? "")…" } ?? ""
        let line = (columns + [token]).joined(separator: " ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Checks that no row of the audit log was changed, removed or moved, as `callgate audit verify` does.
    func verifyChain() async throws {
        try step("callgate audit verify, while the service runs")
        switch try AuditCheck.verify(database: database) {
        case .whole(let whole):
            try show("chain", "\(whole.rows) rows, whole")
            try show("head", "\(whole.head)")
        case .broken(let fault):
            throw Refusal.no("the audit log is broken: \(fault.reason)")
        }
    }
}
