import StrictJSON
import Yams

/// Why the contract could not be read.
enum ContractError: Error, CustomStringConvertible {
    /// The file is not there or is not UTF-8.
    case unreadable(String)
    /// It is not YAML, or YAML that two readers would read differently.
    case yaml(String, line: Int)
    /// It is YAML, but not the document that the tests know.
    case malformed(String)

    var description: String {
        switch self {
        case .unreadable(let what): "the contract cannot be read: \(what)"
        case .yaml(let what, let line): "line \(line): \(what)"
        case .malformed(let what): what
        }
    }
}

/// Reads YAML into the values that JSON has.
///
/// YAML 1.1 and 1.2 disagree about plain words such as `no`, `on`, `007` or `2026-01-01`. A plain word passes only when both
/// read it the same way; everything else must be quoted.
enum ContractYAML {
    static func parse(_ text: String) throws(ContractError) -> JSONValue {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch {
            throw .yaml("\(error)", line: 0)
        }
        guard let root else { throw .yaml("the document is empty", line: 0) }
        return try value(of: root)
    }

    private static func value(of node: Node) throws(ContractError) -> JSONValue {
        switch node {
        case .scalar(let scalar):
            return try value(of: scalar, tag: node.tag.rawValue, line: node.mark?.line ?? 0)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, member) in mapping {
                guard let name = key.string, key.tag.rawValue == Tag.Name.str.rawValue else {
                    throw .yaml("a name is not a text; quote it", line: key.mark?.line ?? 0)
                }
                object[name] = try value(of: member)
            }
            return .object(object)
        case .alias:
            throw .yaml("an alias was not resolved", line: node.mark?.line ?? 0)
        }
    }

    private static func value(of scalar: Node.Scalar, tag: String, line: Int) throws(ContractError) -> JSONValue {
        let text = scalar.string
        switch tag {
        case Tag.Name.str.rawValue:
            return .string(text)
        case Tag.Name.null.rawValue where text == "null":
            return .null
        case Tag.Name.bool.rawValue where text == "true" || text == "false":
            return .bool(text == "true")
        case Tag.Name.int.rawValue:
            if let number = Int64(text), String(number) == text { return .integer(number) }
        case Tag.Name.float.rawValue:
            if let number = Double(text), text.first?.isNumber == true, text.contains(".") { return .real(number) }
        default:
            break
        }
        throw .yaml("\"\(text)\" is read differently by different readers; quote it", line: line)
    }
}
