import Calls
import StrictJSON
import Synchronization
import Vocabulary

/// Asks the app of one tenant whose opaque credentials are, and remembers for a moment what it said.
///
/// | the app answers | it means | remembered for |
/// |---|---|---|
/// | 200 with a user where the settings say | it is that user | 30 s |
/// | 401 or 403 | it opens nothing | 5 s |
/// | anything else, or not in time | nothing: it cannot be told now | not at all |
///
/// There is one question about a credential at a time, and all who show it meanwhile wait for its answer. After five questions in a row
/// that got no answer at all, none is asked for two seconds: an app that is down is not kept down, and whoever asks is told at once. Up to
/// 10,000 answers of each kind are remembered, by the SHA-256 of the credential. Time is the desk's monotonic clock.
final class RemoteCheck: Sendable {
    static let knownSeconds = 30
    static let refusedSeconds = 5
    static let rememberedMax = 10_000
    static let silencesMax = 5
    static let pauseSeconds = 2
    static let secretSeconds = 60
    static let answerBytesMax = 64 * 1024
    private static let limits = JSONLimits(bytesMax: answerBytesMax, depthMax: 16)

    /// Why nothing can be said of a credential.
    private struct Trouble: Error {
        let text: String
        /// There was no answer at all.
        var isSilence = false
    }

    /// What can be said of a credential.
    enum Verdict: Sendable {
        case user(AppUser)
        case nobody
        /// The text is for the log.
        case undecided(String)
    }

    private struct State {
        var known = Remembered<AppUser>()
        var refused = Remembered<Void>()
        var running: [[UInt8]: Task<Verdict, Never>] = [:]
        var secret: (value: Secret, readAt: Duration)?
        /// How many questions in a row got no answer, and until when none is asked because of that.
        var silences = 0
        var pausedUntil = Duration.zero
        /// Why the last question brought nothing.
        var trouble: String?
    }

    private enum Next {
        case say(Verdict)
        case wait(Task<Verdict, Never>)
    }

    private let tenant: TenantID
    /// What the app is asked with.
    private let settings: RemoteCheckSettings
    private let fields: AppFields?
    private let secrets: any SecretSource
    private let outside: any OutsideLine
    private let monotonic: @Sendable () -> Duration
    private let metrics: DeskMetrics
    private let state = Mutex(State())

    init(
        _ tenant: TenantID, _ settings: RemoteCheckSettings, secrets: any SecretSource, outside: any OutsideLine,
        monotonic: @escaping @Sendable () -> Duration, metrics: DeskMetrics
    ) {
        self.tenant = tenant
        self.settings = settings
        self.secrets = secrets
        self.outside = outside
        self.monotonic = monotonic
        self.metrics = metrics
        fields = AppFields(settings.fields)
    }

    /// Why nothing can be told of credentials, as of the last question; nil while all is well.
    var trouble: String? { state.withLock { $0.trouble } }

    /// Whether the secret can be read that the app knows the service by. That the app answers is the app's own matter.
    var isReadable: Bool {
        do throws(SecretUnavailable) {
            _ = try secret(at: monotonic())
            return true
        } catch {
            return false
        }
    }

    /// Whose the credential is.
    /// - Parameter now: when it was shown.
    func verdict(on bearer: OpaqueBearer, at now: UnixTime) async -> Verdict {
        switch next(for: bearer, at: now) {
        case .say(let verdict): verdict
        case .wait(let question): await question.value
        }
    }

    private func next(for bearer: OpaqueBearer, at now: UnixTime) -> Next {
        let time = monotonic()
        return state.withLock { state in
            if let user = state.known.value(for: bearer.digest, at: time) { return .say(.user(user)) }
            if state.refused.value(for: bearer.digest, at: time) != nil { return .say(.nobody) }
            if let question = state.running[bearer.digest] { return .wait(question) }
            guard state.pausedUntil <= time else { return .say(.undecided(state.trouble ?? "")) }
            let question = Task { await self.asked(bearer, at: now) }
            state.running[bearer.digest] = question
            return .wait(question)
        }
    }

