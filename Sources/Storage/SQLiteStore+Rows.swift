import Calls
import GRDB
import Vocabulary

/// How rows become values, for all tables.
extension SQLiteStore {
    /// Cuts a list that was asked for with one row too many into a page. `seq` is the position of a row.
    static func page<Item: Sendable>(_ rows: [Row], limit: Int, _ make: (Row) throws -> Item) throws -> Page<Item> {
        let shown = rows.prefix(limit)
        let next: Int64? = rows.count > limit ? shown.last?["seq"] : nil
        return Page(items: try shown.map(make), next: next)
    }

    /// Reads a word of ours back. A word that is not ours means that the file was changed by somebody else.
    static func word<Word: RawRepresentable>(_ text: String) throws -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: text) else { throw StoreError.internal("the database holds an unknown \(Word.self)") }
        return word
    }

    static func moment(_ seconds: Int64?) -> UnixTime? {
        seconds.map { UnixTime($0) }
    }
}
