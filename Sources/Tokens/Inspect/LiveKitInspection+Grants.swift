internal import StrictJSON

// What a LiveKit token allows, and what of that nobody wanted. The cases are those that people ran into: see the messages.
extension LiveKitInspection {
    mutating func addVideo() {
        guard let value = payload.present("video") else {
            addMissingVideo()
            return
        }
        guard let video = value.objectValue else {
            findings.warning("video_malformed", "video is not an object: LiveKit's server refuses the whole token.")
            return
        }
        addNames(of: video)
        addTypes(of: video)
        addServerWide(video)
        addRoom(video)
        addMedia(video)
        addOddities(video)
    }

    private mutating func addMissingVideo() {
        if payload["room_join"] != nil || payload["roomJoin"] != nil || payload["room"] != nil {
            findings.warning(
                "grants_outside_video", "Permissions stand beside \"video\" instead of in it: they are ignored, and LiveKit answers 401.")
        } else if text("sha256") != nil {
            findings.note("webhook_token", "This signs a webhook of LiveKit's (sha256 of the body). It opens no room.")
        } else if !Self.services.contains(where: { payload.present($0) != nil }) {
            findings.warning("no_permissions", "The token has no permissions: LiveKit answers 401, \"no permissions to access the room\".")
        }
    }

    private mutating func addNames(of video: JSONObject) {
        let known = Set(LiveKitVideoGrant.flags.map(\.name) + LiveKitVideoGrant.texts.map(\.name) + LiveKitVideoGrant.lists.map(\.name))
        let unknown = video.members.map(\.name).filter { !known.contains($0) }
        if unknown.contains("roomName") {
            findings.danger(
                "room_name_typo", "\"roomName\" is ignored; the room is named by \"room\". This token is not bound to that room.")
        }
        let snake = unknown.filter { $0.contains("_") }
        if !snake.isEmpty {
            findings.warning("snake_case_grant", "\(FindingList.listed(snake)): permissions are written like roomJoin. These are ignored.")
        }
        let rest = unknown.filter { !$0.contains("_") && $0 != "roomName" }
        if !rest.isEmpty {
            findings.warning("unknown_grant", "\(FindingList.listed(rest)): LiveKit knows no such permission and ignores it.")
        }
    }

    private mutating func addTypes(of video: JSONObject) {
        for (name, _) in LiveKitVideoGrant.flags {
            if let value = video.present(name), value.boolValue == nil {
                findings.warning("grant_malformed", "video.\(name) is not true or false: LiveKit's server refuses the whole token.")
            }
        }
        for (name, _) in LiveKitVideoGrant.texts {
            if let value = video.present(name), value.stringValue == nil {
                findings.warning("grant_malformed", "video.\(name) is not text: LiveKit's server refuses the whole token.")
            }
        }
        if let value = video.present("canPublishSources"), value.arrayValue?.allSatisfy({ $0.stringValue != nil }) != true {
            findings.warning("grant_malformed", "video.canPublishSources is not a list of texts: LiveKit's server refuses the whole token.")
        }
    }

    /// The four that no room name narrows. Seen in the wild in tokens for browsers, where one tenant deleted another's room.
    private mutating func addServerWide(_ video: JSONObject) {
        let meanings = [
            ("roomCreate", "creates and deletes any room of the server"), ("roomList", "lists all rooms of the server"),
            ("roomRecord", "records any room of the server"), ("ingressAdmin", "administers all ingress of the server"),
        ]
        for (name, meaning) in meanings where video[name] == true {
            findings.danger(
                "server_wide_grant",
                "\(name) \(meaning), whatever \"room\" says. No person's token should have it; a server's for a minute.")
        }
    }

    private mutating func addRoom(_ video: JSONObject) {
        let room = video["room"]?.stringValue ?? ""
        if isJoin, room.isEmpty {
            findings.danger(
                "room_missing",
                "The token names no room: LiveKit answers 400, \"no room name\", and whoever fills in a room for it opens any.")
        }
        if isJoin, room == "*" {
            findings.warning("room_is_star", "The room is named \"*\". LiveKit has no wildcards: this is one room of that name.")
        }
        if room.utf8.count > 256 {
            findings.warning("room_name_too_long", "The room's name is longer than 256 bytes: LiveKit answers 400.")
        }
        if video["roomAdmin"] == true {
            if isJoin {
                findings.warning(
                    "room_admin", "roomAdmin lets this person mute, remove and rename everybody in the room and read its participants.")
            } else if room.isEmpty {
                findings.warning(
                    "admin_without_room", "roomAdmin names no room, and administers none: \"room\" must be the request's room.")
            }
        }
        let doors = ["roomJoin", "roomCreate", "roomList", "roomRecord", "roomAdmin", "ingressAdmin", "agent"]
        if doors.allSatisfy({ video[$0] != true }), !Self.services.contains(where: { payload.present($0) != nil }) {
            findings.warning("no_permissions", "The token permits nothing: without roomJoin LiveKit answers 401, \"permissions denied\".")
        }
    }

    private mutating func addMedia(_ video: JSONObject) {
        guard isJoin else { return }
        let canPublish = video.present("canPublish")?.boolValue
        if canPublish == nil {
            findings.warning("can_publish_absent", "canPublish is not there, which in LiveKit means yes. Write it out.")
        }
        if video.present("canSubscribe") == nil {
            findings.note("can_subscribe_absent", "canSubscribe is not there, which in LiveKit means yes.")
        }
        if video.present("canPublishData") == nil {
            findings.note(
                "can_publish_data_absent",
                "canPublishData is not there, which in LiveKit means as canPublish: \(canPublish != false ? "yes" : "no").")
        }
        let sources = video.present("canPublishSources")?.arrayValue?.compactMap(\.stringValue) ?? []
        let unknown = sources.filter { PublishSource(rawValue: $0) == nil }
        if !unknown.isEmpty {
            findings.warning(
                "unknown_source",
                "\(FindingList.listed(unknown)): no such source; it publishes nothing. "
                    + "Known: camera, microphone, screen_share, screen_share_audio."
            )
        }
        if canPublish == false, !sources.isEmpty {
            findings.note("sources_without_publish", "canPublish is false, which beats canPublishSources: nothing may be published.")
        } else if canPublish != false, sources.isEmpty {
            findings.note("all_sources", "canPublishSources is absent or empty, which means every source, the screen too.")
        }
    }

    private mutating func addOddities(_ video: JSONObject) {
        if video["canUpdateOwnMetadata"] == true {
            findings.warning(
                "can_update_own_metadata", "The person may change its own name, metadata and attributes: do not take decisions by them.")
        }
        if video["hidden"] == true { findings.warning("hidden", "The person is in the room without being seen by the others.") }
        if video["recorder"] == true { findings.warning("recorder", "The person counts as a recorder. That flag is deprecated.") }
        if video["agent"] == true {
            findings.danger("agent_worker", "The holder may register as an agent worker and will be sent jobs with the rooms of others.")
        }
        if video["canSubscribeMetrics"] == true { findings.note("can_subscribe_metrics", "The person may read the room's metrics.") }
        if video["canManageAgentSession"] == true {
            findings.note("can_manage_agent_session", "The person may control the agents of the room.")
        }
        if video["destinationRoom"]?.stringValue?.isEmpty == false {
            findings.note("destination_room", "destinationRoom lets an administrator move participants into that room (LiveKit Cloud).")
        }
    }
}
