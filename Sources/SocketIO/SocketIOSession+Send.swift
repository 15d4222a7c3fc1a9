public import StrictJSON

extension SocketIOSession {
    /// Lets the client into the namespace that it asked for. False when it no longer asks.
    ///
    /// - Parameter sid: its public id there: random, and not the one of Engine.IO.
    @discardableResult
    public mutating func accept(_ namespace: String, sid: String, into actions: inout [SocketIOAction]) -> Bool {
        guard let index = index(of: namespace), memberships[index].stage == .asked else { return false }
        memberships[index].sid = sid
        memberships[index].stage = .joined
        connectDeadline = nil
        sendConnected(memberships[index], into: &actions)
        return true
    }

    /// Keeps the client out of the namespace that it asked for. False when it no longer asks.
    ///
    /// - Parameter data: for the program, beside the message for people: `{"code": ...}`.
    @discardableResult
    public mutating func refuse(
        _ namespace: String, message: String, data: JSONObject? = nil, into actions: inout [SocketIOAction]
    ) -> Bool {
        guard let index = index(of: namespace), memberships[index].stage == .asked else { return false }
        memberships.remove(at: index)
        refused(namespace, message: message, data: data, into: &actions)
        return true
    }

    /// Sends an event to the client, which must be in its namespace; else false. Also false where an acknowledgement is asked for and
    /// `SocketIOLimits.awaitedAcknowledgementsMax` are awaited already.
    @discardableResult
    public mutating func emit(
        _ message: SocketIOMessage, acknowledgement request: SocketIOAcknowledgementRequest? = nil, into actions: inout [SocketIOAction]
    ) -> Bool {
        guard joined(message.namespace) != nil else { return false }
        if let request {
            guard awaited.count < SocketIOLimits.awaitedAcknowledgementsMax else { return false }
            let id = takeID()
            awaited.append(Awaited(namespace: message.namespace, id: id, request: request))
            actions.append(.send(message.frame(id: id)))
        } else {
            actions.append(.send(message.frame))
        }
        for attachment in message.attachments { actions.append(.send(attachment)) }
        return true
    }

    /// Answers an event that asked for it. False when it was answered before, or nobody waits any more.
    @discardableResult
    public mutating func answer(
        _ id: UInt64, in namespace: String = "/", _ arguments: [JSONValue], attachments: [[UInt8]] = [],
        into actions: inout [SocketIOAction]
    ) -> Bool {
        answer(id, in: namespace, attachments: attachments, into: &actions) { writer in
            for argument in arguments { writer.value(argument) }
        }
    }

    /// Answers an event that asked for it; the arguments are written, one after the other, straight into the packet.
    @discardableResult
    public mutating func answer(
        _ id: UInt64, in namespace: String = "/", attachments: [[UInt8]] = [], into actions: inout [SocketIOAction],
        arguments write: (inout JSONWriter) -> Void
    ) -> Bool {
        guard let found = owed.firstIndex(of: Owed(namespace: namespace, id: id)) else { return false }
        if owed.count == 1 { owed = [] } else { owed.remove(at: found) }
        var text: [UInt8] = []
        text.reserveCapacity(96)
        text.append(EngineIOPacket.messageDigit)
        SocketIOHeader.append(
            attachments.isEmpty ? .acknowledgement : .binaryAcknowledgement, attachmentCount: attachments.count, namespace: namespace,
            id: id, to: &text)
        var writer = JSONWriter(appendingTo: consume text)
        writer.beginArray()
        write(&writer)
        writer.endArray()
        actions.append(.send(.text(writer.takeBytes())))
        for attachment in attachments { actions.append(.send(.binary(attachment))) }
        return true
    }

    /// Puts the client out of a namespace that it is in; else false. It does not come back by itself, and the connection stays.
    @discardableResult
    public mutating func disconnect(_ namespace: String, at now: Moment, into actions: inout [SocketIOAction]) -> Bool {
        guard let index = joined(namespace) else { return false }
        memberships[index].stage = .dismissed
        actions.append(.send(SocketIOPacket(.disconnect, namespace: namespace).frame))
        settle(namespace, into: &actions)
        actions.append(.left(namespace: namespace, .serverNamespaceDisconnect))
        watchForConnect(at: now)
        return true
    }

    // MARK: Helpers

    func sendConnected(_ member: Membership, into actions: inout [SocketIOAction]) {
        let packet = SocketIOPacket(.connect, namespace: member.namespace, payload: ["sid": .string(member.sid)])
        actions.append(.send(packet.frame))
    }

    /// Sends a CONNECT_ERROR. Always an object: from a string the Java client reads nothing, and never reports the error.
    mutating func refused(_ namespace: String, message: String, data: JSONObject?, into actions: inout [SocketIOAction]) {
        var payload: JSONObject = ["message": .string(message)]
        if let data { payload["data"] = .object(data) }
        actions.append(.send(SocketIOPacket(.connectError, namespace: namespace, payload: .object(payload)).frame))
        refusals += 1
        if refusals >= SocketIOLimits.refusalsMax { close(.tooManyRequests, into: &actions) }
    }

    /// Ids count up and begin again before the Java client could not read them. One that is still awaited is passed over.
    private mutating func takeID() -> UInt32 {
        repeat {
            let id = nextID
            nextID = id == SocketIOLimits.acknowledgementIDMax ? 0 : id + 1
            if !awaited.contains(where: { $0.id == id }) { return id }
        } while true
    }
}
