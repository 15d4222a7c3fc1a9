import Calls
import StrictJSON
import Switchboard
import Testing
import Tokens
import Vocabulary

@Suite struct SecrecyTests {
    @Test func `no key, no secret and no token is in any file of the store`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let keys = [try await house.key().secret.text, try await house.key(lifetimeSeconds: 60).secret.text]
        let caller = try await house.desk.authenticate(keys[0])
        let room = try await house.desk.createRoom(
            RoomOrder(provider: nil, maxParticipants: nil, lifetimeSeconds: 60, metadata: "canary-of-the-scan"), for: caller)
        let livekit = try await house.desk.mintToken(Mint.order(), room: room.name, for: caller).minted.token
        let agora = try await house.desk.mintToken(Mint.order(), room: house.room(for: caller, .agora).name, for: caller).minted.token
        let files = try house.home.contents()
        func isThere(_ text: some StringProtocol) -> Bool {
            files.contains { file in file.bytes.firstRange(of: Array(text.utf8)) != nil }
        }

        // What may be there is found: the scan scans the right files, the write-ahead log among them.
        #expect(files.map(\.name).contains("callgate.sqlite-wal"))
        for text in ["canary-of-the-scan", "LIVEKIT_SECRET", "/run/secrets/agora", room.name.text] + keys.map({ String($0.prefix(12)) }) {
            #expect(isThere(text), "\(text)")
        }
        for key in keys { #expect(!isThere(key) && !isThere(key.dropFirst(12)) && !isThere(key.suffix(16))) }
        for secret in [Providers.liveKitSecret, Providers.certificate] { #expect(!isThere(secret) && !isThere(secret.suffix(12))) }
        for token in [livekit, agora] { #expect(!isThere(token) && !isThere(token.suffix(30)) && !isThere(token.dropFirst(40).prefix(30))) }
    }

    @Test func `what the desk hands out shows no secret by itself`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let key = try await house.key()
        let caller = try await house.desk.authenticate(key.secret.text)
        let room = try await house.room(for: caller)
        let join = try await house.desk.mintToken(Mint.order(), room: room.name, for: caller)
        var shown = ""
        for value in [key, caller, join, join.minted, house.desk] as [Any] {
            shown += "\(value)" + String(reflecting: value)
            dump(value, to: &shown)
        }

        for secret in [key.secret.text.suffix(30), join.minted.token.suffix(30), Providers.liveKitSecret.suffix(12)] {
            #expect(!shown.contains(secret))
        }
    }
}
