/// What an Engine.IO connection answers to every fact in every state, in the words of `Connection`; `-` where it says nothing.
enum EngineIOSessionTable {
    static let lines = Set(text.split(separator: "\n").map(String.init))

    private static let text = """
        idle poll: -
        idle pollAborted: -
        idle postBegan: read
        idle postBinary: closed(transport error), finished, post! badRequest
        idle postMessage: read, got hi, ok
        idle postClose: read, closed(transport close), finished, ok
        idle postPing: read, closed(transport error), finished, ok
        idle postPong: read, ok
        idle postUpgrade: read, ok
        idle postGarbage: read, got hi, closed(parse error), finished, post! badRequest
        idle postEmpty: read, closed(parse error), finished, post! badRequest
        idle postTooLarge: post! payloadTooLarge
        idle postAborted: -
        idle offer: 101
        idle textMessage: -
        idle textProbe: -
        idle textUpgrade: -
        idle textClose: -
        idle textPing: -
        idle textPong: -
        idle textNoop: -
        idle textGarbage: -
        idle binary: -
        idle webSocketClosed: -
        idle writable: -
        idle send: -
        idle close: closed(server shutting down)
        idle pingDue: -
        idle pingDueTwice: closed(ping timeout), finished

        waiting poll: poll 1, closed(transport error), finished, poll! badRequest
        waiting pollAborted: closed(transport error), finished
        waiting postBegan: read
        waiting postBinary: poll 1, closed(transport error), finished, post! badRequest
        waiting postMessage: read, got hi, ok
        waiting postClose: read, poll 6, closed(transport close), finished, ok
        waiting postPing: read, poll 1, closed(transport error), finished, ok
        waiting postPong: read, ok
        waiting postUpgrade: read, ok
        waiting postGarbage: read, got hi, poll 1, closed(parse error), finished, post! badRequest
        waiting postEmpty: read, poll 1, closed(parse error), finished, post! badRequest
        waiting postTooLarge: post! payloadTooLarge
        waiting postAborted: -
        waiting offer: 101
        waiting textMessage: -
        waiting textProbe: -
        waiting textUpgrade: -
        waiting textClose: -
        waiting textPing: -
        waiting textPong: -
        waiting textNoop: -
        waiting textGarbage: -
        waiting binary: -
        waiting webSocketClosed: -
        waiting writable: -
        waiting send: poll 4a⏐bAQID
        waiting close: poll 1, closed(server shutting down), finished
        waiting pingDue: poll 2
        waiting pingDueTwice: poll 2, closed(ping timeout), finished

        posting poll: -
        posting pollAborted: -
        posting postBegan: closed(transport error), finished, post! badRequest
        posting postBinary: closed(transport error), finished, post! badRequest
        posting postMessage: closed(transport error), finished, post! badRequest
        posting postClose: closed(transport error), finished, post! badRequest
        posting postPing: closed(transport error), finished, post! badRequest
        posting postPong: closed(transport error), finished, post! badRequest
        posting postUpgrade: closed(transport error), finished, post! badRequest
        posting postGarbage: closed(transport error), finished, post! badRequest
        posting postEmpty: closed(transport error), finished, post! badRequest
        posting postTooLarge: post! payloadTooLarge
        posting postAborted: closed(transport error), finished
        posting offer: 101
        posting textMessage: -
        posting textProbe: -
        posting textUpgrade: -
        posting textClose: -
        posting textPing: -
        posting textPong: -
        posting textNoop: -
        posting textGarbage: -
        posting binary: -
        posting webSocketClosed: -
        posting writable: -
        posting send: -
        posting close: closed(server shutting down)
        posting pingDue: -
        posting pingDueTwice: closed(ping timeout), finished

        offered poll: -
        offered pollAborted: -
        offered postBegan: read
        offered postBinary: ws close, closed(transport error), finished, post! badRequest
        offered postMessage: read, got hi, ok
        offered postClose: read, ws close, closed(transport close), finished, ok
        offered postPing: read, ws close, closed(transport error), finished, ok
        offered postPong: read, ok
        offered postUpgrade: read, ok
        offered postGarbage: read, got hi, ws close, closed(parse error), finished, post! badRequest
        offered postEmpty: read, ws close, closed(parse error), finished, post! badRequest
        offered postTooLarge: post! payloadTooLarge
        offered postAborted: -
        offered offer: 101 and close
        offered textMessage: ws close
        offered textProbe: ws 3probe
        offered textUpgrade: upgraded
        offered textClose: ws close
        offered textPing: ws close
        offered textPong: ws close
        offered textNoop: ws close
        offered textGarbage: ws close
        offered binary: ws close
        offered webSocketClosed: -
        offered writable: -
        offered send: -
        offered close: closed(server shutting down)
        offered pingDue: ws close
        offered pingDueTwice: ws close, closed(ping timeout), finished

        offeredWaiting poll: poll 1, ws close, closed(transport error), finished, poll! badRequest
        offeredWaiting pollAborted: ws close, closed(transport error), finished
        offeredWaiting postBegan: read
        offeredWaiting postBinary: poll 1, ws close, closed(transport error), finished, post! badRequest
        offeredWaiting postMessage: read, got hi, ok
        offeredWaiting postClose: read, poll 6, ws close, closed(transport close), finished, ok
        offeredWaiting postPing: read, poll 1, ws close, closed(transport error), finished, ok
        offeredWaiting postPong: read, ok
        offeredWaiting postUpgrade: read, ok
        offeredWaiting postGarbage: read, got hi, poll 1, ws close, closed(parse error), finished, post! badRequest
        offeredWaiting postEmpty: read, poll 1, ws close, closed(parse error), finished, post! badRequest
        offeredWaiting postTooLarge: post! payloadTooLarge
        offeredWaiting postAborted: -
        offeredWaiting offer: 101 and close
        offeredWaiting textMessage: ws close
        offeredWaiting textProbe: ws 3probe, poll 6
        offeredWaiting textUpgrade: poll 6, upgraded
        offeredWaiting textClose: ws close
        offeredWaiting textPing: ws close
        offeredWaiting textPong: ws close
        offeredWaiting textNoop: ws close
        offeredWaiting textGarbage: ws close
        offeredWaiting binary: ws close
        offeredWaiting webSocketClosed: -
        offeredWaiting writable: -
        offeredWaiting send: poll 4a⏐bAQID
        offeredWaiting close: poll 1, ws close, closed(server shutting down), finished
        offeredWaiting pingDue: ws close, poll 2
        offeredWaiting pingDueTwice: ws close, poll 2, closed(ping timeout), finished

        probed poll: poll 6
        probed pollAborted: -
        probed postBegan: read
        probed postBinary: ws close, closed(transport error), finished, post! badRequest
        probed postMessage: read, got hi, ok
        probed postClose: read, ws close, closed(transport close), finished, ok
        probed postPing: read, ws close, closed(transport error), finished, ok
        probed postPong: read, ok
        probed postUpgrade: read, ok
        probed postGarbage: read, got hi, ws close, closed(parse error), finished, post! badRequest
        probed postEmpty: read, ws close, closed(parse error), finished, post! badRequest
        probed postTooLarge: post! payloadTooLarge
        probed postAborted: -
        probed offer: 101 and close
        probed textMessage: ws close
        probed textProbe: ws 3probe
        probed textUpgrade: upgraded
        probed textClose: ws close
        probed textPing: ws close
        probed textPong: ws close
        probed textNoop: ws close
        probed textGarbage: ws close
        probed binary: ws close
        probed webSocketClosed: -
        probed writable: -
        probed send: -
        probed close: closed(server shutting down)
        probed pingDue: ws close
        probed pingDueTwice: ws close, closed(ping timeout), finished

        websocket poll: poll! badRequest
        websocket pollAborted: -
        websocket postBegan: post! badRequest
        websocket postBinary: post! badRequest
        websocket postMessage: post! badRequest
        websocket postClose: post! badRequest
        websocket postPing: post! badRequest
        websocket postPong: post! badRequest
        websocket postUpgrade: post! badRequest
        websocket postGarbage: post! badRequest
        websocket postEmpty: post! badRequest
        websocket postTooLarge: post! payloadTooLarge
        websocket postAborted: -
        websocket offer: 101 and close
        websocket textMessage: got hi
        websocket textProbe: ws close, closed(transport error), finished
        websocket textUpgrade: -
        websocket textClose: ws close, closed(transport close), finished
        websocket textPing: ws close, closed(transport error), finished
        websocket textPong: -
        websocket textNoop: -
        websocket textGarbage: ws close, closed(parse error), finished
        websocket binary: got #0102
        websocket webSocketClosed: closed(transport close), finished
        websocket writable: -
        websocket send: ws 4a, ws #010203
        websocket close: ws close, closed(server shutting down), finished
        websocket pingDue: ws 2
        websocket pingDueTwice: ws 2, ws drop, closed(ping timeout), finished

        blocked poll: poll! badRequest
        blocked pollAborted: -
        blocked postBegan: post! badRequest
        blocked postBinary: post! badRequest
        blocked postMessage: post! badRequest
        blocked postClose: post! badRequest
        blocked postPing: post! badRequest
        blocked postPong: post! badRequest
        blocked postUpgrade: post! badRequest
        blocked postGarbage: post! badRequest
        blocked postEmpty: post! badRequest
        blocked postTooLarge: post! payloadTooLarge
        blocked postAborted: -
        blocked offer: 101 and close
        blocked textMessage: got hi
        blocked textProbe: ws close, closed(transport error), finished
        blocked textUpgrade: -
        blocked textClose: ws close, closed(transport close), finished
        blocked textPing: ws close, closed(transport error), finished
        blocked textPong: -
        blocked textNoop: -
        blocked textGarbage: ws close, closed(parse error), finished
        blocked binary: got #0102
        blocked webSocketClosed: closed(transport close), finished
        blocked writable: ws 4kept
        blocked send: -
        blocked close: ws 4kept, ws close, closed(server shutting down), finished
        blocked pingDue: -
        blocked pingDueTwice: ws drop, closed(ping timeout), finished

        closing poll: poll 4last⏐1, finished
        closing pollAborted: -
        closing postBegan: read
        closing postBinary: finished, post! badRequest
        closing postMessage: read, ok
        closing postClose: read, finished, ok
        closing postPing: read, ok
        closing postPong: read, ok
        closing postUpgrade: read, ok
        closing postGarbage: read, finished, post! badRequest
        closing postEmpty: read, finished, post! badRequest
        closing postTooLarge: post! payloadTooLarge
        closing postAborted: -
        closing offer: 101 and close
        closing textMessage: -
        closing textProbe: -
        closing textUpgrade: -
        closing textClose: -
        closing textPing: -
        closing textPong: -
        closing textNoop: -
        closing textGarbage: -
        closing binary: -
        closing webSocketClosed: -
        closing writable: -
        closing send: -
        closing close: -
        closing pingDue: -
        closing pingDueTwice: finished

        closingProbed poll: poll 4last⏐1, ws close, finished
        closingProbed pollAborted: -
        closingProbed postBegan: read
        closingProbed postBinary: ws close, finished, post! badRequest
        closingProbed postMessage: read, ok
        closingProbed postClose: read, ws close, finished, ok
        closingProbed postPing: read, ok
        closingProbed postPong: read, ok
        closingProbed postUpgrade: read, ok
        closingProbed postGarbage: read, ws close, finished, post! badRequest
        closingProbed postEmpty: read, ws close, finished, post! badRequest
        closingProbed postTooLarge: post! payloadTooLarge
        closingProbed postAborted: -
        closingProbed offer: 101 and close
        closingProbed textMessage: ws close
        closingProbed textProbe: ws 3probe
        closingProbed textUpgrade: upgraded, ws 4last, ws close, finished
        closingProbed textClose: ws close
        closingProbed textPing: ws close
        closingProbed textPong: ws close
        closingProbed textNoop: ws close
        closingProbed textGarbage: ws close
        closingProbed binary: ws close
        closingProbed webSocketClosed: -
        closingProbed writable: -
        closingProbed send: -
        closingProbed close: -
        closingProbed pingDue: -
        closingProbed pingDueTwice: ws close, finished

        closed poll: poll! sessionUnknown
        closed pollAborted: -
        closed postBegan: post! sessionUnknown
        closed postBinary: post! sessionUnknown
        closed postMessage: post! sessionUnknown
        closed postClose: post! sessionUnknown
        closed postPing: post! sessionUnknown
        closed postPong: post! sessionUnknown
        closed postUpgrade: post! sessionUnknown
        closed postGarbage: post! sessionUnknown
        closed postEmpty: post! sessionUnknown
        closed postTooLarge: post! payloadTooLarge
        closed postAborted: -
        closed offer: 101 and close
        closed textMessage: -
        closed textProbe: -
        closed textUpgrade: -
        closed textClose: -
        closed textPing: -
        closed textPong: -
        closed textNoop: -
        closed textGarbage: -
        closed binary: -
        closed webSocketClosed: -
        closed writable: -
        closed send: -
        closed close: -
        closed pingDue: -
        closed pingDueTwice: -
        """
}
