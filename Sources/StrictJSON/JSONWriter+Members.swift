extension JSONWriter {
    /// Writes one member that is a string, under a name fixed when the program was built (`name(fixed:)`).
    public mutating func member(_ name: StaticString, _ text: String) {
        self.name(fixed: name)
        string(text)
    }

    /// Writes one member that is a whole number.
    public mutating func member(_ name: StaticString, _ number: Int64) {
        self.name(fixed: name)
        integer(number)
    }

    /// Writes one member that is `true` or `false`.
    public mutating func member(_ name: StaticString, _ truth: Bool) {
        self.name(fixed: name)
        bool(truth)
    }
}
