import Foundation
import Testing

@Suite struct `The house is tidy` {
    private static let lineLengthMax = 140
    private static let linesMax = 400
    /// Files that may be longer, each with the reason.
    private static let longFiles: [String: String] = [:]
    /// The extensions of files that people read. Files without one are looked at in .ci.
    private static let textExtensions: Set<String> = ["h", "md", "modulemap", "sh", "swift", "yaml", "yml"]
    private static let textFolders = [".ci", "Config", "Sources", "Tests", "openapi", "Package.swift", "README.md"]

    private let swiftFiles: [SourceFile]
    private let sourceFiles: [SourceFile]

    init() throws {
        swiftFiles = try Checkout.swiftFiles()
        sourceFiles = try Checkout.swiftFiles(below: "Sources")
    }

    @Test func `no line is longer than 140 characters`() {
        expectNone(
            swiftFiles.flatMap { file in file.places(in: file.lines) { $0.utf8.count > Self.lineLengthMax && $0.count > Self.lineLengthMax }
            }
            .map { "\($0): the line has more than \(Self.lineLengthMax) characters. Break it." })
    }

    @Test func `no file is longer than 400 lines, but for the listed tables`() {
        let long = swiftFiles.filter { $0.lines.count > Self.linesMax + 1 }.map(\.path)
        let listed = Set(Self.longFiles.keys)
        expectNone(
            Set(long).subtracting(listed).sorted().map {
                "\($0): has more than \(Self.linesMax) lines. Divide it by what its parts are for."
            }
                + listed.subtracting(long).sorted().map { "\($0): is listed as a long file and is none. Take it off the list." })
    }

    @Test func `nothing may crash on an error or a wrong type`() {
        expectNone(
            swiftFiles.flatMap { file in file.places(in: file.code) { $0.contains("try!") } }
                .map { "\($0): try! ends the process. Throw the error on, or handle it." }
                + swiftFiles.flatMap { file in file.places(in: file.code) { $0.contains(" as! ") } }
                .map { "\($0): as! ends the process. Use as? or a type that says it." })
    }

    @Test func `only the command line prints`() {
        let files = sourceFiles.filter { !$0.path.hasPrefix("Sources/callgate/") }
        expectNone(
            files.flatMap { file in file.places(in: file.code) { $0.contains("print(") && $0.contains(#/(?:^|[^.\w])print\(/#) } }
                .map { "\($0): prints. Log it, or return it to the command line." })
    }

    @Test func `nothing is left to be done in a comment`() {
        expectNone(
            swiftFiles.flatMap { file in
                file.places(in: file.comments) { comment in ["TODO", "FIXME", "XXX"].contains { comment.contains($0) } }
            }
            .map { "\($0): do it now, or write it down where work is planned." })
    }

    @Test func `a promise to be Sendable that the compiler cannot check is explained`() {
        expectNone(
            swiftFiles.flatMap { file in
                file.places(in: file.code) { $0.contains("@unchecked Sendable") }.filter { place in
                    let line = Int(place.split(separator: ":").last ?? "") ?? 1
                    return file.comments[max(0, line - 4)..<line].allSatisfy { !$0.contains("//") }
                }
            }.map { "\($0): @unchecked Sendable without a comment in the three lines above. Say which lock or thread makes it true." })
    }

    @Test(arguments: House.innerRooms)
    func `an inner room reads no clock, opens no file and draws no randomness`(room: String) {
        let words = [
            " Date(", "(Date(", "Date.now", "ContinuousClock", "SuspendingClock", "FileManager", "ProcessInfo",
            "SystemRandomNumberGenerator", ".random(in:",
        ]
        expectNone(
            sourceFiles.filter { $0.path.hasPrefix("Sources/\(room)/") }
                .flatMap { file in file.places(in: file.code) { code in words.contains { code.contains($0) } } }
                .map { "\($0): an inner room reads no clock, no file and no randomness of its own. Take it as an argument." })
    }

    // MARK: Every text

    @Test func `no text has tabs or blanks at the end of a line, and every one ends with one line end`() throws {
        var faults: [String] = []
        for path in try Self.textFiles() {
            let text = try Checkout.text(path)
            let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                if line.contains(UInt8(ascii: "\t")) { faults.append("\(path):\(index + 1): has a tab. Use blanks.") }
                if let last = line.last, [UInt8(ascii: " "), UInt8(ascii: "\r")].contains(last) {
                    faults.append("\(path):\(index + 1): ends with a blank. Take it away.")
                }
            }
            if lines.count < 2 || lines.last?.isEmpty == false || lines[lines.count - 2].isEmpty {
                faults.append("\(path): end it with one line end, not none or several.")
            }
        }
        expectNone(faults)
    }

    @Test func `no text names a folder of somebody's machine`() throws {
        // In pieces, because this file is looked at too.
        let folders = ["home", "root", "work", "Users", "opt/swift"].map { "/\($0)" + "/" }
        var faults: [String] = []
        for path in try Self.textFiles() {
            let text = try Checkout.text(path)
            for folder in folders where text.contains(folder) {
                for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where line.contains(folder)
                {
                    faults.append("\(path):\(index + 1): names \(folder)…, which only one machine has. Use a relative path.")
                }
            }
        }
        expectNone(faults)
    }

    private static func textFiles() throws -> [String] {
        try textFolders.flatMap { try Checkout.files(below: $0) }.filter { path in
            let name = path.split(separator: "/").last ?? ""
            guard name.contains(".") else { return path.hasPrefix(".ci/") }
            return textExtensions.contains(String(name.split(separator: ".").last ?? ""))
        }
    }
}
