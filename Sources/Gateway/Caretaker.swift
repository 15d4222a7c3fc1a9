import Logging
import ServiceLifecycle
import Signaling
import Switchboard

/// Does what has to be done now and then, as long as the service runs: ends calls whose time has come or whose parties are gone, forgets
/// what is old, and tells the log of keys that cannot be read any more.
struct Caretaker: Service {
    private static let pause = Duration.milliseconds(200)
    /// How many pauses lie between two looks for what is old: a minute.
    private static let pausesBetweenForgetting = 300

    let desk: Switchboard
    let signaling: Signaling
    let logger: Logger
    /// What was told already.
    var troubles: [String] = []

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pauses = 0
            var troubles = troubles
            while await Pause.pass(Self.pause) {
                await desk.endOverdueCalls()
                await signaling.tick(at: SocketLoop.now)
                pauses += 1
                guard pauses >= Self.pausesBetweenForgetting else { continue }
                troubles = await tellNew(knowing: troubles)
                // Where more is left than one step takes, the next step comes with the next pause.
                pauses = await desk.forgetOld() ? Self.pausesBetweenForgetting : 0
            }
        }
    }

    /// Tells each trouble with keys once, when it comes up.
    /// - Returns: those that there are; where the store does not answer, those that were known.
    func tellNew(knowing known: [String]) async -> [String] {
        do {
            let troubles = try await desk.checkKeys()
            for trouble in troubles where !known.contains(trouble) {
                logger.warning("keys of a tenant cannot be read", metadata: ["cause": "\(trouble)"])
            }
            return troubles
        } catch {
            logger.warning("keys of tenants could not be looked at", metadata: ["cause": "\(error.cause ?? "")"])
            return known
        }
    }
}
