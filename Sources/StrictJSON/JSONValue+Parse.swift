extension JSONValue {
    /// Parses a text, whatever its root is: callers who need an object ask for it themselves.
    ///
    /// Reads by RFC 8259, and refuses what is listed at `JSONError`. Keeps the order of members. The last bits of a real that a
    /// double cannot hold are lost.
    public static func parse(_ text: UnsafeRawBufferPointer, limits: JSONLimits) throws(JSONError) -> JSONValue {
        guard text.count <= limits.bytesMax else { throw .tooLarge(bytesMax: limits.bytesMax) }
        switch ByteScan.fault(in: text, depthMax: limits.depthMax) {
        case .nul(let offset)?: throw .nulCharacter(at: JSONLocator.pointer(in: text, before: offset))
        case .tooDeep(let offset)?: throw .tooDeep(depthMax: limits.depthMax, at: JSONLocator.pointer(in: text, before: offset))
        case nil: break
        }
        return try JanssonTree(text).value
    }

    /// Parses a text held in an array.
    public static func parse(_ text: [UInt8], limits: JSONLimits) throws(JSONError) -> JSONValue {
        try text.withUnsafeBufferPointer { (bytes) throws(JSONError) in try parse(UnsafeRawBufferPointer(bytes), limits: limits) }
    }

    /// Parses a text held in a string.
    public static func parse(_ text: String, limits: JSONLimits) throws(JSONError) -> JSONValue {
        var text = text
        let result = text.withUTF8 { bytes in
            Result { () throws(JSONError) in try parse(UnsafeRawBufferPointer(bytes), limits: limits) }
        }
        return try result.get()
    }
}
