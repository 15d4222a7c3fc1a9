/// The media planes that a join token can be written for.
public enum ProviderKind: String, CaseIterable, Sendable {
    case livekit
    case agora
}
