import StrictJSON
import Testing
import Vocabulary

/// The numbers of the contract are those of the code.
struct ContractLimitsTests {
    let contract: Contract

    init() throws {
        contract = try Contract.current.get()
    }

    @Test func `the limits that the contract states are the service's`() {
        let inContract = contract.document["x-limits"]?.objectValue?.members.map { "\($0.name) \($0.value.canonicalText)" } ?? []
        #expect(
            inContract == [
                "body_bytes_max \(Limits.bodyBytesMax)", "json_depth_max \(Limits.jsonDepthMax)",
                "header_bytes_max \(Limits.headerBytesMax)", "header_count_max \(Limits.headerCountMax)",
                "request_deadline_seconds \(Limits.requestDeadlineSeconds)", "user_token_leeway_seconds 60",
                "users_max \(Limits.usersMax)",
                "event_data_bytes_max \(Limits.eventDataBytesMax)", "connected_users_max \(Limits.connectedUsersMax)",
                "rings_per_pair_per_minute_default \(Limits.ringsPerPairPerMinuteDefault)",
                "rings_per_callee_per_minute_default \(Limits.ringsPerCalleePerMinuteDefault)",
                "requests_per_tenant_per_minute_default \(Limits.requestsPerTenantPerMinuteDefault)",
                "requests_per_key_per_minute_default \(Limits.requestsPerKeyPerMinuteDefault)",
                "requests_per_user_per_minute_default \(Limits.requestsPerUserPerMinuteDefault)",
                "requests_per_address_per_minute_default \(Limits.requestsPerAddressPerMinuteDefault)",
                "bad_credentials_per_address_per_minute_default \(Limits.badCredentialsPerAddressPerMinuteDefault)",
                "mints_per_user_per_minute_default \(Limits.mintsPerUserPerMinuteDefault)", "ring_seconds \(Limits.ringSeconds)",
                "call_seconds_max \(Limits.callSecondsMax)",
                "idempotency_kept_seconds \(Limits.idempotencySeconds)", "ended_call_kept_seconds \(Limits.endedCallSeconds)",
                "closed_room_kept_seconds \(Limits.closedRoomSeconds)", "dead_key_kept_seconds \(Limits.deadKeySeconds)",
                "audit_kept_seconds \(Limits.auditSeconds)",
            ])
    }

    /// People read these instead of `x-limits`.
    @Test func `the description tells the same times`() {
        let text = contract.document["info"]?["description"]?.stringValue?.replacing("\n", with: " ") ?? ""
        #expect(text.contains("A call rings for \(Limits.ringSeconds) seconds and lasts at most \(Limits.callSecondsMax / 3600) hours."))
        #expect(text.contains("remembered for \(Limits.idempotencySeconds / 3600) hours"))
        #expect(text.contains("calls for \(Limits.endedCallSeconds / 86_400) days, audit rows for \(Limits.auditSeconds / 86_400) days"))
    }

    @Test func `the fields of calls, users and tenants have the bounds of the code`() {
        #expect(bounds("CallMetadata") == [nil, Limits.callMetadataBytesMax])
        #expect(bounds("EndNote") == [1, Limits.endNoteBytesMax])
        #expect(bounds("UserDisplayName") == [1, Limits.userDisplayNameBytesMax])
        #expect(contract.schema("UserRoles")?["maxItems"] == .integer(Int64(Limits.userRolesMax)))
        #expect(contract.schema("UserRoles")?["items"]?["x-bytes-max"] == .integer(Int64(Limits.userRoleBytesMax)))
        let rooms = contract.schema("TenantLimits")?["properties"]?["rooms_open_max"]
        #expect(rooms?["minimum"] == .integer(Int64(Limits.openRoomsMax.lowerBound)))
        #expect(rooms?["maximum"] == .integer(Int64(Limits.openRoomsMax.upperBound)))
        #expect(rooms?["default"] == .integer(Int64(Limits.openRoomsMaxDefault)))
        let key = contract.operation("placeCall")?.parameter("Idempotency-Key")?.schema
        #expect(key?["minLength"] == .integer(Int64(Limits.idempotencyKeyBytes.lowerBound)))
        #expect(key?["maxLength"] == .integer(Int64(Limits.idempotencyKeyBytes.upperBound)))
    }

    @Test(arguments: [
        "call_0a1b2c3d4e5f6g7h8i9j0k1l2", "A2345678", "6f1f0c9e-3c55-4b0e-9a53-0a4a3f4d9b11", "1234567", "_2345678", "-2345678", "a b45678",
        "a/b45678", "ä2345678", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "A.2345678",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ])
    func `a text is a call id in the contract where it is one in the code`(text: String) {
        #expect(accepts("CallID", text) == isTaken(text) { text in try CallID(text) })
        #expect(accepts("DeviceID", text) == isTaken(text) { text in try DeviceID(text) })
    }

    @Test func `a room's name is read alike, with its kind`() throws {
        let tenant = try TenantID("acme")
        for kind in RoomName.Kind.allCases {
            let name = RoomName(tenant: tenant, kind: kind, random: .max).text
            #expect(accepts("RoomName", name) == (kind == .room))
            #expect(accepts("CallRoomName", name) == (kind == .call))
            #expect(accepts("MediaRoomName", name))
        }
    }

    private func isTaken(_ text: String, _ make: (String) throws -> some Sendable) -> Bool {
        do {
            _ = try make(text)
            return true
        } catch {
            return false
        }
    }

    private func accepts(_ schema: String, _ text: String) -> Bool {
        contract.schemas.faults(of: .string(text), against: ["$ref": .string("#/components/schemas/\(schema)")]).isEmpty
    }

    /// The least and the greatest length of a text, in bytes.
    private func bounds(_ schema: String) -> [Int?] {
        [contract.schema(schema)?["minLength"], contract.schema(schema)?["x-bytes-max"]].map { $0?.integerValue.map { Int($0) } }
    }
}
