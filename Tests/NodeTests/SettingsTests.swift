import CommandLine
import Testing

@testable import Node

private func read(_ text: String, environment: [String: String] = [:]) throws -> Settings {
    try SettingsReader(file: "/etc/ppalette/ppalette.yaml", home: "/home/p")
        .read(Array(text.utf8), environment: environment)
}

private func sentences(_ text: String, environment: [String: String] = [:]) -> [String] {
    do {
        _ = try read(text, environment: environment)
        return []
    } catch {
        return (error as? SettingsReader.Failure)?.sentences ?? ["\(error)"]
    }
}

@Test(
    "what cannot be used is said when the configuration is read, before anything starts",
    arguments: [
        ("listen: foo", "listen: cannot listen on foo"), ("listen: 127.0.0.1:99999", "127.0.0.1:99999"),
        ("worker: {name: a/b}", "worker.name must be"), ("user_macros: {FOO: x}", "USER1 to USER256, not"),
        ("state_dir: ''", "state_dir must be a folder"),
        ("user_macros: {USER257: x}", "USER1 to USER256, not"),
    ])
func refusedBeforeStart(text: String, sentence: String) throws {
    let settings = try read(text)
    let failure = #expect(throws: StartFailure.self) { try Configuration.check(settings) }
    #expect(failure?.sentences.first?.contains(sentence) == true, "\(failure?.sentences ?? [])")
}

@Suite("Settings")
struct SettingsTests {
    @Test("an empty file gives the defaults")
    func defaults() throws {
        let settings = try read("")

        #expect(settings.listen == "127.0.0.1:8420")
        #expect(settings.worker.concurrency == 256)
        #expect(settings.roles == Settings.Role.allCases)
    }

    @Test("a file that is cut at any byte is read, or refused with a sentence (B15)")
    func cutAnywhere() throws {
        let whole = Array(
            """
            listen: 127.0.0.1:8420
            roles: [worker, recorder]
            worker: {name: w1, concurrency: 5, heartbeat: 1}
            ssh:
              unknown_hosts: accept-new
            user_macros:
              USER1: "/opt/plugins"  # of this site
            """.utf8)
        var refused = 0
        for length in 0...whole.count {
            let text = String(decoding: whole.prefix(length), as: UTF8.self)
            let said = sentences(text)
            refused += said.isEmpty ? 0 : 1
            #expect(said.allSatisfy { $0.contains(" ") && !$0.contains("\n") }, "cut at \(length): \(said)")
        }
        #expect(sentences(String(decoding: whole, as: UTF8.self)).isEmpty)
        // Nearly every key that is cut is one that nobody knows.
        #expect(refused > 50)
    }

    @Test("keys of groups, lists and maps are read")
    func shapes() throws {
        let settings = try read(
            """
            worker: {name: w1, concurrency: 5}
            ssh:
              unknown_hosts: accept-new
            plugin_paths: [/a, b]
            user_macros: {USER1: /opt}
            roles: worker, recorder
            """)

        #expect(settings.worker.name == "w1")
        #expect(settings.worker.concurrency == 5)
        #expect(settings.worker.heartbeat == 20)
        #expect(settings.ssh.unknownHosts == .acceptNew)
        #expect(settings.pluginPaths == ["/a", "/etc/ppalette/b"])
        #expect(settings.userMacros == ["USER1": "/opt"])
        #expect(settings.roles == [.worker, .recorder])
    }

    @Test("relative paths begin at the folder of the file, ~ at the home folder")
    func paths() throws {
        let settings = try read("state_dir: var\nssh: {known_hosts: ~/kh}")

        #expect(settings.stateDirectory == "/etc/ppalette/var")
        #expect(settings.ssh.knownHosts == "/home/p/kh")
    }

    @Test(
        "every path is absolute, also when the file is named from the folder of the start",
        arguments: [
            ("etc/ppalette.yaml", "/srv/pp/etc/../plugins"), ("ppalette.yaml", "/srv/pp/../plugins"),
            (nil, "/srv/pp/../plugins"), ("/etc/ppalette.yaml", "/etc/../plugins"),
        ] as [(String?, String)])
    func absolutePaths(file: String?, expected: String) throws {
        let reader = SettingsReader(file: file, home: "/home/p", workingFolder: "/srv/pp")
        let settings = try reader.read(Array("plugin_paths: [../plugins]".utf8), environment: [:])
        #expect(settings.pluginPaths == [expected])
    }

    @Test("the environment overrides the file")
    func environment() throws {
        let settings = try read(
            "worker: {concurrency: 5}",
            environment: [
                "PPALETTE_WORKER_CONCURRENCY": "7", "PPALETTE_PLUGIN_PATHS": "/x,/y", "PATH": "/bin",
            ])

        #expect(settings.worker.concurrency == 7)
        #expect(settings.pluginPaths == ["/x", "/y"])
    }

    @Test(
        "mistakes are named with place, value and what is accepted",
        arguments: [
            (
                "lisen: x",
                "/etc/ppalette/ppalette.yaml, line 1: unknown key \"lisen\"; did you mean \"listen\"?"
            ),
            (
                "worker:\n  concurency: 3",
                "/etc/ppalette/ppalette.yaml, line 2: unknown key \"worker.concurency\"; "
                    + "did you mean \"worker.concurrency\"?"
            ),
            (
                "worker: {concurrency: 0}",
                "/etc/ppalette/ppalette.yaml, line 1: worker.concurrency must be a whole number of checks "
                    + "from 1 to 16384, not \"0\""
            ),
            (
                "log: {level: loud}",
                "/etc/ppalette/ppalette.yaml, line 1: log.level must be one of debug, info, warning, error, not \"loud\""
            ),
            (
                "roles: [worker, cook]",
                "/etc/ppalette/ppalette.yaml, line 1: roles must be some of scheduler, worker, recorder, api, "
                    + "not [worker, cook]"
            ),
            ("- a", "/etc/ppalette/ppalette.yaml, line 1: expected `key: value` lines"),
            (
                "statistics: 5",
                "/etc/ppalette/ppalette.yaml, line 1: statistics holds keys of its own, as `statistics: {...}`"
            ),
        ])
    func mistakes(text: String, sentence: String) {
        #expect(sentences(text) == [sentence])
    }

    @Test("an unknown variable is an error, so that a typing mistake is not silent")
    func unknownVariable() {
        #expect(
            sentences("", environment: ["PPALETTE_LISEN": "x"])
                == ["environment: unknown variable PPALETTE_LISEN; did you mean PPALETTE_LISTEN?"])
    }

    @Test("all mistakes are told at once")
    func several() {
        #expect(sentences("a: 1\nb: 2\nworker: {heartbeat: x}").count == 3)
    }

    @Test("the sample configuration names every key with its default and sets no other")
    func sample() throws {
        let file = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try SmallFile.text(at: "/\(file)/etc/ppalette.yaml")
        for setting in Settings.all where !setting.isSecret {
            let key = setting.key.split(separator: ".").last.map(String.init) ?? setting.key
            #expect(text.contains("\(key):"), "etc/ppalette.yaml does not mention \(setting.key)")
        }
        var expected = Settings()
        let settings = try SettingsReader(file: "/etc/ppalette/ppalette.yaml", home: "~")
            .read(Array(text.utf8), environment: [:])
        // These two differ on purpose: the sample loads the sample objects and uses the plugins beside it.
        expected.initialObjects = "/etc/ppalette/objects.yaml"
        expected.pluginPaths = ["/usr/lib/nagios/plugins", "/etc/ppalette/../plugins"]
        #expect(settings == expected)
    }
}
