import Testing
import Vocabulary

@testable import Tokens

@Suite struct JoinGrantTests {
    private func grant(
        role: Role = .participant, publish: [PublishSource]? = nil, displayName: String? = nil, metadata: String? = nil,
        attributes: [(String, String)] = [], issuedAt: Int64 = 1_767_225_600, lifetimeSeconds: Int = 300, roomMaxParticipants: Int? = nil,
        roomMetadata: String? = nil
    ) throws -> JoinGrant {
        try JoinGrant(
            room: RoomName(tenant: TenantID("acme"), kind: .call, random: 1), identity: UserID("alice"), role: role, publish: publish,
            displayName: displayName, metadata: metadata, attributes: attributes, issuedAt: UnixTime(issuedAt),
            lifetimeSeconds: lifetimeSeconds, tokenID: 1, roomMaxParticipants: roomMaxParticipants, roomMetadata: roomMetadata)
    }

    private func refusedField(_ make: () throws -> JoinGrant) -> TokenError.GrantField? {
        do {
            _ = try make()
            return nil
        } catch TokenError.grantRefused(let field, _) {
            return field
        } catch {
            Issue.record(error)
            return nil
        }
    }

    @Test(arguments: Role.allCases) func `a grant without wishes says all of its role and no more`(_ role: Role) throws {
        let grant = try grant(role: role)
        let profile = TokenProfile.of(role)
        #expect(grant.publish == profile.publish)
        #expect(grant.subscribe == profile.subscribe)
        #expect(grant.data == profile.data)
        #expect(grant.expiresAt == UnixTime(1_767_225_900))
    }

    @Test(arguments: Role.allCases, PublishSource.allCases)
    func `a source is granted when the role has it and refused when not`(_ role: Role, _ source: PublishSource) throws {
        let isWithin = TokenProfile.of(role).publish.contains(source)
        #expect(refusedField { try grant(role: role, publish: [source]) } == (isWithin ? nil : .publish))
    }

    @Test func `fewer sources are granted in the contract's order`() throws {
        #expect(try grant(role: .host, publish: [.screenShareAudio, .camera]).publish == [.camera, .screenShareAudio])
        #expect(try grant(role: .host, publish: []).publish == [])
        #expect(refusedField { try grant(publish: [.camera, .camera]) } == .publish)
    }

    @Test(arguments: [(59, false), (60, true), (300, true), (600, true), (601, false), (0, false), (-1, false), (.max, false)])
    func `a lifetime is within its bounds`(_ seconds: Int, _ isWithin: Bool) {
        #expect(refusedField { try grant(lifetimeSeconds: seconds) } == (isWithin ? nil : .lifetimeSeconds))
    }

    @Test(arguments: [0, -1, 999_999_999, 4_294_966_001, Int64.max, Int64.min]) func `a clock that is not set is refused`(_ time: Int64) {
        #expect(refusedField { try grant(issuedAt: time) } == .issuedAt)
    }

    @Test func `texts have their sizes in bytes`() throws {
        let name = String(repeating: "é", count: 128)
        #expect(try grant(displayName: name).displayName == name)
        #expect(refusedField { try grant(displayName: name + "a") } == .displayName)
        let metadata = String(repeating: "m", count: 4096)
        #expect(try grant(metadata: metadata, roomMetadata: metadata).metadata == metadata)
        #expect(refusedField { try grant(metadata: metadata + "m") } == .metadata)
        #expect(refusedField { try grant(roomMetadata: metadata + "m") } == .roomMetadata)
    }

    @Test func `the empty text counts as absent and NUL is refused`() throws {
        let grant = try grant(displayName: "", metadata: "", roomMetadata: "")
        #expect(grant.displayName == nil && grant.metadata == nil && grant.roomMetadata == nil)
        #expect(refusedField { try self.grant(displayName: "a\0") } == .displayName)
        #expect(refusedField { try self.grant(attributes: [("a", "\0")]) } == .attributes)
    }

    @Test func `attributes are counted, measured and sorted`() throws {
        let sixteen = (0..<16).map { ("name\($0)", "value") }
        #expect(try grant(attributes: sixteen).attributes.count == 16)
        #expect(refusedField { try grant(attributes: sixteen + [("one more", "")]) } == .attributes)
        #expect(refusedField { try grant(attributes: [("", "v")]) } == .attributes)
        #expect(refusedField { try grant(attributes: [(String(repeating: "n", count: 65), "v")]) } == .attributes)
        #expect(refusedField { try grant(attributes: [("n", String(repeating: "v", count: 257))]) } == .attributes)
        #expect(refusedField { try grant(attributes: [("n", "1"), ("n", "2")]) } == .attributes)
        #expect(try grant(attributes: [("b", "2"), ("B", "1"), ("a", "3")]).attributes.map(\.name) == ["B", "a", "b"])
    }

    @Test func `two spellings of one letter are two names`() throws {
        #expect(try grant(attributes: [("\u{E9}", "1"), ("e\u{301}", "2")]).attributes.count == 2)
    }

    @Test(arguments: [(0, false), (1, true), (1000, true), (1001, false), (-1, false)])
    func `a room's cap is within its bounds`(_ cap: Int, _ isWithin: Bool) {
        #expect(refusedField { try grant(roomMaxParticipants: cap) } == (isWithin ? nil : .roomMaxParticipants))
    }
}
