import Calls
import Synchronization
import Vocabulary

@testable import Switchboard

/// A courier that writes down what it is given.
final class CallNotebook: Courier {
    private let events = Mutex<[CallEvent]>([])

    func carry(_ events: [CallEvent]) { self.events.withLock { $0.append(contentsOf: events) } }

    var all: [CallEvent] { events.withLock { $0 } }

    /// What was told of each call, in order: kind, to whom, and which device was left out.
    var told: [String: [[String?]]] {
        all.reduce(into: [:]) { told, event in
            told[event.call.id.text, default: []].append([event.kind.rawValue, event.to.text, event.except?.text])
        }
    }
}

extension CallScene {
    /// Everything that the store keeps of the tenant's calls, oldest first.
    func allCalls(in state: Call.State? = nil) async throws -> [Call] {
        var calls: [Call] = []
        var position: Int64?
        repeat {
            let page = try await house.store.calls(
                of: server.tenant(needed: .callsRead), CallFilter(state: state, user: nil), page: PageRequest(after: position, limit: 5000))
            calls += page.items
            position = page.next
        } while position != nil
        return calls
    }

    /// The whole audit log of the tenant, oldest first.
    func allAuditRows() async throws -> [AuditRow] {
        var rows: [AuditRow] = []
        var position: Int64?
        repeat {
            let page = try await house.store.auditRows(
                of: .tenant(server.tenant(needed: .auditRead)), page: PageRequest(after: position, limit: 5000))
            rows += page.items
            position = page.next
        } while position != nil
        return rows
    }

    /// The same scene after a restart of the service.
    func restarted() async throws -> CallScene {
        CallScene(house: try await house.restarted(), server: server)
    }
}
