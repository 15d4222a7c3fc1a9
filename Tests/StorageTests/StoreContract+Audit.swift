import Calls
import Signing
import Testing
import Vocabulary

extension StoreContract {
    static let audit: [StoreRule] = [
        StoreRule("an audit row comes back as it was put in") { bench in
            let store = try await tenants(bench)
            let actors: [Actor] = [.key(APIKeyID(random: 5)), .user(try UserID("user:machine")), .machine, .service]
            let entries = try AuditedOperation.allCases.enumerated().map { number, operation in
                AuditEntry(
                    at: Sample.start + number, tenant: try TenantID("acme"), actor: actors[number % 4], operation: operation,
                    subject: number == 0 ? "" : "Gegenstand \(number), '\n'", outcome: number % 2 == 0 ? "done" : "user_busy",
                    requestID: number % 3 == 0 ? nil : "request-\(number)",
                    token: number % 5 == 0 ? try Sample.mint(Sample.call(), "bob", number: number).token : nil)
            }
            let before = try await store.auditLog().count
            try await store.append(entries)

            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.auditLog().dropFirst(before).map(\.entry) == entries)
            }
        },
        StoreRule("a text that ends too early for a database does not break the chain") { bench in
            let store = try await tenants(bench)
            try await store.append([
                AuditEntry(
                    at: Sample.start, tenant: nil, actor: .machine, operation: .mintRoomToken, subject: "a\0b", outcome: "\0\u{301}",
                    requestID: "c\0")
            ])
            let entry = try #require(try await store.auditLog(of: nil).last?.entry)
            #expect([entry.subject, entry.outcome, entry.requestID] == ["a\u{FFFD}b", "\u{FFFD}\u{301}", "c\u{FFFD}"])
            try await expectChain(store)
        },
        StoreRule("a tenant's log holds its rows, and the operator's log those without a tenant, in pages, oldest first (N10)") { bench in
            let store = try await tenants(bench)
            for number in 1...10 {
                let tenant = [nil, "acme", "other"][number % 3]
                try await store.append([Sample.audit(.createKey, "subject-\(number)", of: tenant.map { try TenantID($0) })])
            }
            for (owner, numbers) in [(AuditOwner.operator, [3, 6, 9]), (.tenant(try TenantID("acme")), [1, 4, 7, 10])] {
                for limit in [1, 2, 3, 100] {
                    let pages = try await everything(limit: limit) { try await store.auditRows(of: owner, page: $0) }
                    let rows = pages.joined().filter { $0.entry.operation == .createKey }
                    #expect(rows.map(\.entry.subject) == numbers.map { "subject-\($0)" })
                }
            }
            #expect(try await store.auditRows(of: .tenant(TenantID("nobody")), page: PageRequest(after: nil, limit: 5)).items.isEmpty)
        },
        StoreRule("every row of an owner is found among many of others, in pages of any size") { bench in
            let store = try await tenants(bench)
            let owners = [nil, "acme", "other"]
            var subjects: [String?: [String]] = [:]
            // A run of one owner, then one row of another: some are everywhere in the log, some far apart.
            for number in 1...400 {
                let owner = owners[number % 150 == 0 ? 2 : number / 70 % 2]
                subjects[owner, default: []].append("subject-\(number)")
                try await store.append([Sample.audit(.createKey, "subject-\(number)", of: owner.map { try TenantID($0) })])
            }
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for owner in owners {
                    for limit in [1, 7, 1000] {
                        let asked = try owner.map { AuditOwner.tenant(try TenantID($0)) } ?? .operator
                        let pages = try await everything(limit: limit) { try await store.auditRows(of: asked, page: $0) }
                        let rows = pages.joined().filter { $0.entry.operation == .createKey }
                        #expect(rows.map(\.entry.subject) == subjects[owner], "\(owner ?? "operator"), \(limit)")
                    }
                }
            }
        },
        StoreRule("no two rows have the same salt") { bench in
            let store = try await tenants(bench)
            try await store.append((1...100).map { Sample.audit(.mintRoomToken, "\($0)", of: nil) })
            let salts = try await store.auditLog(of: nil).map(\.salt)
            #expect(salts.allSatisfy { $0.count == 16 } && Set(salts).count == salts.count)
        },
        StoreRule("every change that is kept has its audit row, and what was refused has none of its own") { bench in
            let store = try await bench.makeStore()
            let (tenant, room, key) = (try Sample.tenant(), try Sample.room(1), try Sample.key(1))
            try await store.insert(tenant)
            #expect(await refusal { try await store.insert(tenant) } == .duplicate)
            try await store.insert(room, openRoomsMax: 1)
            #expect(await refusal { try await store.insert(Sample.room(2), openRoomsMax: 1) } == .limitReached)
            #expect(await refusal { try await store.insert(Sample.room(2, of: "nobody"), openRoomsMax: 1) } == .tenantGone)
            for _ in 1...2 { _ = try await store.closeRoom(room.name, at: Sample.start) }
            #expect(try await store.closeRoom(Sample.room(2).name, at: Sample.start) == nil)
            try await store.insert(key)
            for _ in 1...2 { _ = try await store.revokeKey(key.id, at: Sample.start) }
            #expect(try await store.replaceTenant(Sample.tenant(openRoomsMax: 3), with: tenant) == false)
            #expect(try await store.replaceTenant(tenant, with: Sample.tenant(openRoomsMax: 3)))
            for _ in 1...2 { _ = try await store.closeTenant(tenant.id, at: Sample.start) }

            let log = try await store.auditLog() + store.auditLog(of: nil)
            #expect(
                log.sorted { $0.seq < $1.seq }.map { "\($0.entry.operation.rawValue) \($0.entry.outcome)" } == [
                    "tenant.create done", "room.create done", "room.close done", "room.close repeated", "key.create done",
                    "key.revoke done", "key.revoke repeated", "tenant.change done", "tenant.close done", "tenant.close repeated",
                ])
            try await expectChain(store)
        },
        StoreRule("the row of a change about a call says who asked, what for, when, and by which request") { bench in
            let store = try await tenants(bench)
            let actor = Actor.user(try UserID("ann"))
            let new = try Sample.newCall(1)
            _ = try await store.place(new, Sample.ticket(by: actor, at: Sample.start + 5, request: "request-1"))
            _ = try await store.move(.ringTimeout, new.id, Sample.ticket(by: .service, at: Sample.start + 35))
            let rows = try await store.auditLog().suffix(2).map(\.entry)
            #expect(
                rows == [
                    AuditEntry(
                        at: Sample.start + 5, tenant: new.tenant, actor: actor, operation: .placeCall, subject: new.id.text,
                        requestID: "request-1"),
                    AuditEntry(
                        at: Sample.start + 35, tenant: new.tenant, actor: .service, operation: .expireCall, subject: new.id.text,
                        requestID: nil),
                ])
        },
        StoreRule("the chain is whole after a thousand changes at once, many of which fail") { bench in
            let store = try await tenants(bench)
            try await withThrowingTaskGroup { group in
                for number in 0..<1000 {
                    group.addTask {
                        switch number % 8 {
                        case 0: _ = try await store.place(Sample.newCall(number, "ann-\(number)", "bob-\(number)"), Sample.ticket())
                        case 1: _ = try await store.place(Sample.newCall(number, "ann-\(number)", "bob"), Sample.ticket())
                        case 2: _ = try await store.move(Sample.accept(), CallID(random: UInt128(number - 2)), Sample.ticket())
                        case 3: _ = await refusal { try await store.insert(Sample.tenant()) }
                        case 4: _ = await refusal { try await store.insert(Sample.room(1 + number % 3), openRoomsMax: 2) }
                        case 5: _ = await refusal { try await store.insert(Sample.key(number, digest: number % 5)) }
                        case 6: try await store.append([Sample.audit(.mintRoomToken, "\(number)", of: TenantID("other"))])
                        default: _ = try await store.closeRoom(Sample.room(1 + number % 3).name, at: Sample.start)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await bench.nowAndReopened(store) { (store: any Store) async throws in try await expectChain(store) }
        },
        StoreRule("a row can be appended without waiting, and what came of it is told once") { bench in
            let store = try await tenants(bench)
            let answers = await withTaskGroup(of: StoreError?.self) { group in
                for number in 1...100 {
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            let entry = AuditEntry(
                                at: Sample.start, tenant: nil, actor: .machine, operation: .mintRoomToken, subject: "\(number)",
                                requestID: nil)
                            store.append(entry) { continuation.resume(returning: $0) }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 100 && answers.allSatisfy { $0 == nil })
            let rows = try await store.auditLog(of: nil).filter { $0.entry.operation == .mintRoomToken }
            #expect(Set(rows.map(\.entry.subject)).count == 100)
            try await expectChain(store)
        },
    ]

    /// The rows of all owners together are one chain without a gap, and every hash is what everybody can make of the row.
    static func expectChain(_ store: any Store, from anchor: AuditRow? = nil) async throws {
        let rows = try await (store.auditLog(of: nil) + store.auditLog() + store.auditLog(of: "other")).sorted { $0.seq < $1.seq }
        #expect(!rows.isEmpty)
        var before = anchor?.hash ?? [UInt8](repeating: 0, count: 32)
        for (row, seq) in zip(rows, ((anchor?.seq ?? 0) + 1)...) {
            guard row.seq == seq, row.previousHash == before,
                row.hash == Digest.sha256(before + row.entry.canonicalForm(seq: seq, salt: row.salt))
            else {
                Issue.record("row \(seq) does not fit: \(row)")
                return
            }
            before = row.hash
        }
    }
}

extension Sample {
    static func call() throws -> Call {
        let new = try newCall(1)
        return Call(
            id: new.id, room: new.room, provider: .livekit, media: .video, metadata: nil, parties: [], placedAt: start, ringDeadline: start,
            acceptedAt: nil, ending: nil, version: 1)
    }
}