    private func asked(_ bearer: OpaqueBearer, at now: UnixTime) async -> Verdict {
        let verdict: Verdict
        var isSilence = false
        do throws(Trouble) {
            verdict = try await ask(bearer, at: now)
        } catch {
            verdict = .undecided("tenant \(tenant): remote_check: \(error.text)")
            isSilence = error.isSilence
        }
        metrics.askedApp(verdict)
        let time = monotonic()
        state.withLock { state in
            state.running[bearer.digest] = nil
            state.silences = isSilence ? state.silences + 1 : 0
            if state.silences >= Self.silencesMax { state.pausedUntil = time + .seconds(Self.pauseSeconds) }
            switch verdict {
            case .user(let user):
                state.known.keep(user, for: bearer.digest, until: time + .seconds(Self.knownSeconds), at: time)
                state.trouble = nil
            case .nobody:
                state.refused.keep((), for: bearer.digest, until: time + .seconds(Self.refusedSeconds), at: time)
                state.trouble = nil
            case .undecided(let trouble):
                state.trouble = trouble
            }
        }
        return verdict
    }

    private func ask(_ bearer: OpaqueBearer, at now: UnixTime) async throws(Trouble) -> Verdict {
        let answer = try await answer(about: bearer)
        switch answer.status {
        case 200: return .user(try user(answer.body, at: now))
        case 401, 403: return .nobody
        default: throw Trouble(text: "\(settings.address) answered \(answer.status)")
        }
    }

    private func answer(about bearer: OpaqueBearer) async throws(Trouble) -> OutsideAnswer {
        let secret: Secret
        do throws(SecretUnavailable) {
            secret = try self.secret(at: monotonic())
        } catch {
            throw Trouble(text: "secret: \(error)")
        }
        let headers = [(name: "Authorization", value: bearer.authorization), (name: "X-Internal-Secret", value: secret)]
        do throws(OutsideTrouble) {
            return try await outside.get(OutsideQuestion(settings.address, headers: headers, bodyBytesMax: Self.answerBytesMax))
        } catch {
            throw Trouble(text: error.description, isSilence: true)
        }
    }

    private func user(_ body: [UInt8], at now: UnixTime) throws(Trouble) -> AppUser {
        let answer: JSONValue
        do throws(JSONError) {
            answer = try JSONValue.parse(body, limits: Self.limits)
        } catch {
            throw Trouble(text: "\(settings.address) answered with no JSON that can be taken")
        }
        guard let user = fields?.user(in: answer, at: now) else {
            throw Trouble(text: "\(settings.address) answered without a user at \(settings.fields.user)")
        }
        return user
    }

    /// The secret, read again where that was a minute ago. Where that fails, the one that was read before goes on working.
    private func secret(at time: Duration) throws(SecretUnavailable) -> Secret {
        let known = state.withLock { $0.secret }
        if let known, time - known.readAt < .seconds(Self.secretSeconds) { return known.value }
        do throws(SecretUnavailable) {
            let secret = try settings.readSecret(from: secrets)
            state.withLock { $0.secret = (secret, time) }
            return secret
        } catch {
            guard let known else { throw error }
            return known.value
        }
    }
}

/// A user as its app describes it.
struct AppUser: Sendable, Equatable {
    let user: UserID
    let name: String?
    let roles: [String]
    /// When the app was asked.
    let askedAt: UnixTime
}

/// Where in an app's answer stands what.
private struct AppFields {
    let user: JSONPointer
    let name: JSONPointer?
    let roles: JSONPointer?

    /// Nil where one of them is no pointer: settings of that kind are not kept.
    init?(_ fields: RemoteCheckSettings.Fields) {
        do throws(JSONPointer.Malformed) {
            user = try JSONPointer(fields.user)
            name = if let name = fields.name { try JSONPointer(name) } else { nil }
            roles = if let roles = fields.roles { try JSONPointer(roles) } else { nil }
        } catch {
            return nil
        }
    }

    func user(in answer: JSONValue, at now: UnixTime) -> AppUser? {
        UserFields.user(answer.value(at: user)).map { user in
            AppUser(
                user: user, name: UserFields.name(name.flatMap { answer.value(at: $0) }),
                roles: UserFields.roles(roles.flatMap { answer.value(at: $0) }), askedAt: now)
        }
    }
}

/// What is remembered for a while, by a digest.
private struct Remembered<Value> {
    private var entries: [[UInt8]: (value: Value, until: Duration)] = [:]

    func value(for digest: [UInt8], at now: Duration) -> Value? {
        entries[digest].flatMap { $0.until > now ? $0.value : nil }
    }

    /// What is over makes room first; where that is not enough, everything does.
    mutating func keep(_ value: Value, for digest: [UInt8], until end: Duration, at now: Duration) {
        if entries.count >= RemoteCheck.rememberedMax { entries = entries.filter { $0.value.until > now } }
        if entries.count >= RemoteCheck.rememberedMax { entries.removeAll() }
        entries[digest] = (value, end)
    }
}
