/// What an API key may do. Every operation of the REST counter names exactly one.
public enum Scope: String, CaseIterable, Hashable, Sendable {
    case roomsRead = "rooms:read"
    case roomsWrite = "rooms:write"
    case tokensMint = "tokens:mint"
    case tokensInspect = "tokens:inspect"
    case callsRead = "calls:read"
    case callsWrite = "calls:write"
    case presenceRead = "presence:read"
    case usersWrite = "users:write"
    case eventsWrite = "events:write"
    case auditRead = "audit:read"
    case keysAdmin = "keys:admin"
    case tenantsAdmin = "tenants:admin"

    /// Whether a key of a tenant may hold it. Making tenants is the operator's alone.
    public var isForTenants: Bool { self != .tenantsAdmin }

    /// Whether the operator's own key may hold it. The operator looks after tenants and keys and may read what was asked of it; it enters
    /// no room and hears of no call.
    public var isForOperator: Bool { self == .tenantsAdmin || self == .keysAdmin || self == .auditRead }
}
