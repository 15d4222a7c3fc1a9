internal import StrictJSON

// What a LiveKit token brings along beside `video`: grants on services, attributes, and what the room is created with.
extension LiveKitInspection {
    static let services = ["sip", "agent", "inference", "observability", "agentEndpoint", "agentThread"]

    private static let kinds = ["standard", "ingress", "egress", "sip", "agent", "connector", "bridge"]
    private static let metadataBytesMax = 64_000
    private static let attributesBytesMax = 64 * 1024

    mutating func addExtras() {
        addServices()
        addKind()
        addTexts()
        addAttributes()
        if let config = payload.present("roomConfig") { addRoomConfig(config) }
        if isJoin, text("roomPreset")?.isEmpty == false {
            findings.note(
                "room_preset", "The room is created from a preset of the server's configuration, which may record it or send agents.")
        }
    }

    private mutating func addServices() {
        for service in Self.services {
            guard let grant = payload.present(service) else { continue }
            guard let object = grant.objectValue else {
                findings.warning("grant_malformed", "\(service) is not an object: LiveKit's server refuses the whole token.")
                continue
            }
            let isUsed = object.members.contains { $0.value == true }
            if isJoin, isUsed {
                findings.danger(
                    "service_grant_for_person", "A token for joining a room also carries \(service) permissions, which are for servers.")
            }
        }
        if let sip = payload["sip"]?.objectValue, sip["admin"] == nil || sip["call"] == nil {
            findings.note("sip_incomplete", "LiveKit's Rust reader needs both sip.admin and sip.call.")
        }
    }

    private mutating func addKind() {
        guard let kind = text("kind"), kind != "standard" else { return }
        if !Self.kinds.contains(kind) {
            findings.note("unknown_kind", "The kind \(FindingList.quoted(kind)) is not known and counts as standard. Kinds are lower case.")
        } else if isJoin {
            findings.warning(
                "kind_not_standard", "The holder joins as \(kind): others, and the server's count of participants, do not see a person.")
        }
    }

    private mutating func addTexts() {
        if let metadata = text("metadata"), metadata.utf8.count > Self.metadataBytesMax {
            findings.warning("metadata_too_long", "The metadata is longer than 64,000 bytes: LiveKit 1.11 refuses it.")
        }
        if let name = text("name"), name.utf8.count > 256 {
            findings.warning("name_too_long", "The name is longer than 256 bytes: LiveKit refuses it.")
        }
    }

    private mutating func addAttributes() {
        guard let value = payload.present("attributes") else { return }
        guard let attributes = value.objectValue else {
            findings.warning("attribute_not_text", "attributes is not an object: LiveKit's server refuses the whole token.")
            return
        }
        if attributes.members.contains(where: { $0.value != .null && $0.value.stringValue == nil }) {
            findings.warning("attribute_not_text", "An attribute is not text: LiveKit's server refuses the whole token.")
        }
        let bytes = attributes.members.reduce(0) { $0 + $1.name.utf8.count + ($1.value.stringValue?.utf8.count ?? 0) }
        if bytes > Self.attributesBytesMax {
            findings.warning("attributes_too_long", "The attributes are longer than 64 KiB: LiveKit refuses them.")
        }
    }

    /// The members that LiveKit 1.11 knows, in both spellings that protobuf's JSON takes.
    private static let roomConfigMembers: Set<String> = [
        "name", "emptyTimeout", "empty_timeout", "departureTimeout", "departure_timeout", "maxParticipants", "max_participants", "metadata",
        "egress", "minPlayoutDelay", "min_playout_delay", "maxPlayoutDelay", "max_playout_delay", "syncStreams", "sync_streams", "agents",
        "tags",
    ]
    private static let agentMembers: Set<String> = ["agentName", "agent_name", "metadata"]

    private mutating func addRoomConfig(_ config: JSONValue) {
        guard let object = config.objectValue else {
            findings.warning("room_config_malformed", "roomConfig is not an object: LiveKit's server refuses the whole token.")
            return
        }
        var unknown = object.members.map(\.name).filter { !Self.roomConfigMembers.contains($0) }
        let agents = object.present("agents")?.arrayValue ?? []
        for agent in agents {
            unknown += (agent.objectValue?.members ?? []).map(\.name).filter { !Self.agentMembers.contains($0) }.map { "agents." + $0 }
        }
        if !unknown.isEmpty {
            findings.warning(
                "room_config_unknown_field",
                "roomConfig has \(FindingList.listed(unknown)), for which LiveKit 1.11 refuses the whole token.")
        }
        if object.present("egress") != nil {
            findings.danger(
                "room_config_egress",
                "roomConfig.egress records the room as soon as it is created, without any permission to record. "
                    + "Never pass on a roomConfig that a client sent.")
        }
        if !agents.isEmpty {
            findings.warning(
                "room_config_agents", "roomConfig.agents sends agents into the room when it is created, any agent of the server.")
        }
        findings.note(
            "room_config_first_only", "roomConfig counts only if this join creates the room; in a room that exists it is ignored.")
    }
}
