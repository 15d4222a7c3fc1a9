import Foundation
import Gateway
import Tokens
import Vocabulary

/// The credentials of one provider from the environment, under the names that the providers' own tools use.
///
/// LiveKit: `LIVEKIT_API_KEY`, `LIVEKIT_API_SECRET` or `LIVEKIT_API_SECRET_FILE`. Agora: `AGORA_APP_ID`, `AGORA_APP_CERTIFICATE` or
/// `AGORA_APP_CERTIFICATE_FILE`.
enum ProviderCredentials {
    static func livekit(_ environment: [String: String]) throws -> LiveKitCredentials? {
        guard let key = environment["LIVEKIT_API_KEY"], let secret = try secret("LIVEKIT_API_SECRET", environment) else { return nil }
        return try usable { () throws(TokenError) in try LiveKitCredentials(apiKey: key, secret: secret) }
    }

    static func agora(_ environment: [String: String]) throws -> AgoraCredentials? {
        guard let appID = environment["AGORA_APP_ID"], let certificate = try secret("AGORA_APP_CERTIFICATE", environment) else {
            return nil
        }
        return try usable { () throws(TokenError) in try AgoraCredentials(appID: appID, certificate: certificate) }
    }

    /// What the inspector may check signatures with: whatever is set.
    static func inspectionKeys(_ environment: [String: String]) throws -> [InspectionKey] {
        var keys: [InspectionKey] = []
        if let key = environment["LIVEKIT_API_KEY"], let secret = try secret("LIVEKIT_API_SECRET", environment) {
            keys.append(.livekit(apiKey: key, secret: secret))
        }
        if let credentials = try agora(environment) { keys.append(.agora(credentials)) }
        return keys
    }

    /// A secret under its name or in the file under `NAME_FILE`, not both.
    private static func secret(_ name: String, _ environment: [String: String]) throws -> Secret? {
        let file = environment["\(name)_FILE"]
        guard environment[name] == nil || file == nil else { throw Refusal.misuse("set \(name) or \(name)_FILE, not both") }
        let files = SecretFiles(environment: environment)
        do {
            if environment[name] != nil { return try files.secret(SecretReference(environment: name)) }
            guard let file else { return nil }
            let path = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
            return try files.secret(SecretReference(file: path))
        } catch {
            throw Refusal.misuse("\(name): \(error)")
        }
    }

    private static func usable<Credentials>(_ make: () throws(TokenError) -> Credentials) throws -> Credentials {
        do {
            return try make()
        } catch {
            throw Refusal.misuse("\(error)")
        }
    }
}
