import Synchronization

/// A row of numbers that any thread may add to.
final class AtomicCells: @unchecked Sendable {
    // Unchecked: the pointer never changes, and what it points to is atomic.
    private let cells: UnsafeMutablePointer<Atomic<Int>>
    let count: Int

    init(count: Int) {
        self.count = count
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    /// Nobody waits for anybody, and no order is promised between cells.
    func add(_ amount: Int, to index: Int) {
        precondition(index >= 0 && index < count, "there is no such cell")
        cells[index].wrappingAdd(amount, ordering: .relaxed)
    }

    subscript(index: Int) -> Int {
        precondition(index >= 0 && index < count, "there is no such cell")
        return cells[index].load(ordering: .relaxed)
    }
}
