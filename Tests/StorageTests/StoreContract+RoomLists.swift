import Calls
import Testing
import Vocabulary

extension StoreContract {
    static let roomLists: [StoreRule] = [
        StoreRule("the pages of a list hold every room of the tenant once, oldest first") { bench in
            let store = try await bench.makeStore()
            for id in ["acme", "other"] { try await store.insert(Sample.tenant(id)) }
            // Names that do not sort by age, and another tenant's rooms in between.
            let numbers = [70, 10, 60, 20, 50, 30, 40]
            for number in numbers {
                try await store.insert(Sample.room(number), openRoomsMax: 100)
                try await store.insert(Sample.room(number, of: "other"), openRoomsMax: 100)
            }

            for (limit, sizes) in [(1, [1, 1, 1, 1, 1, 1, 1]), (3, [3, 3, 1]), (6, [6, 1]), (7, [7]), (8, [7]), (100, [7])] {
                let pages = try await everything(limit: limit) { page in
                    try await store.rooms(of: TenantID("acme"), state: nil, at: Sample.start, page: page)
                }
                #expect(pages.map(\.count) == sizes, "pages of \(limit)")
                #expect(pages.joined().map(\.name) == (try numbers.map { try Sample.room($0).name }))
            }
        },
        StoreRule("a list of nothing is one empty page") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())

            for tenant in ["acme", "nobody"] {
                for state in [nil] + Room.State.allCases {
                    let page = try await store.rooms(
                        of: TenantID(tenant), state: state, at: Sample.start, page: PageRequest(after: nil, limit: 5))
                    #expect(page.items.isEmpty && page.next == nil)
                }
            }
        },
        StoreRule("every state lists exactly the rooms that are in it, to the second") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            var rooms: [Room] = []
            for (number, lifetime) in [60, 61, 120, 60, 61, 120].enumerated() {
                var room = try Sample.room(number, lifetime: lifetime)
                try await store.insert(room, openRoomsMax: 100)
                if number >= 3 {
                    room = room.closed(at: Sample.start + 30)
                    _ = try await store.closeRoom(room.name, at: Sample.start + 30)
                }
                rooms.append(room)
            }

            for second in [0, 59, 60, 61, 119, 120, 100_000] {
                let now = Sample.start + second
                for state in Room.State.allCases {
                    let pages = try await everything(limit: 2) { page in
                        try await store.rooms(of: TenantID("acme"), state: state, at: now, page: page)
                    }
                    #expect(Array(pages.joined()) == rooms.filter { $0.state(at: now) == state }, "\(state) after \(second) s")
                }
            }
        },
        StoreRule("a page goes on where the one before ended, whatever was added or closed in between") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            for number in 1...4 { try await store.insert(Sample.room(number), openRoomsMax: 100) }
            let tenant = try TenantID("acme")
            let first = try await store.rooms(of: tenant, state: .open, at: Sample.start, page: PageRequest(after: nil, limit: 2))
            for number in [1, 2, 3] { _ = try await store.closeRoom(Sample.room(number).name, at: Sample.start) }
            try await store.insert(Sample.room(5), openRoomsMax: 100)

            let second = try await store.rooms(of: tenant, state: .open, at: Sample.start, page: PageRequest(after: first.next, limit: 2))
            #expect(second.items == [try Sample.room(4), try Sample.room(5)])
            #expect(second.next == nil)
        },
        StoreRule("a position stays good over reopening") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            for number in 1...4 { try await store.insert(Sample.room(number), openRoomsMax: 100) }
            let tenant = try TenantID("acme")
            let first = try await store.rooms(of: tenant, state: nil, at: Sample.start, page: PageRequest(after: nil, limit: 3))
            let reopened = try await bench.reopen(store)

            let second = try await reopened.rooms(of: tenant, state: nil, at: Sample.start, page: PageRequest(after: first.next, limit: 3))
            #expect(second.items == [try Sample.room(4)])
        },
    ]
}
