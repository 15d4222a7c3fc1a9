import Calls
import Logging

/// Tells the log what happens to calls: ids, never who, and never a token.
struct EventLog: Courier {
    let logger: Logger

    func carry(_ events: [CallEvent]) {
        for event in events {
            logger.debug(
                "call event",
                metadata: [
                    "call.event": "\(event.kind.rawValue)", "call.id": "\(event.call.id)", "tenant.id": "\(event.call.tenant)",
                    "call.version": "\(event.call.version)",
                ])
        }
    }
}
