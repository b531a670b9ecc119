import Model
import Testing

@Suite struct ICMPOptionsTests {
    @Test("without arguments the defaults are those of check_icmp")
    func defaults() throws {
        let options = try ICMPOptions(arguments: [])
        #expect(options.warning == .init(roundTrip: .milliseconds(200), lossPercent: 40))
        #expect(options.critical == .init(roundTrip: .milliseconds(500), lossPercent: 80))
        #expect(options.packets == 5)
        #expect(options.packetInterval == .milliseconds(80))
        #expect(options.payloadBytes == 68)
        #expect(options.hosts.isEmpty)
    }

    @Test("every option of check_icmp is read")
    func everyOption() throws {
        let line =
            "-H 192.0.2.1 -w 100.5,20% -c 300,60% -n 3 -i 50 -I 10ms -m 1 -t 7 -b 100 "
            + "-l 33 -s eth0 -4 -v host2"
        let options = try ICMPOptions(arguments: line.split(separator: " ").map(String.init))
        #expect(options.hosts == ["192.0.2.1", "host2"])
        #expect(options.warning == .init(roundTrip: .microseconds(100_500), lossPercent: 20))
        #expect(options.critical == .init(roundTrip: .milliseconds(300), lossPercent: 60))
        #expect(options.packets == 3)
        #expect(options.packetInterval == .milliseconds(50))
        #expect(options.targetInterval == .milliseconds(10))
        #expect(options.minimumHostsAlive == 1)
        #expect(options.timeout == 7)
        #expect(options.payloadBytes == 100)
        #expect(options.timeToLive == 33)
        #expect(options.source == "eth0")
        #expect(options.family == .ipv4)
    }

    @Test("values may be joined to their option, long names work, -- ends the options")
    func spellings() throws {
        let options = try ICMPOptions(arguments: [
            "-n2", "-6vv", "--warning=1s,10", "--timeout", "3", "--", "-x",
        ])
        #expect(options.packets == 2)
        #expect(options.family == .ipv6)
        #expect(options.timeout == 3)
        #expect(options.hosts == ["-x"])
        #expect(options.warning.lossPercent == 10)
    }

    @Test(
        "times have the units of check_icmp",
        arguments: [
            ("5", Duration.milliseconds(5)), ("5ms", .milliseconds(5)), ("5m", .milliseconds(5)),
            ("500us", .microseconds(500)), ("500u", .microseconds(500)), ("0.25s", .milliseconds(250)),
            ("0", .zero),
        ])
    func units(_ text: String, _ expected: Duration) throws {
        #expect(try ICMPOptions(arguments: ["-i", text]).packetInterval == expected)
    }

    @Test("a warning limit above the critical one is lowered to it")
    func clamped() throws {
        let options = try ICMPOptions(arguments: ["-w", "900,90%", "-c", "100,10%"])
        #expect(options.warning == options.critical)
    }

    @Test("a limit without a loss keeps the default loss")
    func limitWithoutLoss() throws {
        #expect(
            try ICMPOptions(arguments: ["-w", "100"]).warning
                == .init(roundTrip: .milliseconds(100), lossPercent: 40))
    }

    @Test(
        "bad arguments get a sentence",
        arguments: [
            (["-n", "21"], "-n must be a whole number from 1 to 20, not 21"),
            (["-n", "0"], "-n must be a whole number from 1 to 20, not 0"),
            (["-n", "x"], "-n must be a whole number from 1 to 20, not x"),
            (["-w"], "-w needs a value after it"),
            (["-w", "a,b"], "-w must be a round trip time and a loss, as 200,40%, not a,b"),
            (["-c", "100,101%"], "-c must be a round trip time and a loss, as 200,40%, not 100,101%"),
            (["-c", "0,10%"], "-c must be a round trip time and a loss, as 200,40%, not 0,10%"),
            (["-c", "1,2,3"], "-c must be a round trip time and a loss, as 200,40%, not 1,2,3"),
            (["-i", "-5"], "-i must be a time up to 255 s, as 80, 80ms, 500us or 1s, not -5"),
            (["-H", ""], "-H must be an address or a name, not an empty text"),
            (["-H", "a b"], "-H must be an address or a name, not a b"),
            (
                ["-z"],
                "-z is no option of the built-in ICMP check, which takes "
                    + "-H -w -c -n -p -i -I -m -t -b -l -s -4 -6 -v"
            ),
            (
                ["--warnin=3"],
                "--warnin is no option of the built-in ICMP check, which takes "
                    + "-H -w -c -n -p -i -I -m -t -b -l -s -4 -6 -v; did you mean --warning?"
            ),
        ])
    func sentences(_ arguments: [String], _ sentence: String) {
        let error = #expect(throws: ICMPOptionsError.self) { try ICMPOptions(arguments: arguments) }
        #expect(error?.sentence == sentence)
    }

    @Test("a time far below zero is refused, not computed with", arguments: ["-i", "-I", "-w", "-c"])
    func farBelowZero(option: String) {
        #expect(throws: ICMPOptionsError.self) { try ICMPOptions(arguments: [option, "-1e30"]) }
    }

    @Test("any words are options or an error")
    func anyWords() {
        var generator = SeededGenerator(seed: 23)
        for _ in 0..<10_000 {
            let text = generator.mutated(
                "-H h -w 200,40% -c 1s,80 -n5 --size=68 -4", with: "-wcnHbtil,.%4690ms= "
            ).text
            _ = try? ICMPOptions(arguments: text.split(separator: " ").map(String.init))
        }
    }
}
