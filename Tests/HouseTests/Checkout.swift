import Foundation
import Testing

// HouseTests: the house stays in order.
//
// These tests read the checkout itself, as text: which room imports which, what Package.swift declares, and the habits that a compiler does
// not check. They import nothing of ours, so they run even while the rest does not compile on its own. Every failure names the file and the
// line, and says what to do.

/// The checkout that these tests stand in.
enum Checkout {
    /// The top folder. Found from this file, with symbolic links followed, so that it is the true checkout wherever the tests were built.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text of a file, by its path from the top.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The names of the folders in a folder, sorted.
    static func folders(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path).filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root.appending(path: "\(path)/\(name)").path, isDirectory: &isFolder)
                && isFolder.boolValue && !name.hasPrefix(".")
        }.sorted()
    }

    /// The paths of the files below a folder, or of the file itself, sorted. Symbolic links are not followed.
    static func files(below path: String) throws -> [String] {
        let start = root.appending(path: path)
        guard try start.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true else { return [path] }
        return try FileManager.default.subpathsOfDirectory(atPath: start.path).map { "\(path)/\($0)" }.filter {
            try root.appending(path: $0).resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
        }.sorted()
    }

    /// Every Swift file below Sources and Tests, and Package.swift. Read once for all tests.
    static func swiftFiles() throws -> [SourceFile] {
        try everySwiftFile.get()
    }

    /// Those whose path starts so. None where there is no such folder.
    static func swiftFiles(below path: String) throws -> [SourceFile] {
        try swiftFiles().filter { $0.path.hasPrefix("\(path)/") }
    }

    private static let everySwiftFile = Result {
        try ["Package.swift", "Sources", "Tests"].flatMap(files).filter { $0.hasSuffix(".swift") }
            .map { SourceFile(path: $0, text: try text($0)) }
    }
}

/// One Swift file: its lines as written, as code only, and as comments only.
struct SourceFile {
    let path: String
    let lines: [String]
    /// The lines with blanks where comments and texts in quotes were.
    let code: [String]
    /// The lines with blanks where everything but comments was.
    let comments: [String]
    /// The modules that the file imports, each with the number of its line.
    let imports: [(module: String, line: Int)]

    init(path: String, text: String) {
        let mask = SwiftMask(text)
        self.path = path
        lines = Self.split(text)
        code = Self.split(mask.code)
        comments = Self.split(mask.comments)
        imports = Self.imports(in: code)
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func imports(in code: [String]) -> [(module: String, line: Int)] {
        let pattern =
            #/
            ^ \s* (?: @\w+ (?: \( [^)]* \) )? \s+ )* (?: (?: public|package|internal|fileprivate|private ) \s+ )?
            import \s+ (?: (?: struct|class|enum|protocol|func|var|let|typealias ) \s+ )? (?<module> \w+ )
            /#
        return code.enumerated().compactMap { index, line in
            guard line.contains("import"), let found = line.firstMatch(of: pattern) else { return nil }
            return (String(found.module), index + 1)
        }
    }

    /// The lines whose text contains a match, as "path:line".
    func places(in lines: [String], where isMatch: (String) -> Bool) -> [String] {
        lines.enumerated().filter { isMatch($0.element) }.map { "\(path):\($0.offset + 1)" }
    }
}

/// Notes one failure for each fault.
func expectNone(_ faults: [String]) {
    for fault in faults { Issue.record("\(fault)") }
}
