import Calls
import Switchboard
import Vocabulary

/// The table of all REST operations: the contract's `paths`, in its order.
///
/// A new operation, in this order:
/// 1. describe it in `openapi/callgate.yaml` with scope, limits, examples and problems;
/// 2. add its row here;
/// 3. read its body with a `FieldReader` in the file about its subject;
/// 4. put the rule at the desk;
/// 5. add its rows to the scope table and the cross-tenant table of the tests.
///
/// `RoutesTests` and `AccessTests` fail until all of that agrees.
enum Routes {
    static func all(_ desk: Switchboard) -> [Route] {
        let rooms = RoomOperations(desk: desk)
        let tokens = TokenOperations(desk: desk)
        let calls = CallOperations(desk: desk)
        let users = UserOperations(desk: desk)
        let presence = PresenceOperations(desk: desk)
        let audit = AuditOperations(desk: desk)
        let keys = KeyOperations(desk: desk)
        let tenants = TenantOperations(desk: desk)
        let service = ServiceOperations(desk: desk)
        return [
            Route("createRoom", "POST", "/v1/rooms", .scope(.roomsWrite), takesBody: true, answer: rooms.create),
            Route("listRooms", "GET", "/v1/rooms", .scope(.roomsRead), takesQuery: true, answer: rooms.list),
            Route("getRoom", "GET", "/v1/rooms/{room}", .scope(.roomsRead), answer: rooms.get),
            Route("closeRoom", "DELETE", "/v1/rooms/{room}", .scope(.roomsWrite), answer: rooms.close),
            Route(
                "mintRoomToken", "POST", "/v1/rooms/{room}/tokens", .scope(.tokensMint), takesBody: true, auditedAs: .mintRoomToken,
                answerAtHand: tokens.mintAtHand, answer: tokens.mint),

            Route("inspectToken", "POST", "/v1/tokens/inspect", .scope(.tokensInspect), takesBody: true, answer: tokens.inspect),
            Route("listTokenProfiles", "GET", "/v1/token-profiles", .anyCredential, answer: tokens.profiles),
            Route(
                "mintLiveKitToken", "POST", "/v1/livekit/token", .scopeOrUser(.tokensMint), takesBody: true, auditedAs: .mintRoomToken,
                answer: tokens.mintForLiveKitSDK),
            Route(
                "mintLiveKitTokenAlias", "POST", "/api/livekit/token", .scopeOrUser(.tokensMint), takesBody: true,
                auditedAs: .mintRoomToken,
                answer: tokens.mintForLiveKitSDK),

            Route(
                "placeCall", "POST", "/v1/calls", .scopeOrUser(.callsWrite), takesBody: true, auditedAs: .placeCall,
                answer: calls.place),
            Route("listCalls", "GET", "/v1/calls", .scopeOrUser(.callsRead), takesQuery: true, answer: calls.list),
            Route("getCall", "GET", "/v1/calls/{call}", .scopeOrUser(.callsRead), answer: calls.get),
            Route(
                "acceptCall", "POST", "/v1/calls/{call}/accept", .scopeOrUser(.callsWrite), takesBody: true, auditedAs: .acceptCall,
                answer: calls.accept),
            Route(
                "rejectCall", "POST", "/v1/calls/{call}/reject", .scopeOrUser(.callsWrite), takesBody: true, auditedAs: .rejectCall,
                answer: calls.reject),
            Route(
                "cancelCall", "POST", "/v1/calls/{call}/cancel", .scopeOrUser(.callsWrite), takesBody: true, auditedAs: .cancelCall,
                answer: calls.cancel),
            Route(
                "endCall", "POST", "/v1/calls/{call}/end", .scopeOrUser(.callsWrite), takesBody: true, auditedAs: .endCall,
                answer: calls.end),
            Route(
                "mintCallToken", "POST", "/v1/calls/{call}/token", .scopeOrUser(.callsWrite), takesBody: true, auditedAs: .mintCallToken,
                answer: calls.mintToken),

            Route("putUser", "PUT", "/v1/users/{user}", .scope(.usersWrite), takesBody: true, answer: users.put),
            Route("getUser", "GET", "/v1/users/{user}", .scope(.usersWrite), answer: users.get),
            Route("deleteUser", "DELETE", "/v1/users/{user}", .scope(.usersWrite), answer: users.delete),

            Route("getPresence", "GET", "/v1/users/{user}/presence", .scope(.presenceRead), answer: presence.get),
            Route("listPresence", "GET", "/v1/presence", .scope(.presenceRead), takesQuery: true, answer: presence.list),
            Route("sendEvent", "POST", "/v1/events", .scope(.eventsWrite), takesBody: true, answer: presence.sendEvent),
            Route("isUserOnline", "GET", "/api/users/{user}/online", .scope(.presenceRead), answer: presence.isOnline),
            Route("listConnectedUsers", "GET", "/api/connected-users", .scope(.presenceRead), answer: presence.connectedUsers),

            Route("listAudit", "GET", "/v1/audit", .scope(.auditRead), takesQuery: true, answer: audit.list),

            Route("createKey", "POST", "/v1/keys", .scope(.keysAdmin), takesBody: true, answer: keys.create),
            Route("listKeys", "GET", "/v1/keys", .scope(.keysAdmin), takesQuery: true, answer: keys.list),
            Route("getKey", "GET", "/v1/keys/{key}", .scope(.keysAdmin), answer: keys.get),
            Route("revokeKey", "DELETE", "/v1/keys/{key}", .scope(.keysAdmin), answer: keys.revoke),

            Route("createTenant", "POST", "/v1/tenants", .scope(.tenantsAdmin), takesBody: true, answer: tenants.create),
            Route("listTenants", "GET", "/v1/tenants", .scope(.tenantsAdmin), takesQuery: true, answer: tenants.list),
            Route("getTenant", "GET", "/v1/tenants/{tenant}", .scope(.tenantsAdmin), answer: tenants.get),
            Route("changeTenant", "PATCH", "/v1/tenants/{tenant}", .scope(.tenantsAdmin), takesBody: true, answer: tenants.change),
            Route("closeTenant", "DELETE", "/v1/tenants/{tenant}", .scope(.tenantsAdmin), answer: tenants.close),

            Route("getHealth", "GET", "/health", .open, answer: service.health),
            Route("getLiveness", "GET", "/livez", .open, answer: service.liveness),
            Route("getReadiness", "GET", "/readyz", .open, answer: service.readiness),
            Route("getContractYAML", "GET", "/openapi.yaml", .open, answer: service.contractYAML),
            Route("getContractJSON", "GET", "/openapi.json", .open, answer: service.contractJSON),
            Route("getDocs", "GET", "/docs", .open, answer: service.docs),
        ]
    }
}
