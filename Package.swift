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

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// A room of the service: its folder in Sources and the doors it may use.
func room(_ name: String, _ doors: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: doors, resources: resources, swiftSettings: house)
}

/// The tests of a room.
func tests(_ name: String, _ doors: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: doors, resources: resources, swiftSettings: house)
}

let package = Package(
    name: "callgate",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
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
        room("Storage", ["Calls", "Vocabulary", grdb]),
        room("Switchboard", ["Calls", "Signing", "Tokens", "Vocabulary"]),
        room(
            "API", ["Calls", "StrictJSON", "Switchboard", "Tokens", "Vocabulary", logging, yams], resources: [.embedInCode("callgate.yaml")]
        ),
        tests("VocabularyTests", ["Vocabulary"]),
        tests("StrictJSONTests", ["StrictJSON"]),
        tests("SigningTests", ["Signing", "StrictJSON", "Vocabulary"]),
        tests(
            "TokensTests", ["Signing", "StrictJSON", "Tokens", "Vocabulary"],
            resources: [.copy("Agora/agora.json"), .copy("LiveKit/livekit-vectors.json")]),
        tests(
            "APITests",
            ["API", "Calls", "Signing", "Storage", "StrictJSON", "Switchboard", "Tokens", "Vocabulary", logging, yams]),
        tests("CallsTests", ["Calls", "Vocabulary"]),
        tests("StorageTests", ["Calls", "Storage", "Vocabulary", grdb]),
        tests(
            "SwitchboardTests", ["Calls", "Signing", "Storage", "StrictJSON", "Switchboard", "Tokens", "Vocabulary"]),
    ]
)
