import Calls
import Foundation
import StrictJSON
import Tokens
import Vocabulary

@testable import Switchboard

/// A tenant with a server, and users of it who hold tokens of their own; and the few things that calls are made of.
struct CallScene {
    let house: TestDesk
    /// The tenant's server.
    let server: Caller

    var desk: Switchboard { house.desk }

    static func open(
        unknownUsers: UnknownUsers = .allowed, _ providers: ProviderSettings? = nil, limits: DeskLimits = .unlimited
    ) async throws -> CallScene {
        let house = try await TestDesk.open(limits: limits)
        try await house.tenant("acme", providers, unknownUsers: unknownUsers)
        return CallScene(house: house, server: try await house.caller("acme"))
    }

    /// A user of the tenant, as the desk knows it after checking its token.
    func user(_ id: String, of tenant: String = "acme", roles: [String] = []) throws -> Caller {
        Caller(user: try UserID(id), of: try TenantID(tenant), name: nil, expiresAt: house.clock.now + 3600, roles: roles)
    }

    /// Places a call from alice to bob as the tenant's server.
    func placed(_ caller: String = "alice", _ callee: String = "bob", media: CallMedia = .video) async throws -> Call {
        try await desk.placeCall(Self.order(caller, callee, media: media), .none, for: server).call
    }

    /// The same, accepted.
    func active(_ caller: String = "alice", _ callee: String = "bob", media: CallMedia = .video) async throws -> Call {
        let call = try await placed(caller, callee, media: media)
        return try await desk.acceptCall(call.id, as: Self.claim(callee), .none, for: server).call
    }

    func state(of call: Call) async throws -> Call.State { try await desk.call(call.id, for: server).state }

    /// Everything that the audit log of the tenant says, as `operation outcome`.
    func audit() async throws -> [String] {
        try await auditRows().map { "\($0.entry.operation.rawValue) \($0.entry.outcome)" }
    }

    func auditRows(for caller: Caller? = nil) async throws -> [AuditRow] {
        try await desk.auditRows(cursor: nil, limit: 100, for: caller ?? server).items
    }

    static let absent = CallID(random: 4711)
    static let alice = PartyClaim(user: known("alice"), device: nil)
    static let bob = PartyClaim(user: known("bob"), device: nil)

    static func claim(_ user: String?, _ device: String? = nil) throws -> PartyClaim {
        PartyClaim(user: try user.map { try UserID($0) }, device: try device.map { try DeviceID($0) })
    }

    static func order(
        _ caller: String? = "alice", _ callee: String = "bob", media: CallMedia = .video, id: String? = nil, device: String? = nil
    ) throws -> CallOrder {
        CallOrder(
            caller: try caller.map { try UserID($0) }, callee: try UserID(callee), media: media, provider: nil,
            id: try id.map { try CallID($0) }, device: try device.map { try DeviceID($0) }, metadata: nil)
    }

    static func terms(_ key: String, body: String = "{}", versions: [Int]? = nil) -> RequestTerms {
        RequestTerms(
            repeat: .init(text: key, fingerprint: RequestTerms.fingerprint(method: "POST", path: "/v1/calls", body: Array(body.utf8))),
            condition: versions.map { .oneOf($0) } ?? .none)
    }

    private static func known(_ text: String) -> UserID {
        do {
            return try UserID(text)
        } catch {
            fatalError("\(text) is a user id: \(error)")
        }
    }
}
