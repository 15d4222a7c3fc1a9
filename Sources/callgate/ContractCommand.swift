import API
import ArgumentParser
import Foundation

/// `callgate contract`: the contract as a security review reads it, and everything in it that such a review does not let pass.
struct ContractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract", abstract: "Print who may call what and what a minted token then says, and name every fault.",
        discussion: """
            Everything is read from the text of the contract, and from nothing else: operation, caller, profile, grants, lifetime (also \
            with the leeway of LiveKit's servers), algorithm, binding, revocation. Ends with 1 where the contract has a fault, such as an \
            operation without security, a scope that nobody knows, or a participant that gets a grant beyond its room.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, markdown
    }

    @Option(help: ArgumentHelp("Another contract, in YAML or JSON, instead of the one that this service serves.", valueName: "path"))
    var file: String?
    @Option(help: "How it is printed.") var format = Format.text
    @Flag(help: "The same as --format json.") var json = false

    func run() async throws {
        let audit: ContractAudit
        do {
            audit = try file.map { file in ContractAudit(try YAMLDocument.value(of: Self.bytes(of: file))) } ?? .served()
        } catch let error as YAMLError {
            throw Refusal.no("\(file ?? "the contract") is no YAML that can be read: \(error)")
        }
        switch json ? .json : format {
        case .text: try Terminal.show(ContractReport.text(audit))
        case .json: try Terminal.show(ContractReport.json(audit))
        case .markdown: try Terminal.show(ContractReport.markdown(audit))
        }
        let operations = Set(audit.matrix.rows.map(\.request)).count
        let (tokens, faults) = (audit.matrix.rows.count { $0.token != nil }, audit.faults.count)
        Terminal.say("\(operations) operations, \(tokens) ways to get a credential, \(faults == 0 ? "no fault" : "faults: \(faults)").")
        if faults > 0 { throw Refusal.no() }
    }

    private static func bytes(of file: String) throws(Refusal) -> [UInt8] {
        guard !file.isEmpty else { throw .misuse("--file is empty") }
        do {
            return try Array(Data(contentsOf: URL(filePath: file)))
        } catch {
            throw .misuse("the file \(file) cannot be read: \(error.localizedDescription)")
        }
    }
}
