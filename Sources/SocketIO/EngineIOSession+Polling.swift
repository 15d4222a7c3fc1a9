extension EngineIOSession {
    // MARK: Polls

    /// A GET with this sid arrived. It is answered now, or it waits.
    ///
    /// What is due is done first: a poll after the ping timeout must not be let in only because the sweep has not come by yet.
    public mutating func pollArrived(at now: Moment, into actions: inout [EngineIOAction]) {
        tick(at: now, into: &actions)
        switch phase {
        case .closed:
            return actions.append(.refusePoll(.sessionUnknown))
        case .open, .closing:
            guard transport == .polling else { return actions.append(.refusePoll(.badRequest)) }
        }
        if isPollWaiting {
            end(.transportError, parting: .close, into: &actions)
            return actions.append(.refusePoll(.badRequest))
        }
        isPollWaiting = true
        if phase == .closing { return answerLastPolls(into: &actions) }
        flush(into: &actions)
        releasePollWhileProbed(into: &actions)
    }

    /// The client gave the waiting poll up: it is gone.
    public mutating func pollAborted(into actions: inout [EngineIOAction]) {
        guard isPollWaiting else { return }
        isPollWaiting = false
        end(.transportError, parting: .close, into: &actions)
    }

    /// While the client waits for its last poll to come back, every poll is answered at once. A client that is told once only would sit in
    /// its next poll until the next ping.
    mutating func releasePollWhileProbed(into actions: inout [EngineIOAction]) {
        guard upgrade == .probed, isPollWaiting else { return }
        isPollWaiting = false
        actions.append(.answerPoll(EngineIOPayload.encode(CollectionOfOne(EngineIOFrame.noop))))
    }

    /// Answers the waiting poll of a closing session: with all that is queued and `1`, or with as much of it as one answer may hold.
    mutating func answerLastPolls(into actions: inout [EngineIOAction]) {
        var frames = takePollFrames(countMax: SocketIOLimits.packetsPerPollMax)
        let isLast = queue.isEmpty && frames.count < SocketIOLimits.packetsPerPollMax
        if isLast { frames.append(.close) }
        isPollWaiting = false
        actions.append(.answerPoll(EngineIOPayload.encode(frames)))
        if isLast { end(.forcedClose, parting: .close, into: &actions) }
    }

    /// Takes from the queue what one answer may hold: at least one frame, where there is any.
    mutating func takePollFrames(countMax: Int) -> [EngineIOFrame] {
        var count = 0
        var pollBytes = 0
        var bytes = 0
        for frame in queue.prefix(countMax) {
            pollBytes += EngineIOPayload.encodedCount(frame) + 1
            if count > 0, pollBytes > SocketIOLimits.pollBytesMax { break }
            count += 1
            bytes += frame.byteCount
        }
        queuedBytes -= bytes
        if count == queue.count {
            // A new array, not an emptied one: an idle socket holds no memory for what it once sent.
            defer { queue = [] }
            return queue
        }
        let frames = Array(queue.prefix(count))
        queue.removeFirst(count)
        return frames
    }

    // MARK: Posts

    /// A POST with this sid arrived; its body has not been read.
    ///
    /// - Parameter isBinary: its content type is `application/octet-stream`, which Engine.IO 4 does not have.
    public mutating func postBegan(isBinary: Bool = false, into actions: inout [EngineIOAction]) {
        switch phase {
        case .closed:
            return actions.append(.refusePost(.sessionUnknown))
        case .open, .closing:
            guard transport == .polling else { return actions.append(.refusePost(.badRequest)) }
        }
        guard !isPostOpen, !isBinary else {
            end(.transportError, parting: .close, into: &actions)
            return actions.append(.refusePost(.badRequest))
        }
        isPostOpen = true
        actions.append(.readPost)
    }

    /// The POST has been read. It is taken even if the session was upgraded meanwhile: it was sent before that.
    public mutating func postEnded(_ body: [UInt8], at now: Moment, into actions: inout [EngineIOAction]) {
        isPostOpen = false
        guard phase != .closed else { return actions.append(.refusePost(.sessionUnknown)) }
        guard body.count <= settings.payloadBytesMax else { return actions.append(.refusePost(.payloadTooLarge)) }
        do throws(SocketIOError) {
            try EngineIOPayload.decode(body) { received($0, at: now, into: &actions) }
            actions.append(.answerPost)
        } catch {
            end(.parseError, parting: .close, into: &actions)
            actions.append(.refusePost(.badRequest))
        }
    }

    /// The POST turned out to be larger than `payloadBytesMax` and was not read to its end. The session lives on.
    public mutating func postTooLarge(into actions: inout [EngineIOAction]) {
        isPostOpen = false
        actions.append(.refusePost(.payloadTooLarge))
    }

    /// The client went away in the middle of the POST.
    public mutating func postAborted(into actions: inout [EngineIOAction]) {
        guard isPostOpen else { return }
        isPostOpen = false
        end(.transportError, parting: .close, into: &actions)
    }
}
