import Testing

/// Which room may use which.
enum House {
    /// Room -> the modules that its files may import. The arrows go one way; `callgate` stands outermost. Whoever adds a door adds it here
    /// and in Package.swift, and asks first whether the room really needs it.
    static let doors: [String: Set<String>] = [
        "Vocabulary": [],
        "StrictJSON": ["CJansson"],
        "Signing": ["COpenSSL", "StrictJSON", "Synchronization", "Vocabulary"],
        "Tokens": ["CZlib", "Signing", "StrictJSON", "Synchronization", "Vocabulary"],
        "Calls": ["Vocabulary"],
        "Metering": ["Synchronization"],
        "SocketIO": ["StrictJSON"],
        "Storage": [
            "Calls", "Darwin", "Foundation", "GRDB", "GRDBSQLite", "Glibc", "Metering", "Musl", "Signing", "Synchronization", "Vocabulary",
        ],
        "Switchboard": ["Calls", "Metering", "Signing", "StrictJSON", "Synchronization", "Tokens", "Vocabulary"],
        "Signaling": [
            "Calls", "Logging", "Metering", "Signing", "SocketIO", "StrictJSON", "Switchboard", "Synchronization", "Tokens", "Vocabulary",
        ],
        "API": ["Calls", "Logging", "Metering", "StrictJSON", "Switchboard", "Tokens", "Vocabulary", "Yams"],
        "Gateway": [
            "API", "Calls", "Configuration", "Foundation", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "Metering", "NIOCore",
            "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOPosix", "NIOSSL", "NIOTLS", "ServiceLifecycle", "Signaling", "Signing",
            "SocketIO", "Storage", "StrictJSON", "Switchboard", "Synchronization", "SystemPackage", "UnixSignals", "Vocabulary",
        ],
        "callgate": [
            "API", "ArgumentParser", "Calls", "Foundation", "FoundationNetworking", "Gateway", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix",
            "NIOWebSocket", "Signing", "SocketIO", "StrictJSON", "Switchboard", "Synchronization", "Tokens", "Vocabulary",
        ],
    ]

    /// The rooms that open no file and no socket and read no clock: time, randomness and ids come in as arguments.
    static let innerRooms = ["Vocabulary", "StrictJSON", "Signing", "Tokens", "Calls", "Metering", "SocketIO", "Switchboard"]

    /// C library -> the one room that may touch it.
    static let shims = ["CJansson": "StrictJSON", "COpenSSL": "Signing", "CZlib": "Tokens"]

    /// Modules that come with Swift itself and are declared nowhere.
    static let toolchain: Set<String> = [
        "CoreFoundation", "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Musl", "Swift",
        "Synchronization", "Testing",
    ]

    /// Of those, the ones through which a room reaches files, sockets and clocks.
    static let outside: Set<String> = toolchain.subtracting(["Swift", "Synchronization", "Testing"])
}

@Suite struct `The doors between the rooms` {
    private let manifest: PackageManifest

    init() throws {
        manifest = PackageManifest(try Checkout.text(PackageManifest.path))
    }

    @Test(arguments: House.doors.keys.sorted())
    func `a room imports only what its row in the table allows`(room: String) throws {
        let allowed = House.doors[room] ?? []
        var faults: [String] = []
        for file in try Checkout.swiftFiles(below: "Sources/\(room)") {
            for (module, line) in file.imports where !allowed.contains(module) {
                faults.append("\(file.path):\(line): \(room) has no door to \(module). Do without, or add it to House.doors with a reason.")
            }
        }
        expectNone(faults)
    }

    @Test(arguments: House.innerRooms)
    func `an inner room has no door to files, sockets and clocks`(room: String) {
        let doors = House.doors[room, default: []].intersection(House.outside).sorted()
        #expect(doors.isEmpty, "House.doors lets \(room) import \(doors). Pass in what it needs from outside instead.")
    }

    @Test func `every folder in Sources has a row in the table, and every row a folder`() throws {
        let known = Set(House.doors.keys).union(House.shims.keys)
        let folders = Set(try Checkout.folders(in: "Sources"))
        expectNone(
            folders.subtracting(known).sorted().map { "Sources/\($0): is not in the table. Add it to House.doors or House.shims." }
                + known.subtracting(folders).sorted().map { "House.doors or House.shims names \($0), but there is no Sources/\($0)." })
    }

