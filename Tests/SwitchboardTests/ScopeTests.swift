import Calls
import Switchboard
import Testing
import Vocabulary

/// Every operation of the desk asks for its scope itself, because both counters ask here and nowhere else.
@Suite struct ScopeTests {
    struct Operation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let scope: Scope
        /// Does it in the name of the caller, on a room and a key of the caller's own tenant.
        let run: @Sendable (Switchboard, Caller, RoomName, APIKeyID) async throws -> Void

        init(_ name: String, _ scope: Scope, _ run: @escaping @Sendable (Switchboard, Caller, RoomName, APIKeyID) async throws -> Void) {
            (testDescription, self.scope, self.run) = (name, scope, run)
        }
    }

    static let ofTenants = [
        Operation("createRoom", .roomsWrite) { desk, caller, _, _ in _ = try await desk.createRoom(RoomDeskTests.order(), for: caller) },
        Operation("room", .roomsRead) { desk, caller, room, _ in _ = try await desk.room(room, for: caller) },
        Operation("rooms", .roomsRead) { desk, caller, _, _ in _ = try await desk.rooms(state: nil, cursor: nil, limit: 1, for: caller) },
        Operation("closeRoom", .roomsWrite) { desk, caller, room, _ in try await desk.closeRoom(room, for: caller) },
        Operation("mintToken", .tokensMint) { desk, caller, room, _ in _ = try await desk.mintToken(Mint.order(), room: room, for: caller)
        },
        Operation("mintTokenAtHand", .tokensMint) { desk, caller, room, _ in
            _ = try await desk.mintAtHand(Mint.order(), room: room, for: caller)
        },
        Operation("placeCall", .callsWrite) { desk, caller, _, _ in _ = try await desk.placeCall(CallScene.order(), .none, for: caller) },
        Operation("acceptCall", .callsWrite) { desk, caller, _, _ in
            _ = try await desk.acceptCall(CallScene.absent, as: CallScene.bob, .none, for: caller)
        },
        Operation("rejectCall", .callsWrite) { desk, caller, _, _ in
            _ = try await desk.rejectCall(CallScene.absent, as: CallScene.bob, note: nil, .none, for: caller)
        },
        Operation("cancelCall", .callsWrite) { desk, caller, _, _ in
            _ = try await desk.cancelCall(CallScene.absent, as: CallScene.alice, note: nil, .none, for: caller)
        },
        Operation("endCall", .callsWrite) { desk, caller, _, _ in
            _ = try await desk.endCall(CallScene.absent, as: CallScene.alice, note: nil, .none, for: caller)
        },
        Operation("mintCallToken", .callsWrite) { desk, caller, _, _ in
            _ = try await desk.mintCallToken(CallScene.absent, as: CallScene.alice, for: caller)
        },
        Operation("mintCallToken by room", .tokensMint) { desk, caller, room, _ in
            _ = try await desk.mintCallToken(room: room, as: CallScene.alice, for: caller)
        },
        Operation("call", .callsRead) { desk, caller, _, _ in _ = try await desk.call(CallScene.absent, for: caller) },
        Operation("calls", .callsRead) { desk, caller, _, _ in
            _ = try await desk.calls(CallFilter(state: nil, user: nil), cursor: nil, limit: 1, for: caller)
        },
        Operation("putUser", .usersWrite) { desk, caller, _, _ in
            _ = try await desk.putUser(UserID("alice"), displayName: nil, roles: [], for: caller)
        },
        Operation("user", .usersWrite) { desk, caller, _, _ in _ = try await desk.user(UserID("alice"), for: caller) },
        Operation("deleteUser", .usersWrite) { desk, caller, _, _ in try await desk.deleteUser(UserID("alice"), for: caller) },
        Operation("inspect", .tokensInspect) { desk, caller, _, _ in _ = try await desk.inspect("x", for: caller) },
    ]

    static let ofKeys = [
        Operation("auditRows", .auditRead) { desk, caller, _, _ in _ = try await desk.auditRows(cursor: nil, limit: 1, for: caller) },
        Operation("createKey", .keysAdmin) { desk, caller, _, _ in
            let order = KeyOrder(tenant: nil, scopes: [.keysAdmin], label: nil, environment: .live, lifetimeSeconds: nil)
            _ = try await desk.createKey(order, for: caller)
        },
        Operation("keys", .keysAdmin) { desk, caller, _, _ in _ = try await desk.keys(cursor: nil, limit: 1, for: caller) },
        Operation("key", .keysAdmin) { desk, caller, _, key in _ = try await desk.key(key, for: caller) },
        Operation("revokeKey", .keysAdmin) { desk, caller, _, key in try await desk.revokeKey(key, for: caller) },
    ]

    static let ofTheOperator = [
        Operation("createTenant", .tenantsAdmin) { desk, caller, _, _ in
            let order = TenantOrder(
                id: try TenantID("new"), displayName: nil, providers: try Providers.livekit(), defaultProvider: nil, openRoomsMax: 1)
            _ = try await desk.createTenant(order, for: caller)
        },
        Operation("tenant", .tenantsAdmin) { desk, caller, room, _ in _ = try await desk.tenant(room.tenant, for: caller) },
        Operation("tenants", .tenantsAdmin) { desk, caller, _, _ in _ = try await desk.tenants(cursor: nil, limit: 1, for: caller) },
        Operation("changeTenant", .tenantsAdmin) { desk, caller, room, _ in
            let change = TenantChange(displayName: "x", providers: nil, defaultProvider: nil, openRoomsMax: nil)
            _ = try await desk.changeTenant(room.tenant, change, for: caller)
        },
        Operation("closeTenant", .tenantsAdmin) { desk, caller, room, _ in try await desk.closeTenant(room.tenant, for: caller) },
    ]

    /// A desk with one tenant, a room and a key of it, all at hand.
    static func scene() async throws -> (house: TestDesk, room: RoomName, key: APIKeyID) {
        let house = try await TestDesk.open()
        try await house.tenant()
        let room = try await house.room(for: house.caller())
        return (house, room.name, try await house.key().record.id)
    }

    @Test(arguments: ofTenants + ofKeys) func `a tenant's key does what it has the scope for`(operation: Operation) async throws {
        let (house, room, key) = try await Self.scene()
        let caller = try await house.caller("acme", [operation.scope])

        // What names a call names one that is not there: getting as far as that is enough.
        #expect([nil, .notFound].contains(await refusal { try await operation.run(house.desk, caller, room, key) }))
    }

    @Test(arguments: ofTenants + ofKeys) func `a tenant's key with every scope but the needed one is told which one is missing`(
        operation: Operation
    ) async throws {
        let (house, room, key) = try await Self.scene()
        let caller = try await house.caller("acme", TestDesk.everyScope.subtracting([operation.scope]))

        #expect(await refusal { try await operation.run(house.desk, caller, room, key) } == .missingScope(operation.scope))
    }

    @Test(arguments: ofTenants) func `the operator's key enters no room`(operation: Operation) async throws {
        let (house, room, key) = try await Self.scene()

        #expect(await refusal { try await operation.run(house.desk, house.manager, room, key) } == .missingScope(operation.scope))
    }

    @Test(arguments: ofTheOperator) func `a tenant's key has no say about tenants`(operation: Operation) async throws {
        let (house, room, key) = try await Self.scene()
        let caller = try await house.caller()

        #expect(await refusal { try await operation.run(house.desk, caller, room, key) } == .missingScope(.tenantsAdmin))
    }

    @Test(arguments: ofTheOperator + ofKeys) func `the operator's key looks after tenants and keys`(operation: Operation) async throws {
        let (house, room, key) = try await Self.scene()

        #expect(await refusal { try await operation.run(house.desk, house.manager, room, key) } == nil)
    }
}
