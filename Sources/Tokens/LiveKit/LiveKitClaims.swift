public import StrictJSON
public import Vocabulary

/// Everything a LiveKit access token can say, as a value: for server tokens, for verified tokens, and as the plain statement of what
/// ``LiveKitMinter`` writes faster.
///
/// Source: `auth/grants.go` of livekit/protocol and the SDKs of mid 2026. Unknown claims are ignored when reading.
public struct LiveKitClaims: Sendable, Equatable {
    /// `iss`: the API key, by which the server finds the secret.
    public var issuer: String?
    /// `sub`: the participant's identity.
    public var subject: String?
    /// `identity`: a copy that the Go library writes and nobody reads.
    public var identity: String?
    /// `jti`. The server takes it as the identity when `sub` is missing.
    public var tokenID: String?
    /// `iat`.
    public var issuedAt: UnixTime?
    /// `nbf`.
    public var notBefore: UnixTime?
    /// `exp`.
    public var expiresAt: UnixTime?
    public var name: String?
    public var metadata: String?
    /// A `null` value reads as the empty text, as in LiveKit's server.
    public var attributes: [JoinGrant.Attribute]?
    /// standard, ingress, egress, sip, agent, connector or bridge.
    public var kind: String?
    public var kindDetails: [String]?
    public var roomPreset: String?
    /// What the room is created with, when this join creates it: protojson, kept as it is.
    public var roomConfig: JSONValue?
    /// Webhooks only: the hash of the body.
    public var sha256: String?
    public var video: LiveKitVideoGrant?
    public var sip: LiveKitSIPGrant?
    public var agent: LiveKitAgentGrant?
    public var inference: LiveKitInferenceGrant?
    public var observability: LiveKitObservabilityGrant?
    public var agentEndpoint: LiveKitAgentEndpointGrant?
    public var agentThread: LiveKitAgentThreadGrant?

    /// Claims that say nothing.
    public init() {}

    private static var textClaims: [(name: String, path: WritableKeyPath<Self, String?>)] {
        [
            ("iss", \.issuer), ("sub", \.subject), ("identity", \.identity), ("jti", \.tokenID), ("name", \.name),
            ("metadata", \.metadata), ("kind", \.kind), ("roomPreset", \.roomPreset), ("sha256", \.sha256),
        ]
    }

    private static var timeClaims: [(name: String, path: WritableKeyPath<Self, UnixTime?>)] {
        [("exp", \.expiresAt), ("iat", \.issuedAt), ("nbf", \.notBefore)]
    }
}

extension LiveKitClaims {
    /// The payload of the token: the claims that are there, nothing else.
    public var jsonValue: JSONValue {
        var object = JSONObject()
        for (name, path) in Self.textClaims {
            if let text = self[keyPath: path] { object[name] = .string(text) }
        }
        for (name, path) in Self.timeClaims {
            if let time = self[keyPath: path] { object[name] = .integer(time.seconds) }
        }
        if let attributes {
            var members = JSONObject()
            for attribute in attributes { members[attribute.name] = .string(attribute.value) }
            object["attributes"] = .object(members)
        }
        if let kindDetails { object["kindDetails"] = .array(kindDetails.map(JSONValue.string)) }
        if let roomConfig { object["roomConfig"] = roomConfig }
        if let video { object["video"] = video.jsonValue }
        if let sip { object["sip"] = sip.jsonValue }
        if let agent { object["agent"] = agent.jsonValue }
        if let inference { object["inference"] = inference.jsonValue }
        if let observability { object["observability"] = observability.jsonValue }
        if let agentEndpoint { object["agentEndpoint"] = agentEndpoint.jsonValue }
        if let agentThread { object["agentThread"] = agentThread.jsonValue }
        return .object(object)
    }

    /// Reads the payload of a token.
    /// - Throws: ``TokenError/malformed(_:)`` when a known claim is of another type than LiveKit's server takes.
    public init(_ payload: JSONValue) throws(TokenError) {
        guard case .object(let object) = payload else { throw .malformed("the payload is not an object") }
        self.init()
        for (name, path) in Self.textClaims {
            self[keyPath: path] = try object.present(name)?.text(named: name)
        }
        for (name, path) in Self.timeClaims {
            self[keyPath: path] = try object.present(name)?.time(named: name)
        }
        if let value = object.present("attributes") { attributes = try Self.attributes(value) }
        if let value = object.present("kindDetails") { kindDetails = try value.texts(named: "kindDetails") }
        if let value = object.present("roomConfig") {
            guard case .object = value else { throw .malformed("roomConfig is not an object") }
            roomConfig = value
        }
        try readGrants(object)
    }

    private mutating func readGrants(_ object: JSONObject) throws(TokenError) {
        if let value = object.present("video") { video = try LiveKitVideoGrant(value, named: "video") }
        if let value = object.present("sip") { sip = try LiveKitSIPGrant(value, named: "sip") }
        if let value = object.present("agent") { agent = try LiveKitAgentGrant(value, named: "agent") }
        if let value = object.present("inference") { inference = try LiveKitInferenceGrant(value, named: "inference") }
        if let value = object.present("observability") { observability = try LiveKitObservabilityGrant(value, named: "observability") }
        if let value = object.present("agentEndpoint") { agentEndpoint = try LiveKitAgentEndpointGrant(value, named: "agentEndpoint") }
        if let value = object.present("agentThread") { agentThread = try LiveKitAgentThreadGrant(value, named: "agentThread") }
    }

    private static func attributes(_ value: JSONValue) throws(TokenError) -> [JoinGrant.Attribute] {
        guard case .object(let object) = value else { throw .malformed("attributes is not an object") }
        var attributes: [JoinGrant.Attribute] = []
        for member in object.members {
            let text = member.value == .null ? "" : try member.value.text(named: "an attribute")
            attributes.append(JoinGrant.Attribute(name: member.name, value: text))
        }
        return attributes
    }
}