    @Test func `Package.swift declares every folder in Sources and Tests, and no other`() throws {
        let rooms = Set(manifest.rooms.map(\.name)).union(manifest.shims)
        let tests = Set(manifest.tests.map(\.name))
        expectNone(
            difference(between: rooms, and: try Checkout.folders(in: "Sources"), in: "Sources")
                + difference(between: tests, and: try Checkout.folders(in: "Tests"), in: "Tests"))
    }

    private func difference(between declared: Set<String>, and folders: [String], in parent: String) -> [String] {
        Set(folders).subtracting(declared).sorted().map {
            "\(parent)/\($0): is in no target, so nothing builds it. Add it to Package.swift."
        }
            + declared.subtracting(folders).sorted().map { "Package.swift: target \($0) has no folder \(parent)/\($0). Take it out." }
    }

    @Test func `what Package.swift declares for a room, some file of it imports`() throws {
        var faults: [String] = []
        for (target, folder) in manifest.targets {
            let imported = Set(try Checkout.swiftFiles(below: folder).flatMap(\.imports).map(\.module))
            for door in target.doors where !imported.contains(door) {
                faults.append(
                    "Package.swift:\(target.line): \(target.name) declares \(door), which none of its files imports. Take it out.")
            }
        }
        expectNone(faults)
    }

    /// SwiftPM lets a file import a module that is reached only through a dependency. It then breaks when that dependency changes.
    @Test func `what a file imports, Package.swift declares for its target`() throws {
        var faults: [String] = []
        for (target, folder) in manifest.targets {
            let declared = Set(target.doors).union(House.toolchain)
            for file in try Checkout.swiftFiles(below: folder) {
                for (module, line) in file.imports where !declared.contains(module) {
                    faults.append(
                        "\(file.path):\(line): imports \(module), which \(target.name) does not declare. Add it in Package.swift.")
                }
            }
        }
        expectNone(faults)
    }

    @Test(arguments: House.shims.keys.sorted())
    func `a C library is touched by its own room and that room's tests only`(shim: String) throws {
        let room = House.shims[shim] ?? ""
        var faults: [String] = []
        for file in try Checkout.swiftFiles() {
            let isItsOwn = file.path.hasPrefix("Sources/\(room)/") || file.path.hasPrefix("Tests/\(room)Tests/")
            for (module, line) in file.imports where module == shim && !isItsOwn {
                faults.append("\(file.path):\(line): imports \(shim). Ask \(room) for what you need.")
            }
        }
        expectNone(faults)
    }

    @Test func `the reader of Package.swift understands the ways a target is written`() {
        let manifest = PackageManifest(
            """
            let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
            let package = Package(targets: [
                .systemLibrary(name: "CThing", path: "Sources/CThing"),
                room("Bare"),
                room("Full", ["Bare", grdb, .product(name: "Logging", package: "swift-log")], resources: [.embedInCode("a.yaml")]),
                room(
                    "Stocked",
                    resources: [.copy("b")]),
                .executableTarget(
                    name: "tool", dependencies: ["Full"], swiftSettings: house),
                support("Shared"),
                tests("FullTests", ["Full", "Shared"]),
            ])
            """)
        #expect(manifest.shims == ["CThing"])
        #expect(manifest.rooms.map(\.name) == ["Bare", "Full", "Stocked", "tool"])
        #expect(manifest.rooms.map(\.doors) == [[], ["Bare", "GRDB", "Logging"], [], ["Full"]])
        #expect(manifest.rooms.map(\.line) == [4, 5, 6, 9])
        #expect(manifest.tests.map(\.name) == ["Shared", "FullTests"])
        #expect(manifest.tests.map(\.doors) == [[], ["Full", "Shared"]])
    }
}

extension PackageManifest {
    /// Every target that has Swift files, with its folder.
    fileprivate var targets: [(Target, folder: String)] {
        rooms.map { ($0, "Sources/\($0.name)") } + tests.map { ($0, "Tests/\($0.name)") }
    }
}
