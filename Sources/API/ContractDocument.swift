import StrictJSON

/// The contract, `openapi/callgate.yaml`, as it was when the service was built.
enum ContractDocument {
    /// The file itself.
    static let yaml: [UInt8] = PackageResources.callgate_yaml

    /// The same document as a value; read from the file once, when somebody first asks.
    static let value: Result<JSONValue, Problem> = Result { () throws(Problem) in
        do {
            return try YAMLDocument.value(of: yaml)
        } catch {
            throw Problem(.internal, cause: "the contract cannot be read: \(error)")
        }
    }
    /// The same document as a page for people, written once.
    static let page: Result<[UInt8], Problem> = value.map { Array(DocsPage.html($0).utf8) }
}
