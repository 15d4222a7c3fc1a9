/// What a LiveKit token allows in telephony: its `sip` claim. LiveKit's Rust reader needs both members.
public struct LiveKitSIPGrant: LiveKitGrantObject {
    public var admin: Bool?
    public var call: Bool?

    public init() {}

    public init(admin: Bool, call: Bool) {
        self.admin = admin
        self.call = call
    }

    public static var flags: [(name: String, path: Flag)] { [("admin", \.admin), ("call", \.call)] }
}

/// What a LiveKit token allows on agents: its `agent` claim.
public struct LiveKitAgentGrant: LiveKitGrantObject {
    public var admin: Bool?
    public var simulationAdmin: Bool?
    public var databaseAdmin: Bool?
    public var dispatchAdmin: Bool?

    public init() {}

    public static var flags: [(name: String, path: Flag)] {
        [
            ("admin", \.admin), ("databaseAdmin", \.databaseAdmin), ("dispatchAdmin", \.dispatchAdmin),
            ("simulationAdmin", \.simulationAdmin),
        ]
    }
}

/// What a LiveKit token allows on models: its `inference` claim.
public struct LiveKitInferenceGrant: LiveKitGrantObject {
    public var perform: Bool?

    public init() {}

    public static var flags: [(name: String, path: Flag)] { [("perform", \.perform)] }
}

/// What a LiveKit token allows on telemetry: its `observability` claim.
public struct LiveKitObservabilityGrant: LiveKitGrantObject {
    public var write: Bool?

    public init() {}

    public static var flags: [(name: String, path: Flag)] { [("write", \.write)] }
}

/// Which agent a LiveKit token may call: its `agentEndpoint` claim.
public struct LiveKitAgentEndpointGrant: LiveKitGrantObject {
    public var call: Bool?
    public var agentName: String?
    public var deployment: String?

    public init() {}

    public static var flags: [(name: String, path: Flag)] { [("call", \.call)] }
    public static var texts: [(name: String, path: Text)] { [("agentName", \.agentName), ("deployment", \.deployment)] }
}

/// Which agent threads a LiveKit token may touch: its `agentThread` claim.
public struct LiveKitAgentThreadGrant: LiveKitGrantObject {
    public var all: Bool?
    public var scope: String?
    public var threadIds: [String]?
    public var list: Bool?
    public var create: Bool?
    public var write: Bool?
    public var read: Bool?
    public var delete: Bool?

    public init() {}

    public static var flags: [(name: String, path: Flag)] {
        [
            ("all", \.all), ("create", \.create), ("delete", \.delete), ("list", \.list), ("read", \.read), ("write", \.write),
        ]
    }

    public static var texts: [(name: String, path: Text)] { [("scope", \.scope)] }
    public static var lists: [(name: String, path: List)] { [("threadIds", \.threadIds)] }
}
