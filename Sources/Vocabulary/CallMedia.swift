/// What a call is about: who joins may publish no more than that.
public enum CallMedia: String, CaseIterable, Sendable {
    case audio
    case video
}
