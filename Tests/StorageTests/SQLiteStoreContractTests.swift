import Testing

@Suite struct SQLiteStoreContractTests {
    @Test(arguments: StoreContract.rules) func `the SQLite store keeps its promises`(rule: StoreRule) async throws {
        let place = try SQLiteBench()

        try await rule.check(place.bench)
    }
}
