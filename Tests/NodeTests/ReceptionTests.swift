import Log
import Messaging
import Model
import Statistics
import Storage
import Testing

@testable import Node

@Suite("What distant workers bring", .timeLimit(.minutes(1)))
struct ReceptionTests {
    private let office = TicketOffice()
    private let key = Array("a key of at least sixteen bytes".utf8)

    private func givenJob(_ host: Host, _ plugin: Plugin, due: Int64, observer: String? = nil) -> CheckJob? {
        var own = job(host, plugin, due: due)
        own.assignment.observer = observer
        guard case .check(let signed) = office.signed(.check(own)) else { return nil }
        return signed
    }

    private func answer(to job: CheckJob?) throws -> CheckResult {
        let job = try #require(job)
        return CheckResult(
            of: job, started: job.due, ended: job.due + .milliseconds(5), ending: .exited(0),
            output: PluginOutput(text: "fine"), worker: "w")
    }

    private let host = Host(id: HostID(1), name: "h", address: "192.0.2.1")
    private let plugin = Plugin(id: PluginID(2), name: "p", script: "check_p")

    @Test("a result is genuine for the run that was given out, and for no other")
    func tickets() throws {
        office.open(with: key)
        let given = try answer(to: givenJob(host, plugin, due: 0))
        #expect(office.isGenuine(given))
        let changes: [(inout CheckResult) -> Void] = [
            { $0.assignment.ticket = nil }, { $0.due = $0.due + .seconds(1) },
            { $0.check = CheckID(host: HostID(2), plugin: $0.check.plugin) },
            { $0.check = CheckID(host: $0.check.host, plugin: PluginID(3)) }, { $0.keepsHistory.toggle() },
            { $0.assignment.observer = "" }, { $0.assignment.observer = "berlin" },
            { $0.assignment.ticket = Ticket(bytes: Array(repeating: 7, count: 16)) },
        ]
        for change in changes {
            var forged = given
            change(&forged)
            #expect(!office.isGenuine(forged))
        }
        let vote = try answer(to: givenJob(host, plugin, due: 0, observer: ""))
        #expect(office.isGenuine(vote) && vote.assignment != given.assignment)

        let other = TicketOffice()
        #expect(!other.isGenuine(given), "without a key nothing is genuine")
        other.open(with: Array("another key of sixteen bytes".utf8))
        #expect(!other.isGenuine(given))
        other.open(with: key)
        #expect(other.isGenuine(given), "all who know the key know the ticket")
    }

    @Test("a sweep's result needs the ticket of that sweep")
    func sweeps() throws {
        office.open(with: key)
        let job = DiscoveryJob(id: 4, subnet: Subnet(name: "n", network: "192.0.2.0/30"), due: at(0))
        guard case .discovery(let signed) = office.signed(.discovery(job)) else {
            Issue.record("it is no sweep any more")
            return
        }
        var part = DiscoveryResult(
            id: 4, scanned: 2, total: 2, responders: [], isFinished: true, assignment: signed.assignment)
        #expect(office.isGenuine(part))
        part.id = 5
        #expect(!office.isGenuine(part))
    }

    @Test(
        "times that cannot be become times that can, and the run took as long as it says where there is room",
        arguments: [
            // started, ended and when it came, in seconds after it was due; what becomes of the first two
            (1, 3, 10, 1, 3), (-5, -3, 10, 0, 2), (3600, 3602, 10, 8, 10), (3, 1, 10, 3, 3),
            (0, 3600, 10, 0, 10),
            (-3600, 0, 10, 0, 10), (5, 5, -60, 0, 0),
        ])
    func clocks(started: Int64, ended: Int64, came: Int64, soundStart: Int64, soundEnd: Int64) {
        var result = result(host, plugin, due: 0)
        (result.started, result.ended) = (at(started), at(ended))
        let sound = result.clamped(receivedAt: at(came))
        #expect(sound.started == at(soundStart) && sound.ended == at(soundEnd))
        #expect(sound.due == result.due)
    }

    @Test("what nobody asked for is not stored but counted and told of; a clock that is off is counted")
    func recorder() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        office.open(with: key)
        let queue = LocalQueue<Outcome>(capacity: 100)
        let recorder = Recorder(
            queue: queue, reception: Reception(office: office), store: rig.store,
            archives: Archives(folder: rig.folder + "/rrd", log: rig.log),
            spool: ResultSpool(folder: rig.folder + "/spool", log: rig.log), settings: Settings(),
            log: rig.log,
            onRecorded: { _ in })
        let run = Task { await recorder.run() }
        var early = try answer(to: givenJob(host, plugin, due: 1))
        early.ended = .now + .seconds(3600)
        let forged = (10..<14).map { Outcome.check(result(host, plugin, due: $0)) }
        let stray = DiscoveryResult(
            id: 1, scanned: 1, total: 1, responders: [.init(address: "192.0.2.66", name: "evil")],
            isFinished: true)
        let outcomes =
            forged + [
                .discovery(stray), .check(try answer(to: givenJob(host, plugin, due: 0))), .check(early),
            ]
        #expect(queue.offer(outcomes) == outcomes.count)
        #expect(await eventually { await recorder.tally.stored == 2 })
        let received = try #require(await recorder.received)
        #expect(received.foreign == 5 && received.clamped == 1)
        #expect(received.lastForeign?.worker == "sweep 1")
        #expect(rig.store.recorded == [at(0), at(1)])
        #expect(
            rig.told("a result without a ticket of ours is refused") == 3, "at the first, second and fourth")
        run.cancel()
        await run.value
        let last = try #require(try await rig.store.statuses(StatusQuery()).items.first)
        #expect(last.ended ?? at(0) <= .now)
    }

    @Test("all nodes of a database sign with one key, which the first of them makes")
    func sharedKey() async throws {
        let rig = try await RoleRig()
        #expect(try await rig.store.secret(named: "tickets", orKeep: "first") == "first")
        #expect(try await rig.store.secret(named: "tickets", orKeep: "second") == "first")
    }
}
