public import StrictJSON

// A token as JSON, for people and for the inspector's answer. The names are Agora's own.
extension AgoraToken {
    /// Everything the token says. Signature and text are not in it.
    public var jsonValue: JSONValue {
        switch content {
        case .accessToken2(let content): content.jsonValue
        case .accessToken(let content): content.jsonValue
        }
    }

    /// The four privileges of a channel, each true or false, as `grants` of a join has them; nil where the token opens no channel.
    /// Of several RTC services the first counts.
    public var grants: JSONValue? {
        let privileges: AgoraPrivileges
        switch content {
        case .accessToken2(let content):
            guard let service = content.services.first(where: { $0.kind == .rtc }) else { return nil }
            privileges = service.privileges
        case .accessToken(let content):
            guard content.privileges[1000] == nil || content.privileges[1] != nil else { return nil }
            privileges = content.privileges
        }
        return .object(JSONObject(zip(UInt16(1)..., AgoraService.Kind.rtc.privilegeNames).map { ($1, .bool(privileges[$0] != nil)) }))
    }
}

extension AgoraContent {
    var jsonValue: JSONValue {
        [
            "version": .string(AgoraToken.Version.accessToken2.rawValue),
            "app_id": .foreign(appID),
            "issue_ts": .integer(Int64(issuedAtSeconds)),
            "expire": .integer(Int64(lifetimeSeconds)),
            "salt": .integer(Int64(salt)),
            "services": .array(services.map(\.jsonValue)),
        ]
    }
}

extension AgoraAccessToken {
    var jsonValue: JSONValue {
        [
            "version": .string(AgoraToken.Version.accessToken.rawValue),
            "app_id": .foreign(appID),
            "ts": .integer(Int64(ts)),
            "salt": .integer(Int64(salt)),
            "privileges": privileges.jsonValue { Self.privilegeNames[$0] ?? String($0) },
            "crc_channel": .integer(Int64(channelChecksum)),
            "crc_uid": .integer(Int64(accountChecksum)),
        ]
    }
}

extension AgoraPrivileges {
    /// An object of names and expiries, as they stand in the token.
    fileprivate func jsonValue(_ name: (UInt16) -> String) -> JSONValue {
        .object(JSONObject(entries.map { (name($0.number), .integer(Int64($0.expiry))) }))
    }
}

extension AgoraService {
    fileprivate var jsonValue: JSONValue {
        var object: JSONObject = [
            "type": .integer(Int64(kind.rawValue)), "name": .string(kind.title), "privileges": privileges.jsonValue(kind.privilegeName),
        ]
        switch fields {
        case .rtc(let channel, let account):
            object["channel_name"] = .foreign(channel)
            object["uid"] = .foreign(account)
        case .streaming(let channel, let account), .fcdn(let channel, let account):
            object["channel_name"] = .foreign(channel)
            object["account"] = .foreign(account)
        case .rtm(let user), .chat(let user):
            object["user_id"] = .foreign(user)
        case .fpa:
            break
        case .apaas(let room, let user, let role):
            object["room_uuid"] = .foreign(room)
            object["user_uuid"] = .foreign(user)
            object["role"] = .integer(Int64(role))
        case .rtm2(let user, let permissions):
            object["user_id"] = .foreign(user)
            object["permissions"] = .array(permissions.entries.map(\.jsonValue))
        }
        return .object(object)
    }
}

extension AgoraRTM2Permissions.Entry {
    fileprivate var jsonValue: JSONValue {
        [
            "resource": .integer(Int64(resource)), "permission": .integer(Int64(permission)),
            "names": .array(names.map { .foreign($0) }),
        ]
    }
}

extension JSONValue {
    /// Text of a foreign token. It may hold NUL, which no JSON of ours does.
    fileprivate static func foreign(_ text: String) -> JSONValue {
        .string(text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text)
    }
}
