/// A value on the heap that all its copies share, until one of them is changed.
///
/// For records that go through many hands and hardly ever change. A function that awaits keeps each of its values in a frame of its own
/// making, so that large ones cost it memory by the kilobyte, and every copy counts a reference for each text within.
struct Shared<Value: Sendable & Equatable>: Sendable, Equatable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    private var box: Box

    init(_ value: Value) {
        box = Box(value)
    }

    var value: Value {
        get { box.value }
        set { box = Box(newValue) }
    }

    static func == (left: Shared, right: Shared) -> Bool {
        left.box === right.box || left.box.value == right.box.value
    }
}
