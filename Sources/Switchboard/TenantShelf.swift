import Synchronization
import Vocabulary

/// What was made from tenants' settings lately, one thing for each tenant. A thing is used only while the tenant's settings are those that
/// it was made for.
final class TenantShelf<Settings: Equatable & Sendable, Item: Sendable>: Sendable {
    private let make: @Sendable (TenantID, Settings) -> Item
    private let entries = Mutex<[TenantID: (settings: Settings, item: Item)]>([:])

    /// - Parameter make: makes a thing that is not there. It must be quick, and must not ask the shelf.
    init(make: @escaping @Sendable (TenantID, Settings) -> Item) {
        self.make = make
    }

    /// The tenant's, made now where it is not there.
    func item(of tenant: TenantID, _ settings: Settings) -> Item {
        entries.withLock { entries in
            if let kept = entries[tenant], kept.settings == settings { return kept.item }
            if entries.count >= TenantShelfLimits.capacity { entries.removeAll() }
            let item = make(tenant, settings)
            entries[tenant] = (settings, item)
            return item
        }
    }

    var all: [Item] { entries.withLock { $0.values.map(\.item) } }
}

/// A generic type has no stored constants.
private enum TenantShelfLimits {
    static let capacity = 10_000
}
