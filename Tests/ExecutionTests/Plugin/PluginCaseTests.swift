import Execution
import Foundation
import Glibc
import Model
import TestSupport
import Testing

extension PluginCase: CustomTestStringConvertible {
    public var testDescription: String { name }
}

@Suite("The rows of plugin_cases.tsv")
struct PluginCaseTests {
    @Test("the table has its rows")
    func tableIsRead() {
        #expect(PluginCase.all.count == 39)
    }

    @Test("each row's state, output and performance data", arguments: PluginCase.all)
    func row(_ row: PluginCase) async throws {
        let rig = try await PluginRig()
        let result = try await run(row, in: rig)

        #expect(result.state.rawValue == row.state)
        #expect(result.cause == cause(of: row.name))
        if cause(of: row.name) != .timeout || row.name == "sigstop", !row.output.isEmpty,
            !PluginCase.described.contains(row.name)
        {
            #expect(result.output.text == row.output)
        }
        if !row.longOutput.isEmpty, row.name != "big_lines" {
            #expect(result.output.longText == row.longOutput)
        }
        if !row.performance.isEmpty, !row.name.hasPrefix("perf_") {
            #expect(result.output.performanceText == row.performance)
        }
        expectDetails(row.name, result)
        #expect(await eventually { rig.pids(in: "pids").allSatisfy(isGone) })
        await rig.stop()
    }

    private func run(_ row: PluginCase, in rig: PluginRig) async throws -> CheckResult {
        if row.name == "isdir" { mkdir("\(rig.folder)/isdir", 0o755) }
        defer { if row.name == "isdir" { rmdir("\(rig.folder)/isdir") } }
        if let text = PluginScripts.files[row.name] {
            try rig.write(row.name, text)
        } else if let text = PluginScripts.shell[row.name] {
            try rig.write(row.name, "#!/bin/sh\n\(text)\n")
        } else {
            try #require(["isdir", "missing"].contains(row.name), "no script for case \(row.name)")
        }
        return await rig.run(
            row.name, arguments: "\(rig.folder)/pids", timeout: PluginScripts.timeouts[row.name] ?? 5)
    }

    private func cause(of name: String) -> Cause {
        switch name {
        case "exit4", "exit127", "exit128", "exit143": .outOfRange
        case "badinterp", "noshebang", "empty": .execFailed
        case "isdir": .notExecutable
        case "missing": .notFound
        case "sigsegv": .signaled
        case "sigstop", "timeout_trapok", "timeout_children": .timeout
        case "space_only": .noOutput
        default: .exited
        }
    }

    private func expectDetails(_ name: String, _ result: CheckResult) {
        let output = result.output
        switch name {
        case "exit4": #expect(result.exitCode == 4)
        case "sigsegv": #expect(result.exitCode == -11)
        case "badinterp":
            #expect(output.text.contains("its interpreter /nonexistent/interpreter does not exist"))
        case "noshebang": #expect(output.text.contains("no #! line"))
        case "empty": #expect(output.text.contains("the file is empty"))
        case "isdir": #expect(output.text.contains("it is a folder"))
        case "missing": #expect(output.text.contains("missing: not found in /tmp/ppalette-plugins-"))
        case "timeout_trapok": #expect(output.text == "started" && output.longText.hasSuffix("graceful"))
        case "timeout_children": #expect(output.text == "kids")
        case "stderr_only", "stdout_stderr", "stderr_first": #expect(output.errorText == "on stderr")
        case "nul_byte", "bad_utf8": #expect(output.isSanitised)
        case "big_lines":
            #expect(output.isTruncated)
            #expect(output.text.utf8.count + 1 + output.longText.utf8.count <= 65536)
            #expect(output.droppedBytes >= 1_300_000 - 65536)
        case "perf_bad": #expect(output.performanceText.contains("d=1,5"))
        case "perf_quotes": #expect(output.performanceText.hasPrefix("'it''s'=1"))
        default: break
        }
    }
}
