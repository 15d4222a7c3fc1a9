import Calls
public import StrictJSON
public import Switchboard
import Tokens
import Vocabulary

/// Reads a tenant's description: from the body of a request, and from the configuration file, by the same rules.
public enum TenantReader {
    private static let displayNameBytes = 1...128

    /// The description of a new tenant. Nil where a fault was noted.
    public static func order(_ body: inout FieldReader) -> TenantOrder? {
        let id = body.requiredParsed("id") { text in try TenantID(text) }
        let displayName = body.string("display_name", bytes: displayNameBytes)
        let settings = body.requiredObject("providers", providers)
        let defaultProvider = body.oneOf("default_provider", ProviderKind.self)
        let openRoomsMax = body.object("limits", limits)
        let userTokens = body.object("user_tokens", userTokens)
        let remoteCheck = body.object("remote_check", remoteCheck)
        let unknownUsers = body.object("users", users)
        let topics = topics(&body)
        let userRoomRoles = userRoomRoles(&body)
        guard let id, let settings else { return nil }
        return TenantOrder(
            id: id, displayName: displayName, providers: settings, defaultProvider: defaultProvider,
            openRoomsMax: openRoomsMax ?? Limits.openRoomsMaxDefault, userTokens: userTokens, remoteCheck: remoteCheck,
            unknownUsers: unknownUsers ?? .allowed, topics: topics ?? [], userRoomRoles: userRoomRoles ?? [])
    }

    static func change(_ body: inout FieldReader) -> TenantChange? {
        TenantChange(
            displayName: body.string("display_name", bytes: displayNameBytes), providers: body.object("providers", providers),
            defaultProvider: body.oneOf("default_provider", ProviderKind.self), openRoomsMax: body.object("limits", limits),
            userTokens: removable("user_tokens", &body, userTokens), remoteCheck: removable("remote_check", &body, remoteCheck),
            unknownUsers: body.object("users", users), topics: topics(&body), userRoomRoles: userRoomRoles(&body))
    }

    private static func limits(_ reader: inout FieldReader) -> Int? {
        reader.integer("rooms_open_max", in: Limits.openRoomsMax.asInt64).map(Int.init)
    }

    private static func providers(_ reader: inout FieldReader) -> ProviderSettings? {
        let livekit = reader.object("livekit", livekit)
        let agora = reader.object("agora", agora)
        if livekit == nil, agora == nil, !reader.hasFaults { reader.fault(nil, .tooShort, "names at least one provider") }
        return ProviderSettings(livekit: livekit, agora: agora)
    }

    private static func livekit(_ reader: inout FieldReader) -> ProviderSettings.LiveKit? {
        let url = reader.requiredParsed("server_url") { text in try ServerURL(text).text }
        let key = reader.requiredString("api_key", bytes: 1...64)
        let previous = reader.object("previous_api_secret", secret)
        let secret = reader.requiredObject("api_secret", secret)
        guard let url, let key, let secret else { return nil }
        return ProviderSettings.LiveKit(serverURL: url, apiKey: key, apiSecret: secret, previousAPISecret: previous)
    }

    private static func agora(_ reader: inout FieldReader) -> ProviderSettings.Agora? {
        let appID = reader.requiredString("app_id", bytes: AgoraCredentials.digitCount...AgoraCredentials.digitCount)
        if let appID, !AgoraCredentials.isHexadecimal(appID.utf8) { reader.fault("app_id", .invalid, "is 32 hexadecimal digits") }
        let certificate = reader.requiredObject("app_certificate", secret)
        let previous = reader.object("previous_app_certificate", secret)
        let identity = reader.oneOf("identity", ProviderSettings.Agora.Identity.self)
        let version = reader.oneOf("token_version", ProviderSettings.Agora.TokenVersion.self)
        guard let appID, let certificate else { return nil }
        return ProviderSettings.Agora(
            appID: appID, appCertificate: certificate, previousAppCertificate: previous, identity: identity ?? .account,
            tokenVersion: version ?? .current)
    }

    static func secret(_ reader: inout FieldReader) -> SecretReference? {
        let environment = reader.parsed("env") { text in try SecretReference(environment: text) }
        let file = reader.parsed("file") { text in try SecretReference(file: text) }
        if environment != nil, file != nil {
            reader.fault(nil, .invalid, "names an environment variable or a file, not both")
        }
        if environment == nil, file == nil, !reader.hasFaults {
            reader.fault(nil, .missing, "names an environment variable (env) or a file (file)")
        }
        return environment ?? file
    }
}

/// The shape of an address that clients connect to: `ws://` or `wss://`, a host, at most 512 bytes, nothing that could be a credential.
private struct ServerURL {
    struct Malformed: Error, CustomStringConvertible {
        let description = "is a ws:// or wss:// address of at most 512 bytes, without user, query or fragment"
    }

    let text: String

    init(_ text: String) throws(Malformed) {
        let scheme = ["wss://", "ws://"].first { text.hasPrefix($0) }
        guard let scheme, text.utf8.count <= 512, text.utf8.count > scheme.utf8.count,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains(where: { "@?#\\\"<>".contains($0) }),
            text.dropFirst(scheme.count).first != "/"
        else { throw Malformed() }
        self.text = text
    }
}
