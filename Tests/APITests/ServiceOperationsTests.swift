import Foundation
import StrictJSON
import Testing
import Vocabulary

@testable import API

struct ServiceOperationsTests {
    @Test func `health, liveness and readiness are open to everybody`() async throws {
        let service = try await Service()
        #expect(try await service.send("GET", "/health")["timestamp"] == .string(Service.start.rfc3339))
        #expect(try await service.send("GET", "/livez")["status"] == "ok")
        #expect(try await service.send("GET", "/readyz")["status"] == "ok")
    }

    @Test func `the service hands out the very contract that it is built to`() async throws {
        let service = try await Service()
        let yaml = try await service.send("GET", "/openapi.yaml")
        #expect(try yaml.bytes == [UInt8](Data(contentsOf: Contract.root.appending(path: "openapi/callgate.yaml"))))
        let json = try await service.send("GET", "/openapi.json")
        #expect(json.json == (try Contract.current.get().document))
    }

    @Test func `the page for people names every operation, scope, profile and problem`() async throws {
        let service = try await Service()
        let page = try await service.send("GET", "/docs")
        let html = String(decoding: page.bytes, as: UTF8.self)
        let contract = try Contract.current.get()
        for operation in contract.operations { #expect(html.contains("<code>\(operation.id)</code>")) }
        for scope in contract.scopes { #expect(html.contains("<code>\(scope.name)</code>")) }
        for problem in contract.problems { #expect(html.contains("id=\"problem-\(problem.code)\"")) }
        for role in ["host", "participant", "viewer", "listener"] { #expect(html.contains("<code>\(role)</code>")) }
        #expect(!html.contains("<script"))
    }
}
