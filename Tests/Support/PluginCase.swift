import Foundation

/// A row of `plugin_cases.tsv` that says what ppalette must do.
package struct PluginCase: Sendable {
    package let name: String
    package let state: Int
    package let output: String
    package let longOutput: String
    package let performance: String

    /// Outputs that the table describes in words; ``PluginContextTests`` looks at them.
    package static let described: Set = ["envdump", "fds", "ctx"]

    package static let all: [PluginCase] = {
        let table = Sandbox.project + "/Tests/Cases/plugin_cases.tsv"
        let text = (try? String(contentsOfFile: table, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(unescaped)
            guard fields.count > 9, fields[3] == "ppalette", let state = fields[6].first?.wholeNumberValue
            else {
                return nil
            }
            return PluginCase(
                name: fields[1], state: state, output: fields[7], longOutput: fields[8],
                performance: fields[9])
        }
    }()

    private static func unescaped(_ part: Substring) -> String {
        String(part).replacing("\\n", with: "\n").replacing("\\x1b", with: "\u{1b}")
            .replacing("\\uFFFD", with: "\u{fffd}")
    }
}
