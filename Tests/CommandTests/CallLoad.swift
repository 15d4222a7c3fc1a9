/// Clients that play calls at the same time, each on a connection of its own, until the service is gone.
struct CallLoad: Sendable {
    /// Unique for the store; part of the names of all calls.
    let name: String
    let clients: Int
    let port: Int
    let key: String
    let seed: UInt64

    /// Plays until every connection is lost.
    func run() async throws -> [CallStory] {
        try await withThrowingTaskGroup(of: [CallStory].self) { group in
            for client in 0..<clients {
                group.addTask { try await onThread { play(client) } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func play(_ client: Int) -> [CallStory] {
        var stories: [CallStory] = []
        var dice = SplitMix(seed: seed &+ UInt64(client))
        do {
            let connection = try Connection(port: port)
            var goesOn = true
            while goesOn {
                let course = CallStory.Course.allCases.randomElement(using: &dice) ?? .ring
                let (story, isWell) = CallStory.play(course, name: "\(name)-\(client)-\(stories.count)", on: connection, key: key)
                stories.append(story)
                goesOn = isWell
            }
        } catch {
            // The service was gone before this client came.
        }
        return stories
    }
}

/// Random numbers that are the same for the same seed (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
