extension EngineIOSession {
    /// A WebSocket with this sid arrived, to replace polling. Only one may try at a time.
    public mutating func webSocketOffered(at now: Moment, into actions: inout [EngineIOAction]) {
        guard phase == .open, transport == .polling, upgrade == .none else { return actions.append(.refuseWebSocket) }
        upgrade = .offered
        isWritable = true
        patience = now + settings.upgradeTimeoutMilliseconds
        actions.append(.acceptWebSocket)
    }

    /// A whole text message arrived on the session's WebSocket.
    public mutating func frame(text: [UInt8], at now: Moment, into actions: inout [EngineIOAction]) {
        guard isExpected(byteCount: text.count, into: &actions) else { return }
        do throws(SocketIOError) {
            let packet = try EngineIOPacket(text: text[...])
            if transport == .websocket {
                received(packet, at: now, into: &actions)
            } else {
                probed(with: packet, into: &actions)
            }
        } catch {
            unreadable(into: &actions)
        }
    }

    /// A whole binary message arrived on the session's WebSocket.
    public mutating func frame(binary bytes: [UInt8], at now: Moment, into actions: inout [EngineIOAction]) {
        guard isExpected(byteCount: bytes.count, into: &actions) else { return }
        if transport == .websocket {
            received(.binary(bytes), at: now, into: &actions)
        } else {
            abandonUpgrade(into: &actions)
        }
    }

    /// The session's WebSocket is gone. One that was to replace polling leaves polling as it was.
    public mutating func webSocketClosed(into actions: inout [EngineIOAction]) {
        if transport == .websocket {
            guard phase != .closed else { return }
            phase = .closed
            queue = []
            queuedBytes = 0
            actions.append(.closed(.transportClose))
            actions.append(.finished)
        } else {
            letUpgradeGo()
        }
    }

    /// The WebSocket takes more, or takes no more for now.
    public mutating func webSocketWritable(_ isWritable: Bool, into actions: inout [EngineIOAction]) {
        self.isWritable = isWritable
        if isWritable, transport == .websocket { writeQueue(into: &actions) }
    }

    // MARK: Sending

    /// Sends a frame, after all that was sent before. On polling it leaves with the next `flush`, so that frames sent together arrive
    /// together; on a WebSocket it is written now, unless the WebSocket takes no more. Ignored once the connection is closed.
    public mutating func send(_ frame: EngineIOFrame, into actions: inout [EngineIOAction]) {
        guard phase == .open else { return }
        if transport == .websocket, isWritable {
            return actions.append(.write(forWebSocket(frame)))
        }
        guard queue.count < settings.pendingPacketsMax, queuedBytes + frame.byteCount <= settings.pendingBytesMax else {
            return end(.slowReader, parting: .close, webSocket: .atOnce, into: &actions)
        }
        queue.append(frame)
        queuedBytes += frame.byteCount
    }

    /// Answers a waiting poll with what was sent since the last one. Call it when all frames of one occasion have been sent.
    public mutating func flush(into actions: inout [EngineIOAction]) {
        guard phase == .open, isPollWaiting, !queue.isEmpty else { return }
        isPollWaiting = false
        actions.append(.answerPoll(EngineIOPayload.encode(takePollFrames(countMax: SocketIOLimits.packetsPerPollMax))))
    }

    /// Writes all that is queued to the WebSocket.
    mutating func writeQueue(into actions: inout [EngineIOAction]) {
        guard transport == .websocket else { return }
        for frame in queue { actions.append(.write(forWebSocket(frame))) }
        queue = []
        queuedBytes = 0
    }

    private func forWebSocket(_ frame: EngineIOFrame) -> EngineIOFrame {
        guard wantsBase64, case .binary = frame else { return frame }
        var text: [UInt8] = []
        EngineIOPayload.append(frame, to: &text)
        return .text(text)
    }

    // MARK: The upgrade

    /// Handles a packet on the WebSocket that is to replace polling. Anything unexpected costs this WebSocket only.
    private mutating func probed(with packet: EngineIOPacket, into actions: inout [EngineIOAction]) {
        switch packet {
        case .ping(let data) where data.elementsEqual("probe".utf8):
            upgrade = .probed
            actions.append(.write(.probeAnswer))
            releasePollWhileProbed(into: &actions)
        case .upgrade:
            completeUpgrade(into: &actions)
        case .open, .close, .ping, .pong, .message, .binary, .noop:
            abandonUpgrade(into: &actions)
        }
    }

    private mutating func completeUpgrade(into actions: inout [EngineIOAction]) {
        transport = .websocket
        upgrade = .none
        if isPollWaiting {
            isPollWaiting = false
            actions.append(.answerPoll(EngineIOPayload.encode(CollectionOfOne(EngineIOFrame.noop))))
        }
        actions.append(.upgraded)
        writeQueue(into: &actions)
        if phase == .closing { return end(.forcedClose, parting: .close, into: &actions) }
        patience = nil
    }

    /// Closes the WebSocket that was to replace polling, which goes on.
    mutating func abandonUpgrade(into actions: inout [EngineIOAction]) {
        guard upgrade != .none else { return }
        actions.append(.closeWebSocket(.afterWrites))
        letUpgradeGo()
    }

    private mutating func letUpgradeGo() {
        upgrade = .none
        if phase == .open { patience = nil }
    }

    // MARK: Frames that cannot be taken

    /// Whether the session has a WebSocket from which a frame of that size may come.
    private mutating func isExpected(byteCount: Int, into actions: inout [EngineIOAction]) -> Bool {
        guard phase != .closed, transport == .websocket || upgrade != .none else { return false }
        guard byteCount > settings.payloadBytesMax else { return true }
        if transport == .websocket {
            end(.transportError, parting: .close, webSocket: .messageTooBig, into: &actions)
        } else {
            actions.append(.closeWebSocket(.messageTooBig))
            letUpgradeGo()
        }
        return false
    }

    private mutating func unreadable(into actions: inout [EngineIOAction]) {
        if transport == .websocket {
            end(.parseError, parting: .close, into: &actions)
        } else {
            abandonUpgrade(into: &actions)
        }
    }
}
