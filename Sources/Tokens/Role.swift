/// What a person is in a room, in words that belong to no provider. What each role may do is written in ``TokenProfile``.
public enum Role: String, CaseIterable, Hashable, Sendable {
    /// Leads: publishes everything, the screen included, sees and hears everyone, sends data.
    case host
    /// Takes part: publishes camera and microphone, sees and hears everyone, sends data.
    case participant
    /// Watches and may send data, such as chat; publishes no media.
    case viewer
    /// Watches and hears only; sends nothing at all.
    case listener
}
