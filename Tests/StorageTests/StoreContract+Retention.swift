import Calls
import Testing
import Vocabulary

extension StoreContract {
    static let retention: [StoreRule] = [
        StoreRule("ended calls go when they are old enough, and nothing of them stays") { bench in
            let store = try await tenants(bench)
            var calls: [Call] = []
            for number in 0..<10 {
                let call = try await store.placed(Sample.newCall(number, "ann", "bob"))
                calls.append(try await store.moved(call, Sample.end(), at: Sample.start + number))
            }
            let live = try await store.placed(Sample.newCall(20, "carl", "dora"))

            try await forget(store, calls: Sample.start + 6)
            let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for filter in [CallFilter(state: nil, user: nil), CallFilter(state: .ended, user: try UserID("ann"))] {
                    let kept = try await store.calls(of: TenantID("acme"), filter, page: PageRequest(after: nil, limit: 100)).items
                    #expect(kept.filter { $0.state == .ended } == Array(calls[6...]))
                }
                #expect(try await store.call(calls[5].id, of: TenantID("acme")) == nil)
                #expect(try await store.call(live.id, of: TenantID("acme")) == live)
            }
            // The id of a call that is forgotten can be brought again.
            _ = try await reopened.placed(Sample.newCall(30, id: calls[0].id.text))
        },
        StoreRule("a live call is never forgotten, and does not keep later ones from going") { bench in
            let store = try await tenants(bench)
            let live = try await store.placed(Sample.newCall(1, "carl", "dora"))
            for number in 2...20 { _ = try await store.moved(store.placed(Sample.newCall(number)), Sample.end()) }
            try await forget(store, calls: Sample.start + 100, rowsMax: 3)
            let kept = try await store.calls(
                of: TenantID("acme"), CallFilter(state: nil, user: nil), page: PageRequest(after: nil, limit: 9))
            #expect(kept.items == [live])
            #expect(try await store.liveCall(of: UserID("carl"), in: TenantID("acme")) == live)
        },
        StoreRule("a key under which the answer was forgotten is a new one") { bench in
            let store = try await tenants(bench)
            let ticket = try Sample.ticket(key: Sample.repeatKey())
            let call = try await store.placed(Sample.newCall(1), ticket)
            _ = try await store.moved(call, Sample.end())
            try await forget(store, answers: Sample.start)
            #expect(try await store.place(Sample.newCall(2), ticket).repeatedCall == call)
            try await forget(store, answers: Sample.start + 1)
            let second = try await store.place(Sample.newCall(3), ticket).requireChanged()
            #expect(second.room == (try Sample.newCall(3).room))
            // And also when the call went first.
            _ = try await store.moved(second, Sample.end())
            try await forget(store, calls: Sample.start + 1)
            _ = try await store.place(Sample.newCall(4), ticket).requireChanged()
        },
        StoreRule("closed and expired rooms go when they are old enough, and open ones stay") { bench in
            let store = try await tenants(bench)
            for number in 1...4 { try await store.insert(Sample.room(number, lifetime: number * 100), openRoomsMax: 10) }
            _ = try await store.closeRoom(Sample.room(4).name, at: Sample.start + 50)
            try await forget(store, rooms: Sample.start + 200)
            for (number, isKept) in [(1, false), (2, true), (3, true), (4, false)] {
                let name = try Sample.room(number).name
                #expect(try await (store.room(name) != nil) == isKept, "room \(number)")
                #expect(isKept || store.roomAtHand(name) == nil)
            }
        },
        StoreRule("revoked and expired keys go when they are old enough, and living ones stay") { bench in
            let store = try await tenants(bench)
            func key(_ number: Int, expires seconds: Int?) throws -> APIKeyRecord {
                let key = try Sample.key(number)
                return APIKeyRecord(
                    id: key.id, tenant: key.tenant, scopes: key.scopes, label: nil, prefix: key.prefix, digest: key.digest,
                    createdAt: key.createdAt, expiresAt: seconds.map { Sample.start + $0 })
            }
            let keys = [
                try key(1, expires: nil), try key(2, expires: 100), try key(3, expires: 300), try key(4, expires: nil),
                try key(5, expires: 300), try key(6, expires: nil),
            ]
            for key in keys { try await store.insert(key) }
            for (number, second) in [(4, 100), (5, 100), (6, 300)] {
                _ = try await store.revokeKey(Sample.key(number).id, at: Sample.start + second)
            }
            try await forget(store, keys: Sample.start + 200)
            for (number, isKept) in [(1, true), (2, false), (3, true), (4, false), (5, false), (6, true)] {
                let key = try Sample.key(number)
                #expect(try await (store.key(key.id) != nil) == isKept, "key \(number)")
                #expect(try await (store.key(digest: key.digest) != nil) == isKept, "key \(number)")
            }
        },
        StoreRule("the audit log loses its front alone and stays one chain") { bench in
            let store = try await tenants(bench)
            for second in [1, 2, 9, 3, 4] {
                try await store.append([Sample.audit(.mintRoomToken, "x", of: TenantID("acme"), at: Sample.start + second)])
            }
            let rows = try await store.auditLog(of: nil) + store.auditLog()
            try await forget(store, audit: Sample.start + 5, rowsMax: 1)
            let left = try await store.auditLog()
            // The row of second 9 may not go yet, and so the ones behind it have to wait.
            #expect(left.map { $0.entry.at.seconds - Sample.start.seconds } == [9, 3, 4])
            try await expectChain(store, from: rows[rows.count - 4])
            try await forget(store, audit: Sample.start + 100)
            let last = try #require(left.last)
            #expect(try await store.auditLog().isEmpty)
            let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
                try await store.append([Sample.audit(.mintRoomToken, "y", of: TenantID("acme"))])
            }
            try await expectChain(reopened, from: last)
        },
        StoreRule("a call is listed although the audit log around its place has gone") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1))
            try await store.append((1...200).map { Sample.audit(.mintRoomToken, "\($0)", of: nil) })
            try await forget(store, audit: Sample.start + 1)
            #expect(try await store.auditLog(of: nil).isEmpty)
            #expect(try await store.storedCall(call.id) == call)
        },
        StoreRule("the directory of a closed tenant goes, and no other") { bench in
            let store = try await tenants(bench)
            for name in ["ann", "bob", "carl", "other:ann"] { try await put(store, name) }
            try await forget(store, rowsMax: 2)
            #expect(try await store.user(UserID("ann"), of: TenantID("acme")) != nil)
            _ = try await store.closeTenant(TenantID("acme"), at: Sample.start)
            try await forget(store, rowsMax: 2)
            for name in ["ann", "bob", "carl"] { #expect(try await store.user(UserID(name), of: TenantID("acme")) == nil) }
            #expect(try await store.user(UserID("ann"), of: TenantID("other")) != nil)
        },
        StoreRule("no slice takes more rows of a table than it may") { bench in
            let store = try await tenants(bench)
            for number in 1...10 { _ = try await store.moved(store.placed(Sample.newCall(number)), Sample.end()) }
            var counts: [Int] = []
            var isMore = true
            while isMore {
                isMore = try await store.forget(retentionOf(calls: Sample.start + 1), rowsMax: 4)
                let filter = CallFilter(state: nil, user: nil)
                counts.append(try await store.calls(of: TenantID("acme"), filter, page: PageRequest(after: nil, limit: 100)).items.count)
            }
            #expect(counts == [6, 2, 0])
        },
    ]

    /// Forgets what is named until there is no more of it.
    private static func forget(
        _ store: any Store, answers: UnixTime = UnixTime(0), calls: UnixTime = UnixTime(0), rooms: UnixTime = UnixTime(0),
        keys: UnixTime = UnixTime(0), audit: UnixTime = UnixTime(0), rowsMax: Int = 100
    ) async throws {
        let retention = Retention(
            idempotencyBefore: answers, endedCallsBefore: calls, closedRoomsBefore: rooms, deadKeysBefore: keys, auditBefore: audit)
        while try await store.forget(retention, rowsMax: rowsMax) {}
    }

    private static func retentionOf(calls: UnixTime) -> Retention {
        let never = UnixTime(0)
        return Retention(
            idempotencyBefore: never, endedCallsBefore: calls, closedRoomsBefore: never, deadKeysBefore: never, auditBefore: never)
    }
}
