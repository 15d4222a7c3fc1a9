import Testing

@Suite struct `The package is built from the same things everywhere` {
    @Test func `every dependency has one exact version`() throws {
        let manifest = PackageManifest(try Checkout.text(PackageManifest.path))
        expectNone(
            manifest.lines.enumerated().filter { $0.element.contains(".package(") && !$0.element.contains(#/exact:\s*"/#) }
                .map { "Package.swift:\($0.offset + 1): a dependency without `exact:`. There is no lock file, so name the version." })
    }

    @Test(arguments: ["Package.resolved", ".build"])
    func `what a build leaves behind is not committed`(name: String) throws {
        let lines = try Checkout.text(".gitignore").split(separator: "\n")
        #expect(lines.contains { $0 == name || $0 == "\(name)/" || $0 == "/\(name)" || $0 == "/\(name)/" }, ".gitignore: add \(name).")
    }
}
