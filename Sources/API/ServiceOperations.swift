import StrictJSON
import Switchboard
import Vocabulary

/// What the service says about itself: whether it lives, whether it can work, and its contract.
struct ServiceOperations: Sendable {
    let desk: Switchboard

    @Sendable func health(_ operation: Operation) async throws(Problem) -> APIResponse {
        let counts = desk.counts()
        return APIResponse(json: [
            "status": "ok", "connectedUsers": .integer(Int64(counts.connectedUsers)), "activeCalls": .integer(Int64(counts.activeCalls)),
            "timestamp": .string(desk.now.rfc3339),
        ])
    }

    @Sendable func liveness(_ operation: Operation) async throws(Problem) -> APIResponse {
        APIResponse(json: ["status": "ok"])
    }

    @Sendable func readiness(_ operation: Operation) async throws(Problem) -> APIResponse {
        await desk.isReady() ? APIResponse(json: ["status": "ok"]) : APIResponse(status: 503, json: ["status": "unavailable"])
    }

    @Sendable func contractYAML(_ operation: Operation) async throws(Problem) -> APIResponse {
        APIResponse(status: 200, contentType: "application/yaml", body: ContractDocument.yaml)
    }

    @Sendable func contractJSON(_ operation: Operation) async throws(Problem) -> APIResponse {
        APIResponse(json: try ContractDocument.value.get())
    }

    @Sendable func docs(_ operation: Operation) async throws(Problem) -> APIResponse {
        APIResponse(
            status: 200, contentType: "text/html; charset=utf-8",
            headers: [("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")],
            body: try ContractDocument.page.get())
    }
}
