import Calls
import Foundation
import Metering
import Signaling
import Switchboard
import Synchronization
import Vocabulary

/// What the service as a whole and its process have to show. The rooms count for themselves.
struct ServiceMetrics: Sendable {
    let registry: MetricRegistry
    private let readiness: Ready

    /// What the last look said.
    private final class Ready: Sendable {
        let value = Atomic<Bool>(false)
    }

    init(_ registry: MetricRegistry, desk: Switchboard, signaling: Signaling) {
        self.registry = registry
        let ready = Ready()
        readiness = ready
        registry.lookups("service_ready", "Whether requests should be sent here: what /readyz says.") {
            [ready.value.load(ordering: .relaxed) ? 1 : 0]
        }
        registry.lookups("service_draining", "Whether the service is about to stop.") { [desk.isDraining ? 1 : 0] }
        registry.lookups("calls_state", "Live calls by their state.", labels: ["state"], rows: [["ringing"], ["active"]]) {
            let counts = desk.counts()
            return [Double(counts.ringingCalls), Double(counts.activeCalls)]
        }
        registry.lookups("sockets_connected", "Devices that are connected over sockets.") { [Double(signaling.socketsCount)] }
        registry.lookups("users_connected", "Users who have a socket.") { [Double(desk.counts().connectedUsers)] }
        registry.lookups("tenants_keys_unreadable", "Open tenants some of whose secrets or keys cannot be read.") {
            [Double(desk.unreadableTenantsCount)]
        }
        registry.lookups("callgate_build_info", "Which version this is.", labels: ["version"], rows: [[Gateway.version]]) { [1] }
        Self.addProcess(to: registry)
    }

    /// Everything, as Prometheus reads it.
    func text(_ desk: Switchboard) async -> String {
        readiness.value.store(await desk.isReady(), ordering: .relaxed)
        return registry.text
    }

    // MARK: The process

    private static func addProcess(to registry: MetricRegistry) {
        let start = Double(SystemClock.now().seconds)
        registry.lookups("process_start_time_seconds", "When the service was started, in seconds since 1970.") { [start] }
        registry.lookups("process_resident_memory_bytes", "Memory that the process holds.") { values(residentBytes()) }
        registry.lookups("process_open_fds", "Files and sockets that the process has open.") { values(openFiles()) }
        registry.lookups("process_max_fds", "How many it may have open.") { [Double(OpenFiles.limit())] }
        registry.lookups("process_cpu_seconds_total", "Processor time that the process has used.", isCounter: true) { [processorSeconds()] }
    }

    /// A system that does not tell leaves the row out.
    private static func values(_ number: Int?) -> [Double] {
        number.map { [Double($0)] } ?? []
    }

    private static func residentBytes() -> Int? {
        guard let text = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return pages.map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
    }

    private static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // The folder itself, its parent, and this look.
        return count - 3
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
