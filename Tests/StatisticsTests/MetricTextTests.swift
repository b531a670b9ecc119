import Statistics
import Testing

struct MetricTextTests {
    @Test("families are written with their help, type, labels and values")
    func text() {
        let families = [
            MetricFamily(
                name: "ppalette_checks_total", help: "Runs by state.", kind: .counter,
                samples: [
                    .init(12, labels: [.init("state", "ok"), .init("worker", "w1")]), .init(0.5),
                ]),
            MetricFamily(name: "ppalette_empty", help: "None.", kind: .gauge, samples: []),
            MetricFamily(
                name: "ppalette_lateness_seconds", help: "How late.", kind: .histogram,
                samples: [.init(3, labels: [.init("le", "+Inf")], suffix: "_bucket")]),
        ]
        #expect(
            MetricText.write(families) == """
                # HELP ppalette_checks_total Runs by state.
                # TYPE ppalette_checks_total counter
                ppalette_checks_total{state="ok",worker="w1"} 12
                ppalette_checks_total 0.5
                # HELP ppalette_lateness_seconds How late.
                # TYPE ppalette_lateness_seconds histogram
                ppalette_lateness_seconds_bucket{le="+Inf"} 3

                """)
    }

    @Test("no value can end its line or its quotes")
    func escapes() {
        let family = MetricFamily(
            name: "a", help: "x\\y\n\"z\"", kind: .gauge,
            samples: [.init(1, labels: [.init("l", "a\"b\\c\nd")])])
        #expect(
            MetricText.write([family])
                == "# HELP a x\\\\y\\n\"z\"\n# TYPE a gauge\na{l=\"a\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test(
        "numbers are written as Prometheus reads them",
        arguments: [
            (0, "0"), (-3, "-3"), (1.5, "1.5"), (1e15, "1000000000000000"), (1e300, "1e+300"),
            (Double.infinity, "+Inf"), (-Double.infinity, "-Inf"), (Double.nan, "NaN"),
        ])
    func numbers(value: Double, text: String) {
        #expect(MetricText.number(value) == text)
    }
}
