import TestSupport
import Testing

@testable import Vocabulary

@Suite struct RoomNameTests {
    @Test func `a room name carries its tenant, its kind and 25 digits`() throws {
        let name = RoomName(tenant: try TenantID("acme"), kind: .room, random: 35)
        #expect(name.text == "acme-room-000000000000000000000000z")
        #expect(name.tenant.text == "acme")
    }

    @Test func `N07 the longest tenant id still makes a name of 63 bytes, which every provider takes whole`() throws {
        let tenant = try TenantID(String(repeating: "a", count: 32))
        #expect(RoomName(tenant: tenant, kind: .call, random: .max).text.utf8.count == 63)
    }

    @Test func `N05 every name is read back as what it was made from`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let tenant = try generator.tenantID()
            let kind = RoomName.Kind.allCases.randomElement(using: &generator)!
            let made = RoomName(tenant: tenant, kind: kind, random: UInt128.random(in: .min ... .max, using: &generator))
            let read = try RoomName(made.text)
            #expect(read.tenant == tenant)
            #expect(read.kind == kind)
            #expect(read == made)
        }
    }

    @Test func `N05 no two makings share a name, also where tenant ids look like parts of names`() throws {
        let tenants = try ["a", "a-room", "a-call", "a-room-b", "b", "room", "call", "a-", "a--room", "room-call"].map { text in
            try TenantID(text)
        }
        var seen: [String: String] = [:]
        for tenant in tenants {
            for kind in RoomName.Kind.allCases {
                for random in [UInt128.min, 1, 35, 36, .max] {
                    let origin = "\(tenant) \(kind) \(random)"
                    let name = RoomName(tenant: tenant, kind: kind, random: random).text
                    #expect(seen.updateValue(origin, forKey: name) == nil, "\(origin) repeats a name")
                }
            }
        }
    }

    @Test func `no room name is another one with text appended`() throws {
        let short = RoomName(tenant: try TenantID("a"), kind: .room, random: 0).text
        #expect(short.utf8.count == 32)
        #expect(throws: VocabularyError.self) { try TenantID(short) }
    }

    @Test(arguments: [
        "", "acme", "acme-room-", "acme-room-123", "-room-0000000000000000000000000", "acme-rooms-0000000000000000000000000",
        "ACME-room-0000000000000000000000000", "acme-room-000000000000000000000000A", "acme-room-zzzzzzzzzzzzzzzzzzzzzzzzz",
        "acme-room-0000000000000000000000000 ", "acme_room_0000000000000000000000000", "*", "acme-room-*",
        "acme-room-00000000000000000000000é", "-a-room-0000000000000000000000000",
    ])
    func `N06 a text that is not a room name is refused`(text: String) {
        #expect(throws: VocabularyError.self) { try RoomName(text) }
    }
}

extension SeededGenerator {
    /// A tenant whose name looks as much like a room's as it may.
    mutating func tenantID() throws -> TenantID {
        let pieces = ["a", "0", "z", "-", "room", "call", "-room-", "-call-", "7"]
        while true {
            var text = ""
            for _ in 0..<Int.random(in: 1...6, using: &self) { text += pieces.randomElement(using: &self)! }
            text = String(text.prefix(32))
            if text.first != "-" { return try TenantID(text) }
        }
    }
}
