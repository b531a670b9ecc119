import Model
import Testing

@Suite struct ValidationTests {
    private let host = Host(name: "web", address: "192.0.2.1")
    private let plugin = Plugin(name: "load", script: "check_load")

    @Test("sound objects have no violations")
    func sound() {
        #expect(host.validate().isEmpty)
        #expect(plugin.validate().isEmpty)
        #expect(Suite(name: "all").validate().isEmpty)
        #expect(Subnet(name: "lan", network: "192.0.2.0/24").validate().isEmpty)
    }

    @Test("PP-B4: an interval outside of its range gets a sentence", arguments: [0, -1, 2_678_401, Int.min])
    func intervals(_ interval: Int) {
        var plugin = plugin
        plugin.interval = interval
        let sentence = "interval must be a whole number of seconds from 1 to 2678400, not \(interval)"
        #expect(plugin.validate().map(\.description) == [sentence])
        let subnet = Subnet(name: "lan", network: "192.0.2.0/24", interval: interval)
        #expect(subnet.validate().map(\.description) == [sentence])
    }

    @Test(
        "PP-B16: names that could be paths or break a table are refused",
        arguments: [
            ("", "name must have 1 to 100 characters, not an empty text"),
            ("a/b", "name must not contain slashes or control characters, not a/b"),
            ("a\nb", "name must not contain slashes or control characters, not a\\x0ab"),
            ("a\u{85}", "name must not contain slashes or control characters, not a\\x85"),
            (" a", "name must not begin or end with white space, not \" a\""),
            ("..", "name must be more than dots, which mean folders in a path, not .."),
        ])
    func names(_ name: String, _ sentence: String) {
        #expect(Suite(name: name).validate().map(\.description) == [sentence])
        var host = host
        host.name = name
        #expect(host.validate().map(\.description) == [sentence])
    }

    @Test("names of 100 characters are taken, longer ones not")
    func nameLength() {
        #expect(Suite(name: String(repeating: "ä", count: 100)).validate().isEmpty)
        #expect(Suite(name: String(repeating: "ä", count: 101)).validate().count == 1)
    }

    @Test("all violations of a host are listed")
    func allViolations() {
        let host = Host(
            name: "", address: "web.example.org", login: "a b", port: 70_000,
            labels: ["a b": "x", "ok": "\u{1}"],
            variables: ["low": "x", "OK": "fine"])
        #expect(
            host.validate().map(\.field) == [
                "name", "address", "login", "port", "labels", "labels.ok", "variables",
            ])
    }

    @Test("a host is normalised before it is stored")
    func normalised() {
        let host = Host(
            name: " web ", address: " 2001:DB8::0001 ", login: " me ", labels: [" site ": "x"],
            variables: ["community": "public"]
        ).normalised()
        #expect(
            host
                == Host(
                    name: "web", address: "2001:db8::1", login: "me", labels: ["site": "x"],
                    variables: ["COMMUNITY": "public"]))
        #expect(host.validate().isEmpty)
    }

    @Test(
        "logins are account names",
        arguments: [
            ("ppalette", true), ("_x", true), ("user@realm", true), ("DOM\\user", true),
            ("-oProxyCommand=x", false),
            ("", false), ("a b", false), ("a;b", false), ("root\n", false), ("a:b", false), ("ü", false),
        ])
    func logins(_ login: String, _ isGood: Bool) {
        var host = host
        host.login = login
        #expect(host.validate().isEmpty == isGood)
    }

    @Test(
        "scripts are plain file names",
        arguments: [
            "", "/bin/sh", "../check", ".hidden", "-x", "-\u{301}x", "..", "a\0b",
            String(repeating: "x", count: 101),
        ])
    func scripts(_ script: String) {
        var plugin = plugin
        plugin.script = script
        #expect(plugin.validate().map(\.field).first == "script")
    }

    @Test("arguments that cannot be used say why")
    func arguments() {
        var plugin = plugin
        plugin.arguments = "-w 'x"
        #expect(
            plugin.validate().map(\.description) == [
                "arguments cannot be used: the quote ' at character 4 is not closed; close it or write \\'"
            ])
        plugin.arguments = "$USER2$"
        #expect(plugin.validate(userMacros: ["USER1"]).map(\.field) == ["arguments"])
        #expect(plugin.validate().isEmpty)
    }

    @Test("a built-in check has a known script and arguments that it understands")
    func builtin() {
        var ping = Plugin(name: "ping", runner: .builtin, script: "icmp", arguments: "-H $HOSTADDRESS$ -n 3")
        #expect(ping.validate().isEmpty)
        ping.arguments = "-n 99"
        #expect(
            ping.validate().map(\.description) == [
                "arguments cannot be used: -n must be a whole number from 1 to 20, not 99"
            ])
        ping.arguments = "-w $_HOSTRTA$,40%"
        #expect(ping.validate().isEmpty)
        ping.script = "http"
        #expect(
            ping.validate().map(\.description) == [
                "script must be one of icmp, ping, check_icmp, check_ping for the runner builtin, not http"
            ])
    }

    @Test("a subnet's network is a network, and can be swept when it is to be")
    func subnets() {
        var subnet = Subnet(name: "lan", network: "192.0.2.1/24")
        #expect(
            subnet.validate().map(\.description) == [
                "network 192.0.2.1/24 has host bits set; the network is 192.0.2.0/24"
            ])
        subnet.network = "10.0.0.0/8"
        #expect(subnet.validate().isEmpty)
        subnet.autoDiscovery = true
        #expect(subnet.validate().map(\.field) == ["network"])
        #expect(Subnet(name: "v6", network: " 2001:DB8::/64").normalised().network == "2001:db8::/64")
    }

    @Test(
        "zones are names, each once, and as many as must agree; the run of one ends before the next of all",
        arguments: [
            (["main", "berlin"], 2, 30, []), ([], 1, 60, []), (["main"], 2, 30, ["quorum"]),
            ([], 2, 30, ["quorum"]),
            (["main", "main"], 1, 30, ["zones"]), (["a b"], 1, 30, ["zones"]), (["main"], 0, 30, ["quorum"]),
            (["main"], 1, 31, ["timeout"]), ((0..<17).map { "z\($0)" }, 1, 30, ["zones"]),
        ])
    func opinions(zones: [String], quorum: Int, timeout: Int, fields: [String]) {
        let plugin = Plugin(
            name: "p", script: "check_p", interval: 30, timeout: timeout, zones: zones, quorum: quorum)
        #expect(plugin.validate().map(\.field) == fields)
    }
}
