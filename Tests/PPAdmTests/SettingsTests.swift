import CommandLine
import Foundation
import Testing

@testable import ppadm

/// A folder with a configuration of ppadm, gone at the end.
private final class Home {
    let path = NSTemporaryDirectory() + "ppadm-home-" + UUID().uuidString

    init(configuration: String) throws {
        try FileManager.default.createDirectory(
            atPath: path + "/.config/ppadm", withIntermediateDirectories: true)
        try configuration.write(
            toFile: path + "/.config/ppadm/config.yaml", atomically: true, encoding: .utf8)
        try "from-file\n".write(toFile: path + "/token", atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func settings(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws -> Settings {
        let invocation = try CommandParser.parse(["list", "hosts"] + arguments, as: PPAdm.program)
        guard case .run(let command) = invocation else { throw CancellationError() }
        return try Settings(command, environment.merging(["HOME": path]) { $1 })
    }
}

@Test("a configuration with carriage returns is read like any other")
func carriageReturns() throws {
    let home = try Home(configuration: "url: http://from-file:1\r\ntoken_file: ~/token\r\n")
    let settings = try home.settings()
    #expect(settings.url == "http://from-file:1")
    #expect(settings.token == "from-file")
}

@Test("options come before the environment, the environment before the configuration")
func order() throws {
    let home = try Home(
        configuration: "# mine\nurl: 'http://from-file:1/'  \n\ntoken_file: ~/token # the token\n")
    let file = try home.settings()
    #expect(file.url == "http://from-file:1")
    #expect(file.token == "from-file")
    let variables = ["PPADM_URL": "from-variable:2", "PPADM_TOKEN": "from-variable"]
    let environment = try home.settings([], variables)
    #expect(environment.url == "http://from-variable:2")
    #expect(environment.token == "from-variable")
    let options = try home.settings(["--url", "https://x", "--token-file", home.path + "/token"], variables)
    #expect(options.url == "https://x")
    #expect(options.token == "from-file")
}

@Test("without any configuration the address is this machine's")
func defaults() throws {
    let home = try Home(configuration: "")
    #expect(try home.settings().url == "http://127.0.0.1:8420")
}

@Test(
    "the engine's own token never goes to another machine",
    arguments: [
        "http://192.0.2.1:8420", "http://127.0.0.1.example.net", "http://localhost.example.net/",
        "http://user@192.0.2.1",
    ])
func tokenStaysHere(url: String) throws {
    let settings = try Home(configuration: "").settings(["--url", url])
    #expect(settings.token == nil)
    #expect(
        settings.tokenOrigin
            == "no token is configured for \(url.hasSuffix("/") ? String(url.dropLast()) : url)")
}

@Test(
    "what is wrong in the configuration is said with its place",
    arguments: [
        ("uri: x", "line 1: unknown key 'uri'; the keys are url and token_file"),
        ("\nurl", "line 2: 'url' is not 'key: value'"),
    ])
func badConfiguration(text: String, sentence: String) throws {
    let home = try Home(configuration: text)
    let run = ppadm(["list", "hosts"], environment: ["HOME": home.path])
    #expect(run.status == 1)
    #expect(run.errors.contains(sentence))
}

@Test("a token file that cannot be read is said by its name")
func missingTokenFile() {
    let run = ppadm(["list", "hosts", "--token-file", "/nonexistent/t"])
    #expect(run.status == 1)
    #expect(
        run.errors
            == "ppadm: cannot read /nonexistent/t: no such file or directory; name the token's file with "
            + "--token-file or set PPADM_TOKEN\n")
}
