/// The text format of Prometheus, version 0.0.4.
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
struct PrometheusText {
    private(set) var text = ""

    /// Begins a metric.
    mutating func begin(_ head: MetricHead, _ type: String) {
        let help = head.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(head.name) \(help)\n# TYPE \(head.name) \(type)\n"
    }

    /// Adds one number.
    mutating func add(_ name: String, _ labels: [String], _ values: [String], _ number: Double) {
        text += name
        if !labels.isEmpty {
            let pairs = zip(labels, values).map { "\($0)=\"\(Self.escaped($1))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(Self.number(number))\n"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Whole numbers without a point, so that they look like what they count.
    static func number(_ number: Double) -> String {
        if let whole = Int(exactly: number) { return String(whole) }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return number.isNaN ? "NaN" : String(number)
    }
}
