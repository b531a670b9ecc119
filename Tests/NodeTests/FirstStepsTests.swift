import Testing

@testable import Node

private func steps(
    listening: String = "http://127.0.0.1:8420", token: String = "var/admin.token",
    program: String = ".build/release/ppalette", programs: [String] = [".build/release/ppadm"]
) -> FirstSteps {
    FirstSteps(
        listening: listening, tokenFile: token, program: program, searchPath: "/usr/bin:/bin",
        workingFolder: "/home/p/ppalette", isProgram: programs.contains)
}

@Suite("First steps after the start")
struct FirstStepsTests {
    @Test("ppadm is the one beside the engine, unless the shell finds that one by itself")
    func program() {
        #expect(steps().ppadm == ".build/release/ppadm")
        #expect(steps(programs: []).ppadm == "ppadm")
        #expect(steps(program: "ppalette").ppadm == "ppadm")
        #expect(steps(program: "/usr/bin/ppalette", programs: ["/usr/bin/ppadm"]).ppadm == "ppadm")
    }

    @Test("options are said where ppadm does not know address and token by itself, and only there")
    func options() {
        #expect(steps(token: "/var/lib/ppalette/admin.token").ppadm == ".build/release/ppadm")
        #expect(steps(token: "/home/p/ppalette/var/admin.token").ppadm == ".build/release/ppadm")
        #expect(
            steps(listening: "http://127.0.0.1:9000", token: "/tmp/x/admin.token").ppadm
                == ".build/release/ppadm --url http://127.0.0.1:9000 --token-file /tmp/x/admin.token")
    }

    @Test("an engine that listens on every address is reached on loopback")
    func everyAddress() {
        #expect(steps(listening: "http://0.0.0.0:8420").address == "http://127.0.0.1:8420")
        #expect(steps(listening: "http://[::]:8420").address == "http://[::1]:8420")
        #expect(steps(listening: "http://192.0.2.1:8420").address == "http://192.0.2.1:8420")
    }

    @Test("the text has commands that can be copied, and the address")
    func text() {
        let text = steps().text(in: "/home/p/ppalette")
        #expect(text.contains("\n    .build/release/ppadm show status "))
        #expect(text.contains("$(cat var/admin.token)\" http://127.0.0.1:8420/api/v1/status\n"))
    }
}
