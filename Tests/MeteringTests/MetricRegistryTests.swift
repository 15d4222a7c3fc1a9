import Metering
import Testing

@Suite struct MetricRegistryTests {
    private let registry = MetricRegistry()

    @Test func `counters are written with their labels, from the start`() {
        let counters = registry.counters("doors_total", "Doors that were opened.", labels: ["door"], rows: [["front"], ["back"]])
        counters.add(row: 1)
        counters.add(2, row: 1)
        #expect(
            registry.text == """
                # HELP doors_total Doors that were opened.
                # TYPE doors_total counter
                doors_total{door="front"} 0
                doors_total{door="back"} 3

                """)
        #expect(counters.value(row: 1) == 3)
    }

    @Test func `durations fall into every bucket that is at least as long, and a bound belongs to its own`() {
        let durations = registry.durations("wait_seconds", "Waits.", bounds: [1_000_000, 1_000_000_000])
        for nanoseconds in [0, 1_000_000, 1_000_001, 3_000_000_000] { durations.add(nanoseconds: nanoseconds) }
        #expect(
            registry.text == """
                # HELP wait_seconds Waits.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.001"} 2
                wait_seconds_bucket{le="1"} 3
                wait_seconds_bucket{le="+Inf"} 4
                wait_seconds_sum 3.002000001
                wait_seconds_count 4

                """)
    }

    @Test func `a sparse table leaves out what never happened`() {
        let durations = registry.durations(
            "wait_seconds", "Waits.", labels: ["who"], rows: [["a"], ["b"]], bounds: [1], isSparse: true)
        #expect(!registry.text.contains("wait_seconds_count"))
        durations.add(nanoseconds: 5, row: 1)
        #expect(registry.text.contains(#"wait_seconds_count{who="b"} 1"#) && !registry.text.contains(#"who="a""#))
    }

    @Test func `what is looked up is looked up when somebody asks`() {
        let counter = registry.counters("asked_total", "Asked.")
        registry.lookups("twice", "Twice that.") { [Double(counter.value() * 2)] }
        counter.add(4)
        #expect(registry.text.hasSuffix("# TYPE twice gauge\ntwice 8\n"))
        #expect(registry.names == ["asked_total", "twice"])
    }

    @Test func `what could end a line or a value is escaped`() {
        _ = registry.counters("odd_total", "One\\two\nthree.", labels: ["odd"], rows: [["a\"b\\c\nd"]])
        #expect(registry.text.contains(#"# HELP odd_total One\\two\nthree."#))
        #expect(registry.text.contains(#"odd_total{odd="a\"b\\c\nd"} 0"#))
        #expect(registry.text.split(separator: "\n").count == 3)
    }

    @Test func `nothing is lost when many add at once`() async {
        let counter = registry.counters("asked_total", "Asked.")
        let durations = registry.durations("wait_seconds", "Waits.", bounds: [10])
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for nanoseconds in 0..<10_000 {
                        counter.add()
                        durations.add(nanoseconds: nanoseconds & 15)
                    }
                }
            }
        }
        #expect(counter.value() == 80_000)
        #expect(durations.count() == 80_000)
    }
}
