public import StrictJSON
import Tokens

/// What a security review asks of the contract, asked of its text alone.
///
/// Nothing of the service is looked at: a document goes in, and who may call what, what a minted token then says, and every fault come
/// out. That the service does as the document says is for the tests. What is absent, or cannot be judged, is a fault, never a pass.
public struct ContractAudit: Sendable {
    /// Operation -> caller -> token, in the order of the document.
    public let matrix: ContractMatrix
    /// Empty where a review finds nothing. First those of operations, then scopes, then profiles.
    public let faults: [ContractFault]

    public init(_ document: JSONValue) {
        let (operations, unreadable) = ContractOperation.all(in: document)
        matrix = ContractMatrix(operations, document)
        let parts = Parts(document)
        guard !operations.isEmpty else {
            faults = unreadable
            return
        }
        faults =
            unreadable + operations.flatMap { Self.accessFaults(of: $0, parts) + Self.tokenFaults(of: $0, parts) }
            + Self.scopeFaults(operations, parts) + Self.profileFaults(operations, parts)
    }

    /// The review of the contract that this service serves.
    /// - Throws: `YAMLError` where it cannot be read, which is a mistake of the build.
    public static func served() throws(YAMLError) -> ContractAudit {
        ContractAudit(try YAMLDocument.value(of: ContractDocument.yaml))
    }

    /// The lists of the document that operations refer to by name.
    struct Parts {
        let schemes: JSONObject
        let scopes: JSONObject
        let profiles: JSONObject
        let credentials: JSONObject

        init(_ document: JSONValue) {
            func list(_ name: String) -> JSONObject { document["components"]?[name]?.objectValue ?? [:] }
            schemes = list("securitySchemes")
            scopes = list("x-scopes")
            profiles = list("x-token-profiles")
            credentials = list("x-credentials")
        }
    }

    /// The refusals that an operation declares each by its own status: whoever asks may ask too often, and where a credential is asked for
    /// it may be bad, or of too little scope.
    static func refusals(of operation: ContractOperation) -> [String] {
        if operation.isPublic { return ["429"] }
        return operation.takesAnyCredential ? ["401", "429"] : ["401", "403", "429"]
    }

    /// The longest that a token may open anything, in seconds.
    static let lifetimeSecondsMax: Int64 = 3600

    /// What is known of a provider's tokens. Others cannot be judged.
    struct Provider: Sendable {
        /// How long its servers take a token after its end, in seconds.
        let leewaySeconds: Int
        /// What binds a token to one room and one identity.
        let pins: [String]
        /// The one member of `grants`.
        let grants: String
        /// What has to be a yes or a no there.
        let permissions: [String]
        /// What has to be a no for a participant.
        let forbidden: [String]
        /// What else stands there.
        let others: [String]
    }

    static let providers: [String: Provider] = [
        "livekit": Provider(
            leewaySeconds: LiveKitVerifier.leewaySeconds, pins: ["room", "identity"], grants: "video",
            permissions: ["canPublish", "canPublishData", "canSubscribe", "roomJoin"],
            forbidden: [
                "agent", "canManageAgentSession", "canSubscribeMetrics", "canUpdateOwnMetadata", "hidden", "ingressAdmin", "recorder",
                "roomAdmin", "roomCreate", "roomList", "roomRecord",
            ], others: ["canPublishSources", "room"]),
        "agora": Provider(
            leewaySeconds: 0, pins: ["channel", "uid"], grants: "rtc",
            permissions: ["joinChannel", "publishAudioStream", "publishDataStream", "publishVideoStream"], forbidden: [], others: []),
    ]
}

/// A fault where the statement does not hold, and nothing otherwise.
func unless(
    _ holds: Bool, _ kind: ContractFault.Kind, _ place: String, _ detail: @autoclosure () -> String
) -> [ContractFault] {
    holds ? [] : [ContractFault(kind: kind, place: place, detail: detail())]
}
