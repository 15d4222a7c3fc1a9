import StrictJSON
import Vocabulary

/// What a client asked for, with every field read and within its bounds.
enum ClientRequest: Sendable, Equatable {
    case initiate(Initiation)
    case accept(CallID)
    case reject(CallID, note: String?)
    case cancel(CallID, note: String?)
    case end(CallID, note: String?)
    case token(CallID)
    case heartbeat
    case joinUserRoom(UserID)
    case leaveUserRoom(UserID)
    case joinTopic(TopicName)
    case leaveTopic(TopicName)
    case refreshToken(String)

    /// A call that somebody wants to place.
    struct Initiation: Sendable, Equatable {
        let callee: UserID
        let media: CallMedia
        let id: CallID?
        let allowsOffline: Bool
        /// Milliseconds since 1970, by the service's clock as the client knows it.
        let sentAt: Double?
        let metadata: String?
    }

    /// Reads the payload of an event. Fields that mean nothing here are ignored.
    init(_ event: ClientEvent, _ arguments: [JSONValue], in dialect: Dialect) throws(Refusal) {
        let payload: Payload
        switch arguments.first {
        case .object(let object)?: payload = Payload(object: object)
        case nil, .null?: payload = Payload(object: [:])
        case .bool?, .integer?, .real?, .string?, .array?: throw .invalid("The payload has to be an object.")
        }
        switch event {
        case .initiate: self = .initiate(try Self.initiation(payload, in: dialect))
        case .accept: self = .accept(try payload.callID())
        case .reject: self = .reject(try payload.callID(), note: try payload.note())
        case .cancel: self = .cancel(try payload.callID(), note: try payload.note())
        case .end: self = .end(try payload.callID(), note: try payload.note())
        case .token: self = .token(try payload.callID())
        case .heartbeat: self = .heartbeat
        case .joinUserRoom: self = .joinUserRoom(try payload.user("userId"))
        case .leaveUserRoom: self = .leaveUserRoom(try payload.user("userId"))
        case .joinTopic: self = .joinTopic(try payload.topic())
        case .leaveTopic: self = .leaveTopic(try payload.topic())
        case .refreshToken: self = .refreshToken(try payload.token())
        }
    }

    private static func initiation(_ payload: Payload, in dialect: Dialect) throws(Refusal) -> Initiation {
        Initiation(
            callee: try payload.user(dialect.receiverField), media: try payload.media(), id: try payload.optionalCallID(),
            allowsOffline: try payload.flag("allowOffline"), sentAt: try payload.number("sentAt"),
            metadata: try payload.text("metadata", bytesMax: Limits.callMetadataBytesMax))
    }
}

/// The fields of one payload. A field that is null is one that is not there.
struct Payload {
    let object: JSONObject

    private func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func text(_ name: String, bytesMax: Int) throws(Refusal) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.stringValue, text.utf8.count <= bytesMax else {
            throw .invalid("\(name) has to be a text of at most \(bytesMax) bytes.")
        }
        return text
    }

    func flag(_ name: String) throws(Refusal) -> Bool {
        guard let value = value(name) else { return false }
        guard let flag = value.boolValue else { throw .invalid("\(name) has to be true or false.") }
        return flag
    }

    func number(_ name: String) throws(Refusal) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.realValue else { throw .invalid("\(name) has to be a number.") }
        return number
    }

    func note() throws(Refusal) -> String? {
        try text("reason", bytesMax: Limits.endNoteBytesMax)
    }

    func token() throws(Refusal) -> String {
        guard let token = value("token")?.stringValue, !token.isEmpty else { throw .invalid("token has to be a text.") }
        return token
    }

    func media() throws(Refusal) -> CallMedia {
        switch try text("callType", bytesMax: 16) {
        case nil, "audio"?, "voice"?: .audio
        case "video"?: .video
        default: throw .invalid("callType has to be audio, voice or video.")
        }
    }

    func callID() throws(Refusal) -> CallID {
        guard let id = try optionalCallID() else { throw .invalid("callId is missing.") }
        return id
    }

    func optionalCallID() throws(Refusal) -> CallID? {
        guard let value = value("callId") else { return nil }
        return try word(value, "callId", CallID.init(_:))
    }

    func topic() throws(Refusal) -> TopicName {
        guard let value = value("topic") else { throw .invalid("topic is missing.") }
        return try word(value, "topic", TopicName.init(_:))
    }

    func user(_ name: String) throws(Refusal) -> UserID {
        guard let user = try optionalUser(name) else { throw .invalid("\(name) is missing.") }
        return user
    }

    /// A user's id: a text, or a whole number where the id is one.
    func optionalUser(_ name: String) throws(Refusal) -> UserID? {
        guard let value = value(name) else { return nil }
        if case .integer(let number) = value { return try word(.string(String(number)), name, UserID.init(_:)) }
        return try word(value, name, UserID.init(_:))
    }

    func device() throws(Refusal) -> DeviceID? {
        guard let value = value("deviceId") else { return nil }
        return try word(value, "deviceId", DeviceID.init(_:))
    }

    private func word<Word>(
        _ value: JSONValue, _ name: String, _ make: (String) throws(VocabularyError) -> Word
    ) throws(Refusal) -> Word {
        guard let text = value.stringValue else { throw .invalid("\(name) has to be a text.") }
        do throws(VocabularyError) {
            return try make(text)
        } catch {
            throw .invalid("\(name): \(error.description)")
        }
    }
}
