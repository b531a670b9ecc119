import CommandLine
import Testing

@testable import ppadm

@Test(
    "the help keeps its look",
    arguments: [
        "--help", "add --help", "add host --help", "edit host --help", "show status --help",
        "run check --help",
    ])
func help(line: String) throws {
    let run = ppadm(line.split(separator: " ").map(String.init))
    #expect(run.status == 0)
    #expect(run.errors == "")
    let name = line.split(separator: " ").dropLast().joined(separator: "-")
    try expectGolden(run.output, "help\(name.isEmpty ? "" : "-" + name).txt")
}

@Test("the completion scripts in share/ are those of the declaration")
func checkedInCompletions() throws {
    for (shell, file) in [("bash", "ppadm.bash"), ("zsh", "_ppadm"), ("fish", "ppadm.fish")] {
        try expectGolden(ppadm(["completions", shell]).output, file, in: "share/completions")
    }
}

@Test("the manual page in share/ is that of the declaration")
func checkedInManual() throws {
    try expectGolden(ppadm(["manual"]).output, "ppadm.1", in: "share/man")
}

@Test(
    "--help is answered on every level, whatever else stands there",
    arguments: [
        "--help", "-h", "help", "list --help", "list hosts -h", "help add host", "add host --bogus --help",
        "bogus --help",
    ])
func helpEverywhere(line: String) {
    let run = ppadm(line.split(separator: " ").map(String.init))
    #expect(run.status == 0)
    #expect(run.output.contains("Usage: ppadm"))
}

@Test("--version says name and version")
func version() {
    #expect(ppadm(["--version"]).output == "ppadm \(PPAdm.version)\n")
}
