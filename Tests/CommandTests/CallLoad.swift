import TestSupport
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
        var dice = SeededGenerator(seed: seed &+ UInt64(client))
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
