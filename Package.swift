// swift-tools-version: 6.2
import PackageDescription

/// How every target of ours is compiled.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// A room of the service: its folder in Sources and the doors it may use.
func room(_ name: String, _ doors: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: doors, resources: resources, swiftSettings: house)
}

/// The tests of a room.
func tests(_ name: String, _ doors: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: doors, resources: resources, swiftSettings: house)
}

/// What the tests of several rooms need.
func support(_ name: String) -> Target {
    .target(name: name, path: "Tests/\(name)", swiftSettings: house)
}

let package = Package(
    name: "callgate",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "callgate", targets: ["callgate"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CJansson", path: "Sources/CJansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),

        room("Vocabulary"),
        room("StrictJSON", ["CJansson"]),
        room("Signing", ["COpenSSL", "StrictJSON", "Vocabulary"]),
        room("Tokens", ["CZlib", "Signing", "StrictJSON", "Vocabulary"]),
        room("Calls", ["Vocabulary"]),
        room("Metering"),
        room("SocketIO", ["StrictJSON"]),
        room("Storage", ["Calls", "Metering", "Signing", "Vocabulary", grdb, grdbSQLite]),
        room("Switchboard", ["Calls", "Metering", "Signing", "StrictJSON", "Tokens", "Vocabulary"]),
        room(
            "Signaling", ["Calls", "Metering", "Signing", "SocketIO", "StrictJSON", "Switchboard", "Tokens", "Vocabulary", logging]),
        room(
            "API", ["Calls", "Metering", "StrictJSON", "Switchboard", "Tokens", "Vocabulary", logging, yams],
            resources: [.embedInCode("callgate.yaml")]
        ),
        room(
            "Gateway",
            [
                "API", "Calls", "Metering", "Signaling", "Signing", "SocketIO", "Storage", "StrictJSON", "Switchboard", "Vocabulary",
                configuration, httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1,
                nioPosix, nioSSL, nioTLS, serviceLifecycle, unixSignals,
            ]),
        .executableTarget(
            name: "callgate",
            dependencies: [
                "API", "Calls", "Gateway", "Signing", "SocketIO", "StrictJSON", "Switchboard", "Tokens", "Vocabulary",
                argumentParser, logging, nioCore, nioHTTP1, nioPosix, nioWebSocket,
            ],
            swiftSettings: house),

        support("TestSupport"),
        tests("VocabularyTests", ["TestSupport", "Vocabulary"]),
        tests("StrictJSONTests", ["StrictJSON", "TestSupport"]),
        tests("SocketIOTests", ["SocketIO", "StrictJSON", "TestSupport"]),
        tests("SigningTests", ["Signing", "StrictJSON", "Vocabulary"]),
        tests(
            "TokensTests", ["Signing", "StrictJSON", "TestSupport", "Tokens", "Vocabulary"],
            resources: [.copy("Agora/agora.json"), .copy("LiveKit/livekit-vectors.json")]),
        tests(
            "APITests",
            [
                "API", "Calls", "Signing", "Storage", "StrictJSON", "Switchboard", "TestSupport", "Tokens", "Vocabulary", grdb, logging,
                yams,
            ]),
        tests("CallsTests", ["Calls", "TestSupport", "Vocabulary"]),
        tests("MeteringTests", ["Metering"]),
        tests("StorageTests", ["Calls", "Signing", "Storage", "TestSupport", "Vocabulary", grdb, grdbSQLite]),
        tests(
            "SwitchboardTests", ["Calls", "Signing", "Storage", "StrictJSON", "Switchboard", "TestSupport", "Tokens", "Vocabulary"]),
        tests(
            "SignalingTests",
            [
                "Calls", "Signaling", "Signing", "SocketIO", "Storage", "StrictJSON", "Switchboard", "TestSupport", "Tokens", "Vocabulary",
                logging,
            ]),
        tests(
            "GatewayTests",
            [
                "API", "Calls", "Gateway", "Signaling", "Signing", "SocketIO", "Storage", "StrictJSON", "Switchboard", "TestSupport",
                "Vocabulary", logging, nioCore, nioEmbedded, nioHTTP1, nioPosix, nioSSL, nioTLS, nioWebSocket, yams,
            ]),
        tests("CommandTests", ["Gateway", "Signing", "StrictJSON", "Switchboard", "TestSupport", "Tokens", "Vocabulary", grdb]),
        tests("HouseTests", []),
    ]
)
