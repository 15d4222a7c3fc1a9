internal import StrictJSON
public import Vocabulary

/// What one request of ours to a LiveKit server needs: the permissions that no person's token can carry.
///
/// Such a token is made for one request, lives for a minute at most and never leaves this service except to the LiveKit server itself.
/// `roomCreate`, `roomList`, `roomRecord` and `ingressAdmin` reach every room of that server: LiveKit cannot narrow them.
public struct LiveKitServerGrant: Sendable, Equatable {
    public private(set) var video = LiveKitVideoGrant()
    public private(set) var sip: LiveKitSIPGrant?
    public private(set) var agent: LiveKitAgentGrant?
    public private(set) var inference: LiveKitInferenceGrant?
    public private(set) var observability: LiveKitObservabilityGrant?

    /// The longest life of a server token, which is also the usual one.
    public static let lifetimeSecondsMax = 60

    private init(_ build: (inout LiveKitServerGrant) -> Void) {
        build(&self)
    }

    /// For CreateRoom and DeleteRoom: any room of the server.
    public static let createAndDeleteRooms = LiveKitServerGrant { $0.video.roomCreate = true }

    /// For ListRooms: all rooms of the server.
    public static let listRooms = LiveKitServerGrant { $0.video.roomList = true }

    /// For egress: recording any room of the server.
    public static let recordRooms = LiveKitServerGrant { $0.video.roomRecord = true }

    /// For ingress: all of the server.
    public static let administerIngress = LiveKitServerGrant { $0.video.ingressAdmin = true }

    /// For the participants, data and metadata of one room.
    public static func administer(_ room: RoomName) -> LiveKitServerGrant {
        LiveKitServerGrant {
            $0.video.roomAdmin = true
            $0.video.room = room.text
        }
    }

    /// For moving or forwarding participants from one room to another (LiveKit Cloud only).
    public static func administer(_ room: RoomName, movingTo destination: RoomName) -> LiveKitServerGrant {
        LiveKitServerGrant {
            $0.video.roomAdmin = true
            $0.video.room = room.text
            $0.video.destinationRoom = destination.text
        }
    }

    /// For telephony. Both members are written, because LiveKit's Rust reader needs both.
    public static func telephony(administer: Bool, call: Bool) -> LiveKitServerGrant {
        LiveKitServerGrant { $0.sip = LiveKitSIPGrant(admin: administer, call: call) }
    }

    /// For the agents of the server.
    public static func agents(_ grant: LiveKitAgentGrant) -> LiveKitServerGrant {
        LiveKitServerGrant { $0.agent = grant }
    }

    /// For running models (LiveKit Cloud only).
    public static let performInference = LiveKitServerGrant {
        $0.inference = LiveKitInferenceGrant()
        $0.inference?.perform = true
    }

    /// For sending telemetry (LiveKit Cloud only).
    public static let writeObservability = LiveKitServerGrant {
        $0.observability = LiveKitObservabilityGrant()
        $0.observability?.write = true
    }
}

extension LiveKitCredentials {
    /// A token for one request to the LiveKit server. It has no identity: nobody can join with it.
    ///
    /// - Parameter lifetimeSeconds: 1...60.
    /// - Throws: ``TokenError/grantRefused(_:_:)`` for another lifetime.
    public func serverToken(
        _ grant: LiveKitServerGrant, issuedAt: UnixTime, lifetimeSeconds: Int = LiveKitServerGrant.lifetimeSecondsMax
    ) throws(TokenError) -> String {
        guard (1...LiveKitServerGrant.lifetimeSecondsMax).contains(lifetimeSeconds) else {
            throw .grantRefused(.lifetimeSeconds, "a server token lives 1 to \(LiveKitServerGrant.lifetimeSecondsMax) seconds")
        }
        var claims = LiveKitClaims()
        claims.issuedAt = issuedAt
        claims.notBefore = issuedAt
        claims.expiresAt = issuedAt + lifetimeSeconds
        claims.video = grant.video == LiveKitVideoGrant() ? nil : grant.video
        claims.sip = grant.sip
        claims.agent = grant.agent
        claims.inference = grant.inference
        claims.observability = grant.observability
        return sign(claims)
    }

    /// Signs any claims under this API key. Not public: what leaves this room goes through a grant that says who it is for.
    func sign(_ claims: LiveKitClaims) -> String {
        var claims = claims
        claims.issuer = apiKey
        return JWTText.sign(header: JWTText.header, payload: claims.jsonValue.canonicalBytes, key: key)
    }
}
