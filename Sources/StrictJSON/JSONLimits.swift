/// How large and how deep a JSON text may be. Whoever reads a text from outside says so; there is no default size.
public struct JSONLimits: Sendable, Hashable {
    /// The deepest nesting that anybody may allow.
    public static let depthCeiling = 32

    /// The most bytes of a text.
    public let bytesMax: Int
    /// The most arrays and objects within each other: 0 allows a bare string or number, 1 a flat object.
    public let depthMax: Int

    /// Makes limits. A depth beyond `depthCeiling` is a programmer's mistake.
    public init(bytesMax: Int, depthMax: Int = JSONLimits.depthCeiling) {
        precondition(bytesMax >= 0 && (0...JSONLimits.depthCeiling).contains(depthMax), "limits of a JSON text out of range")
        self.bytesMax = bytesMax
        self.depthMax = depthMax
    }
}
