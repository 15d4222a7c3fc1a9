import CJansson

/// A parsed text as jansson holds it: one reference to the root, given back exactly once.
struct JanssonTree: ~Copyable {
    private let root: UnsafeMutablePointer<json_t>

    /// Parses a text that is already known to be small and flat enough.
    init(_ text: UnsafeRawBufferPointer) throws(JSONError) {
        var error = json_error_t()
        // Jansson takes no null pointer, and an empty text ends too early whatever its address is.
        guard let base = text.baseAddress, text.count > 0 else { throw .endsEarly(at: .root) }
        guard let root = callgate_json_load(base, text.count, &error) else { throw JanssonTree.reason(of: &error, in: text) }
        self.root = root
    }

    deinit {
        json_decref(root)
    }

    /// The same in values of our own.
    var value: JSONValue { JanssonTree.value(of: root) }

    private static func value(of node: UnsafeMutablePointer<json_t>) -> JSONValue {
        switch callgate_json_typeof(node) {
        case JSON_OBJECT: .object(object(of: node))
        case JSON_ARRAY: .array(array(of: node))
        case JSON_STRING: .string(string(json_string_value(node), json_string_length(node)))
        case JSON_INTEGER: .integer(json_integer_value(node))
        case JSON_REAL: .real(json_real_value(node))
        case JSON_TRUE: .bool(true)
        case JSON_FALSE: .bool(false)
        case JSON_NULL: .null
        default: preconditionFailure("a kind of value that jansson does not have")
        }
    }

    private static func object(of node: UnsafeMutablePointer<json_t>) -> JSONObject {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(json_object_size(node))
        var iterator = json_object_iter(node)
        while let current = iterator {
            if let value = json_object_iter_value(current) {
                let name = string(json_object_iter_key(current), json_object_iter_key_len(current))
                members.append(JSONObject.Member(name: name, value: self.value(of: value)))
            }
            iterator = json_object_iter_next(node, current)
        }
        return JSONObject(distinct: members)
    }

    private static func array(of node: UnsafeMutablePointer<json_t>) -> [JSONValue] {
        let count = json_array_size(node)
        var elements: [JSONValue] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            if let element = json_array_get(node, index) { elements.append(value(of: element)) }
        }
        return elements
    }

    private static func string(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        // Jansson checked that it is UTF-8; making a string checks it again, cheaply.
        String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private static func reason(of error: inout json_error_t, in text: UnsafeRawBufferPointer) -> JSONError {
        let offset = min(max(0, Int(error.position)), text.count)
        let pointer = JSONLocator.pointer(in: text, before: offset)
        switch json_error_code(&error) {
        case json_error_out_of_memory: return .outOfMemory
        case json_error_invalid_utf8: return .notUTF8(at: pointer)
        case json_error_null_character, json_error_null_byte_in_key: return .nulCharacter(at: pointer)
        case json_error_duplicate_key: return .duplicateName(at: pointer)
        case json_error_numeric_overflow: return .numberOutOfRange(at: pointer)
        case json_error_premature_end_of_input: return .endsEarly(at: pointer)
        default: break
        }
        if callgate_json_error_is_surrogate(&error) != 0 { return .loneSurrogate(at: pointer) }
        return .syntax(at: JSONLocator.pointer(in: text, before: beginning(ofTokenBefore: offset, in: text)), byteOffset: offset)
    }

    /// Jansson stops behind the token it did not expect. A closing bracket there closes nothing: the fault is within.
    private static func beginning(ofTokenBefore offset: Int, in text: UnsafeRawBufferPointer) -> Int {
        guard offset > 0, [UInt8(ascii: "]"), UInt8(ascii: "}")].contains(text[offset - 1]) else { return offset }
        return offset - 1
    }
}
