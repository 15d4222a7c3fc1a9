/// What `JSONWriter` asserts: brackets match, a value follows each name, names are sorted by their bytes.
///
/// Every step answers true or stops the program, so that `assert(order.name(...))` does nothing at all in a release build.
struct JSONWriterOrder: Sendable {
    private struct Level {
        var isObject: Bool
        var lastName: String?
        var awaitsValue = false
    }

    private var levels: [Level] = []

    /// True when every bracket was closed.
    var isComplete: Bool { levels.isEmpty }

    mutating func reset() -> Bool {
        levels = []
        return true
    }

    mutating func begin(isObject: Bool) -> Bool {
        guard value() else { return false }
        levels.append(Level(isObject: isObject))
        return true
    }

    mutating func end(isObject: Bool) -> Bool {
        guard let level = levels.popLast() else { return false }
        return level.isObject == isObject && !level.awaitsValue
    }

    mutating func name(_ name: String) -> Bool {
        guard let level = levels.last, level.isObject, !level.awaitsValue else { return false }
        if let last = level.lastName, !last.precedesByBytes(name) { return false }
        levels[levels.count - 1].lastName = name
        levels[levels.count - 1].awaitsValue = true
        return true
    }

    mutating func value() -> Bool {
        guard let level = levels.last, level.isObject else { return true }
        levels[levels.count - 1].awaitsValue = false
        return level.awaitsValue
    }
}
