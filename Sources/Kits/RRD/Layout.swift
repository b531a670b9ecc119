/// What an archive holds: its step, its sources and how long it keeps them.
package struct Layout: Equatable, Sendable {
    /// Seconds between two primary values.
    package let step: Int
    package let sources: [Source]
    package let archives: [Consolidation]

    package init(step: Int, sources: [Source], archives: [Consolidation]) {
        precondition(step > 0 && !sources.isEmpty && !archives.isEmpty, "an archive holds something")
        self.step = step
        self.sources = sources
        self.archives = archives
    }

    /// A gauge that is never negative and has no upper bound.
    package struct Source: Equatable, Sendable {
        package let name: String
        /// Seconds without a sample after which the value is unknown.
        package let heartbeat: Int

        /// `name` is a fixed word of ours: 1 to 19 letters, digits and underscores.
        package init(_ name: String, heartbeat: Int) {
            precondition(Self.isName(name) && heartbeat > 0, "not a source: \(name)")
            self.name = name
            self.heartbeat = heartbeat
        }

        static func isName(_ name: String) -> Bool {
            (1...19).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                        || byte == 95
                }
        }
    }

    /// How several primary values become one that is kept.
    package enum Function: String, Sendable, CaseIterable {
        case average = "AVERAGE"
        case minimum = "MIN"
        case maximum = "MAX"
    }

    /// One ring of kept values: `rows` of them, each made of `steps` primary values.
    package struct Consolidation: Equatable, Sendable {
        package let function: Function
        package let steps: Int
        package let rows: Int

        package init(_ function: Function, steps: Int, rows: Int) {
            precondition(steps > 0 && rows > 0, "a ring holds something")
            self.function = function
            self.steps = steps
            self.rows = rows
        }
    }

    /// The arguments of rrdcreate(1).
    var definitions: [String] {
        sources.map { "DS:\($0.name):GAUGE:\($0.heartbeat):0:U" }
            + archives.map { "RRA:\($0.function.rawValue):0.5:\($0.steps):\($0.rows)" }
    }
}
