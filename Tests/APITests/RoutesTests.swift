import StrictJSON
import Switchboard
import Testing
import Tokens
import Vocabulary

@testable import API

/// The code and the contract, compared both ways.
struct RoutesTests {
    @Test func `the route table and the contract list the same operations, with the same scopes`() async throws {
        let service = try await Service()
        let contract = try Contract.current.get()
        let inCode = service.api.table.routes.map { route in
            let access =
                switch route.access {
                case .open: "public"
                case .anyCredential: "any credential"
                case .scope(let scope): scope.rawValue
                case .scopeOrUser(let scope): "\(scope.rawValue) or user"
                }
            return "\(route.id) \(route.method) \(route.path) \(access) \(route.takesBody ? "body" : "no body")"
                + (route.takesQuery ? " query" : "")
        }
        let inContract = contract.operations.map { operation in
            let scope = (operation.scope ?? "none") + (operation.takesUserToken ? " or user" : "")
            let access = operation.isPublic ? "public" : operation.takesAnyCredential ? "any credential" : scope
            return "\(operation.id) \(operation.method) \(operation.path) \(access) \(operation.requestBodies.isEmpty ? "no body" : "body")"
                + (operation.parameters.contains { $0.location == "query" } ? " query" : "")
        }
        #expect(inCode.sorted() == inContract.sorted())
    }

    @Test func `the problem codes of code and contract are the same, with status and title`() throws {
        let inCode = ProblemCode.allCases.map { "\($0.rawValue) \($0.status) \($0.title)" }
        let inContract = try Contract.current.get().problems.map { "\($0.code) \($0.status) \($0.title)" }
        #expect(inCode.sorted() == inContract.sorted())
    }

    @Test func `the scopes of code and contract are the same, with who may hold them`() throws {
        let inCode = Scope.allCases.map { scope in
            "\(scope.rawValue) \(scope.isForTenants ? scope.isForOperator ? "either" : "tenant" : "operator")"
        }
        #expect(inCode.sorted() == (try Contract.current.get().scopes.map { "\($0.name) \($0.holder)" }).sorted())
    }

    @Test func `the token profiles of code, contract and service are the same`() async throws {
        let contract = try Contract.current.get()
        #expect(contract.document["components"]?["x-token-profiles"] == TokenProfile.contract)
        let service = try await Service()
        let key = try await service.tenant("acme", scopes: [.roomsRead])
        #expect(try await service.send("GET", "/v1/token-profiles", key: key).json == TokenProfile.contract)
    }

    @Test func `the limits that the contract states are those of the code`() throws {
        let contract = try Contract.current.get()
        #expect(contract.document["x-limits"]?["body_bytes_max"]?.integerValue == Int64(Limits.bodyBytesMax))
        #expect(contract.document["x-limits"]?["json_depth_max"]?.integerValue == Int64(Limits.jsonDepthMax))
        func bounds(_ schema: String, _ property: String) -> [Int64?] {
            var value = contract.schema(schema)?["properties"]?[property]
            if let reference = value?["$ref"]?.stringValue?.split(separator: "/").last { value = contract.schema(String(reference)) }
            return [value?["minimum"]?.integerValue, value?["maximum"]?.integerValue, value?["default"]?.integerValue]
        }
        func expected(_ range: ClosedRange<Int>, _ standard: Int?) -> [Int64?] {
            [Int64(range.lowerBound), Int64(range.upperBound), standard.map(Int64.init)]
        }
        #expect(
            bounds("TokenRequest", "ttl_seconds") == expected(TokenProfile.lifetimeSecondsBounds, TokenProfile.lifetimeSecondsDefault))
        #expect(bounds("RoomRequest", "ttl_seconds") == expected(Limits.roomLifetimeSeconds, Limits.roomLifetimeSecondsDefault))
        #expect(bounds("RoomRequest", "max_participants") == expected(Limits.roomParticipants, nil))
        #expect(bounds("KeyRequest", "expires_in_seconds") == expected(KeyOperations.lifetimeSeconds, nil))
        let lifetime = contract.schema("UserTokenLifetimeSeconds")
        #expect(lifetime?["minimum"]?.integerValue == Int64(TenantReader.userTokenLifetimeSeconds.lowerBound))
        #expect(lifetime?["maximum"]?.integerValue == Int64(TenantReader.userTokenLifetimeSeconds.upperBound))
        #expect(lifetime?["default"]?.integerValue == Int64(TenantReader.userTokenLifetimeSecondsDefault))
        for (schema, most) in [
            ("CallMetadata", Limits.callMetadataBytesMax), ("EndNote", Limits.endNoteBytesMax),
            ("UserDisplayName", Limits.userDisplayNameBytesMax),
        ] {
            #expect(contract.schema(schema)?["maxLength"]?.integerValue == Int64(most), "\(schema)")
        }
        #expect(contract.schema("UserRoles")?["maxItems"]?.integerValue == Int64(Limits.userRolesMax))
        #expect(contract.schema("UserRoles")?["items"]?["maxLength"]?.integerValue == Int64(Limits.userRoleBytesMax))
    }

    @Test func `the request headers that the contract lists are read, and no others`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let contract = try Contract.current.get()
        for route in service.api.table.routes where route.takesBody && route.access.scope?.isForTenants == true {
            let listed = try #require(contract.operation(route.id))
            let target = route.path.replacing("{call}", with: "call_0000000000000000000000000").replacing(
                "{room}", with: "acme-room-0000000000000000000000000"
            ).replacing("{user}", with: "nobody")
            let again = try await service.send(route.method, target, [:], key: key, idempotencyKey: "not one word")
            #expect((again.code == "malformed_request") == (listed.parameter("Idempotency-Key") != nil), "\(route.id)")
            let guarded = try await service.send(route.method, target, [:], key: key, ifMatch: "no tag")
            #expect((guarded.code == "malformed_request") == (listed.parameter("If-Match") != nil), "\(route.id)")
        }
    }

    @Test func `whatever hands out tokens or is about a call is known to the audit log`() async throws {
        let service = try await Service()
        let contract = try Contract.current.get()
        let audited = service.api.table.routes.filter { $0.auditedAs != nil }.map(\.id)
        let minting = contract.operations.filter { $0.mints?.isEmpty == false }.map(\.id)
        let changing = contract.operations.filter { $0.path.hasPrefix("/v1/calls") && $0.method == "POST" }.map(\.id)
        #expect(Set(audited) == Set(minting + changing))
    }

    @Test func `a path that is spelled in another way names nothing`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        for path in [
            "/v1//rooms", "/v1/rooms/", "/v1/./rooms", "/v1/../v1/rooms", "/V1/rooms", "/v1/rooms;x=1", "/v1/%72ooms", "/v1/rooms/%61cme",
            "/v1/rooms/\(room)/", "/v1/rooms/\(room.uppercased())", "/v1/rooms/\(room)%00", "/v1/rooms/\(room).", "v1/rooms", "", "*",
            "http://localhost/v1/rooms", "/v1/rooms/..%2f\(room)", "//v1/rooms",
        ] {
            let answer = try await service.send("GET", path, key: key)
            #expect(answer.status == 404, "\(path)")
            #expect(answer.code == "not_found", "\(path)")
        }
    }

    @Test(arguments: ["TRACE", "CONNECT", "PUT", "PATCH", "OPTIONS", "get", "HEAD", ""])
    func `a method that a path does not have is 405 with the methods that it has`(method: String) async throws {
        let service = try await Service()
        let answer = try await service.send(method, "/v1/rooms", key: service.operatorKey)
        #expect(answer.status == 405)
        #expect(answer.header("allow") == "GET, POST")
    }
}
