/// A wait between two looks at something.
enum Pause {
    /// Waits. False when the service stops.
    static func pass(_ duration: Duration) async -> Bool {
        do {
            try await Task.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }
}
