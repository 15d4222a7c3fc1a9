import StrictJSON

extension SocketIOSession {
    /// A text message of Engine.IO arrived.
    public mutating func received(text: ArraySlice<UInt8>, at now: Moment, into actions: inout [SocketIOAction]) {
        guard isOpen else { return }
        let result = text.withUnsafeBytes { text in
            Result { () throws(SocketIOError) in try incoming(text) }
        }
        switch result {
        case .success((let packet, let attachmentCount)):
            // A text while attachments are missing, or a packet for which the namespace's state has no place.
            guard assembly == nil, isPlausible(packet) else {
                return close(assembly == nil ? .forcedServerClose : .parseError, into: &actions)
            }
            guard attachmentCount > 0 else { return handle(packet, attachments: [], at: now, into: &actions) }
            let deadline = now + SocketIOLimits.attachmentTimeoutMilliseconds
            assembly = BinaryAssembly(packet, attachmentCount: attachmentCount, deadline: deadline)
        case .failure:
            close(.parseError, into: &actions)
        }
    }

    /// A binary message of Engine.IO arrived: the next attachment of the packet before it.
    public mutating func received(binary bytes: [UInt8], at now: Moment, into actions: inout [SocketIOAction]) {
        guard isOpen else { return }
        guard let current = assembly, current.byteCount + bytes.count <= settings.attachmentBytesMax else {
            return close(.parseError, into: &actions)
        }
        let attachments = current.attachments + [bytes]
        guard attachments.count == current.attachmentCount else {
            assembly = BinaryAssembly(
                current.incoming, attachmentCount: current.attachmentCount, attachments: attachments,
                byteCount: current.byteCount + bytes.count, deadline: current.deadline)
            return
        }
        assembly = nil
        handle(current.incoming, attachments: attachments, at: now, into: &actions)
    }

    /// Reads a packet; a fault that concerns this packet only is kept with it.
    private func incoming(_ text: UnsafeRawBufferPointer) throws(SocketIOError) -> (SocketIOIncoming, attachmentCount: Int) {
        let header = try SocketIOHeader(text)
        var incoming = SocketIOIncoming(kind: header.kind, namespace: header.namespace, id: header.id)
        do throws(SocketIOError) {
            incoming.payload = try SocketIOPacket(header, text, bytesMax: settings.payloadBytesMax).payload
        } catch .unreadable(let fault) where header.kind != .disconnect {
            incoming.fault = fault
        }
        return (incoming, header.attachmentCount)
    }

    /// Whether the packet has a place where the client stands with its namespace.
    private func isPlausible(_ packet: SocketIOIncoming) -> Bool {
        switch packet.kind {
        case .connect: true
        case .connectError: false
        case .disconnect, .event, .acknowledgement, .binaryEvent, .binaryAcknowledgement:
            memberships.contains { $0.namespace == packet.namespace && $0.stage != .asked }
        }
    }

    private mutating func handle(
        _ packet: SocketIOIncoming, attachments: [[UInt8]], at now: Moment, into actions: inout [SocketIOAction]
    ) {
        switch packet.kind {
        case .connect:
            connect(packet, into: &actions)
        case .disconnect:
            leave(packet.namespace, at: now, into: &actions)
        case .event, .binaryEvent:
            event(packet, attachments: attachments, into: &actions)
        case .acknowledgement, .binaryAcknowledgement:
            acknowledge(packet, attachments: attachments, into: &actions)
        case .connectError:
            close(.forcedServerClose, into: &actions)
        }
    }

    private mutating func connect(_ packet: SocketIOIncoming, into actions: inout [SocketIOAction]) {
        let namespace = packet.namespace
        guard settings.namespaces.contains(namespace) else {
            return refused(namespace, message: "Invalid namespace", data: nil, into: &actions)
        }
        let index = index(of: namespace)
        switch index.map({ memberships[$0].stage }) {
        case .asked?:
            return
        case .joined?:
            if let index { sendConnected(memberships[index], into: &actions) }
            return
        case .dismissed?, nil:
            break
        }
        if let fault = packet.fault {
            return refused(namespace, message: fault.message, data: ["code": "unreadable"], into: &actions)
        }
        if let index {
            memberships[index] = Membership(namespace: namespace)
        } else {
            memberships.append(Membership(namespace: namespace))
        }
        actions.append(.connectRequested(namespace: namespace, auth: packet.payload?.objectValue))
    }

    private mutating func leave(_ namespace: String, at now: Moment, into actions: inout [SocketIOAction]) {
        guard let index = joined(namespace) else { return }
        memberships.remove(at: index)
        settle(namespace, into: &actions)
        actions.append(.left(namespace: namespace, .clientNamespaceDisconnect))
        watchForConnect(at: now)
    }

    private mutating func event(_ packet: SocketIOIncoming, attachments: [[UInt8]], into actions: inout [SocketIOAction]) {
        // A client that was dismissed does not know it yet. An event without anything in it is none.
        guard joined(packet.namespace) != nil, packet.payload != nil || packet.fault != nil else { return }
        if let id = packet.id {
            guard owed.count < SocketIOLimits.owedAcknowledgementsMax else { return close(.tooManyRequests, into: &actions) }
            owed.append(Owed(namespace: packet.namespace, id: id))
        }
        if let fault = packet.fault {
            return actions.append(.unreadable(namespace: packet.namespace, acknowledgementID: packet.id, fault))
        }
        guard case .array(let elements)? = packet.payload, let name = SocketIOPacket.eventName(elements) else { return }
        actions.append(
            .event(
                SocketIOEvent(
                    namespace: packet.namespace, name: name, arguments: Array(elements.dropFirst()), attachments: attachments,
                    acknowledgementID: packet.id)))
    }

    /// An acknowledgement that nobody waits for is ignored. One whose JSON is not read still says that the event arrived.
    private mutating func acknowledge(_ packet: SocketIOIncoming, attachments: [[UInt8]], into actions: inout [SocketIOAction]) {
        guard let id = packet.id, let found = awaited.firstIndex(where: { $0.id == id && $0.namespace == packet.namespace }) else { return }
        let token = awaited[found].request.token
        keepAwaited { $0.id != id || $0.namespace != packet.namespace }
        actions.append(.acknowledged(token: token, arguments: packet.payload?.arrayValue ?? [], attachments: attachments))
    }
}
