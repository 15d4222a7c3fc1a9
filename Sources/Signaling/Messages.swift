import Calls
import SocketIO
import StrictJSON
import Switchboard
import Tokens
import Vocabulary

// The payloads of events and acknowledgements, written piece by piece with their names in order. `ServerEvent.fields` and
// `ClientEvent.acknowledgementFields` say what may stand in them, and every frame of the tests is compared with those.

extension Dialect {
    /// An event of the service in this dialect; nil where the dialect has no name for it.
    func message(_ event: ServerEvent, _ write: (inout JSONWriter) -> Void) -> SocketIOMessage? {
        serverNames[event].map { name in
            SocketIOMessage(name, namespace: namespace) { json in
                json.beginObject()
                write(&json)
                json.endObject()
            }
        }
    }

    func connected(_ member: Membership, at now: UnixTime) -> SocketIOMessage? {
        message(.connected) { json in
            json.member("deviceId", member.device.text)
            json.member("message", "Connected")
            json.member("timestamp", now.rfc3339)
            json.member("tokenExpiresAt", (member.caller.expiresAt ?? now).rfc3339)
            json.member("userId", member.user.text)
            json.member("userType", member.caller.roles.first ?? "user")
        }
    }

    func error(_ refusal: Refusal) -> SocketIOMessage? {
        message(.error) { json in
            json.member("code", refusal.code.rawValue)
            json.member("message", refusal.message)
            if let seconds = refusal.retryAfter { json.member("retryAfter", Int64(seconds)) }
        }
    }

    /// Somebody came or went.
    func presence(of user: UserID, isOnline: Bool, at now: UnixTime) -> SocketIOMessage? {
        message(isOnline ? .userOnline : .userOffline) { json in
            if !isOnline && offlineMomentField == "lastSeen" {
                json.member("lastSeen", now.rfc3339)
            } else {
                json.member("timestamp", now.rfc3339)
            }
            json.member("userId", user.text)
        }
    }

    /// An event of the app's own.
    func app(_ event: AppEvent) -> SocketIOMessage {
        SocketIOMessage(event.name.text, [event.data], namespace: namespace)
    }

    // MARK: Calls

    func incoming(_ call: Call, from name: String?) -> SocketIOMessage? {
        guard let caller = call.caller?.user else { return nil }
        return message(.incoming) { json in
            json.member("callId", call.id.text)
            json.member("callType", call.media.rawValue)
            json.member("callerId", caller.text)
            json.member("callerName", name ?? caller.text)
            json.member("channelName", call.room.text)
            json.member("expiresAt", call.ringDeadline.rfc3339)
            if let metadata = call.metadata { json.member("metadata", metadata) }
            json.member("timestamp", call.placedAt.rfc3339)
        }
    }

    func ringing(_ call: CallID, at now: UnixTime) -> SocketIOMessage? {
        message(.ringing) { json in
            json.member("callId", call.text)
            json.member("timestamp", now.rfc3339)
        }
    }

    func accepted(_ call: Call, _ join: Join?) -> SocketIOMessage? {
        message(.accepted) { json in
            if let join { json.agoraToken(of: join) }
            json.member("callId", call.id.text)
            if let join { json.member("join", join) }
            json.member("timestamp", (call.acceptedAt ?? call.placedAt).rfc3339)
        }
    }

    /// Any of those that say no more than why.
    func over(_ event: ServerEvent, _ call: Call, reason: String) -> SocketIOMessage? {
        message(event) { json in
            json.member("callId", call.id.text)
            json.member("reason", reason)
            json.member("timestamp", (call.ending?.at ?? call.acceptedAt ?? call.placedAt).rfc3339)
        }
    }

    func ended(_ call: Call, _ ending: Call.Ending) -> SocketIOMessage? {
        message(.ended) { json in
            json.member("callId", call.id.text)
            json.name(fixed: "endedBy")
            if let user = ending.by { json.string(user.text) } else { json.null() }
            if let note = ending.note { json.member("note", note) }
            json.member("reason", ending.reason.rawValue)
            json.member("timestamp", ending.at.rfc3339)
        }
    }

    func busy(_ callee: UserID, _ id: CallID?, at now: UnixTime) -> SocketIOMessage? {
        message(.busy) { json in
            if let id { json.member("callId", id.text) }
            json.member("calleeId", callee.text)
            json.member("timestamp", now.rfc3339)
        }
    }

    func state(_ call: Call, at now: UnixTime) -> SocketIOMessage? {
        guard let caller = call.caller?.user, let callee = call.callees.first?.user else { return nil }
        return message(.state) { json in
            json.member("callId", call.id.text)
            json.member("callType", call.media.rawValue)
            json.member("calleeId", callee.text)
            json.member("callerId", caller.text)
            json.member("channelName", call.room.text)
            if call.state == .ringing { json.member("expiresAt", call.ringDeadline.rfc3339) }
            json.member("state", call.state.rawValue)
            json.member("timestamp", now.rfc3339)
        }
    }

    func callOnly(_ event: ServerEvent, _ call: CallID) -> SocketIOMessage? {
        message(event) { json in json.member("callId", call.text) }
    }
}

extension Outcome {
    /// Writes the acknowledgement.
    func write(into json: inout JSONWriter) {
        json.beginObject()
        switch self {
        case .placed(let call, let join, let isOffline):
            if call.state == .active { json.member("accepted", true) }
            if let join { json.agoraToken(of: join) }
            json.member("callId", call.id.text)
            json.member("channelName", call.room.text)
            if call.state == .ringing { json.member("expiresAt", call.ringDeadline.rfc3339) }
            if let join { json.member("join", join) }
            json.member("success", true)
            if isOffline { json.member("useFcmFallback", true) }
        case .accepted(let call, let join):
            json.agoraToken(of: join)
            json.member("callId", call.id.text)
            json.member("join", join)
            json.member("success", true)
        case .token(let id, let join):
            json.agoraToken(of: join)
            json.member("callId", id.text)
            json.member("join", join)
            json.member("success", true)
        case .moved(let call, _):
            json.member("callId", call.id.text)
            json.member("success", true)
        case .alive(let now):
            json.member("success", true)
            json.member("timestamp", now.rfc3339)
        case .listening, .silent:
            json.member("success", true)
        case .refreshed(let caller):
            json.member("expiresAt", (caller.expiresAt ?? UnixTime(0)).rfc3339)
            json.member("success", true)
        case .refused(let refusal):
            refusal.write(into: &json)
        }
        json.endObject()
    }
}

extension Refusal {
    fileprivate func write(into json: inout JSONWriter) {
        if isBusy { json.member("busy", true) }
        json.member("code", code.rawValue)
        json.member("error", message)
        if let seconds = retryAfter { json.member("retryAfter", Int64(seconds)) }
        json.member("success", false)
        if wantsPush { json.member("useFcmFallback", true) }
    }

    /// The data of a CONNECT_ERROR.
    var connectData: JSONObject {
        var data: JSONObject = ["code": .string(code.rawValue)]
        if let seconds = retryAfter { data["retryAfter"] = .integer(Int64(seconds)) }
        return data
    }
}

extension JSONWriter {
    mutating func member(_ name: StaticString, _ join: Join) {
        self.name(fixed: name)
        join.write(into: &self)
    }

    /// The token once more, where clients of Agora look for it.
    mutating func agoraToken(of join: Join) {
        switch join.minted.provider {
        case .agora: member("agoraToken", join.minted.token)
        case .livekit: break
        }
    }
}
