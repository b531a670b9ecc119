import CommandLine
import Foundation
import Testing

@testable import Node

@Suite("Files made from the command line of ppalette")
struct SurfaceTests {
    @Test("the manual page in share/ is that of the declaration")
    func manual() throws {
        try expectShared(Commands.program.manualPage, "man/ppalette.8")
    }

    @Test("the completion scripts in share/ are those of the declaration")
    func completions() throws {
        for (shell, file) in [(Shell.bash, "ppalette.bash"), (.zsh, "_ppalette"), (.fish, "ppalette.fish")] {
            try expectShared(Commands.program.completion(for: shell), "completions/" + file)
        }
    }

    @Test("the manual page names the variable of every setting")
    func variables() {
        for setting in Settings.all {
            #expect(Commands.program.manualPage.contains("\n.It \(setting.variable)\n"))
        }
    }

    @Test(
        "mandoc finds nothing wrong with the manual pages", .enabled(if: hasMandoc, "needs mandoc"),
        arguments: ["ppalette.8", "ppadm.1"])
    func lint(page: String) throws {
        let mandoc = Process()
        let output = Pipe()
        mandoc.executableURL = URL(filePath: "/usr/bin/mandoc")
        mandoc.arguments = ["-T", "lint", "-W", "warning", share.appending(path: "man/" + page).path]
        mandoc.standardOutput = output
        mandoc.standardError = output
        try mandoc.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        mandoc.waitUntilExit()
        #expect(mandoc.terminationStatus == 0, "\(text)")
        #expect(text.isEmpty)
    }
}

private let hasMandoc = FileManager.default.isExecutableFile(atPath: "/usr/bin/mandoc")
private let share = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../share")
    .standardizedFileURL

/// Compares with a file below share/; RECORD_GOLDEN=1 writes it anew and still fails.
private func expectShared(_ text: String, _ name: String) throws {
    let file = share.appending(path: name)
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
        try text.write(to: file, atomically: true, encoding: .utf8)
        Issue.record("\(name) is recorded; look at it and run again without RECORD_GOLDEN")
    }
    let recorded = try? String(contentsOf: file, encoding: .utf8)
    #expect(text == recorded, "share/\(name) differs; RECORD_GOLDEN=1 records it anew")
}
