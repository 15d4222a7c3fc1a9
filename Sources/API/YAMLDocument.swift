public import StrictJSON
import Yams

/// Why a YAML text cannot be taken.
public struct YAMLError: Error, CustomStringConvertible, Sendable {
    public let description: String
}

/// Reads YAML as the JSON that it stands for: the contract, and the configuration file.
///
/// Duplicate names are refused, as everywhere. Aliases are followed, and because they can make a small text large, so is a text that stands
/// for more than 100,000 values.
public enum YAMLDocument {
    private static let valuesMax = 100_000

    /// - Throws: `YAMLError` with the line, where the reader knows it.
    public static func value(of text: [UInt8]) throws(YAMLError) -> JSONValue {
        let node: Node?
        do {
            node = try Yams.compose(yaml: String(decoding: text, as: UTF8.self))
        } catch {
            throw YAMLError(description: "\(error)")
        }
        guard let node else { return .object([:]) }
        var count = 0
        return try jsonValue(of: node, count: &count)
    }

    /// Mappings keep their order, so that the document reads the same.
    private static func jsonValue(of node: Node, count: inout Int) throws(YAMLError) -> JSONValue {
        count += 1
        guard count <= valuesMax else { throw YAMLError(description: "stands for more than \(valuesMax) values") }
        switch node {
        case .mapping(let mapping):
            var object: JSONObject = [:]
            for (key, value) in mapping {
                guard let name = key.string else { throw YAMLError(description: "a name is no text") }
                guard object[name] == nil else { throw YAMLError(description: "the name \(name) is there twice") }
                object[name] = try jsonValue(of: value, count: &count)
            }
            return .object(object)
        case .sequence(let sequence):
            var values: [JSONValue] = []
            for element in sequence { values.append(try jsonValue(of: element, count: &count)) }
            return .array(values)
        case .scalar:
            return scalar(node)
        case .alias:
            throw YAMLError(description: "aliases are not taken")
        }
    }

    private static func scalar(_ node: Node) -> JSONValue {
        if node.null != nil { return .null }
        if let bool = node.bool { return .bool(bool) }
        if let int = node.int { return .integer(Int64(int)) }
        if let float = node.float { return .real(float) }
        return .string(node.string ?? "")
    }
}
