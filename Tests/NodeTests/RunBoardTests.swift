import API
import Model
import Storage
import Testing

@testable import Node

@Suite("Runs that people asked for", .timeLimit(.minutes(2)))
struct RunBoardTests {
    @Test("a run is queued until its own result is recorded")
    func ownResult() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let board = RunBoard()
        let run = await board.add(job(host, plugin, due: 5))
        #expect(run.state == .queued && run.host == "h" && run.plugin == "p")
        await board.recorded([result(host, plugin, due: 4, text: "of the schedule")], in: rig.store)
        #expect(await board.run(run.id)?.state == .queued)
        await board.recorded([result(host, plugin, due: 5, text: "asked for")], in: rig.store)
        let done = try #require(await board.run(run.id))
        #expect(done.state == .done && done.result?.output.text == "asked for")
        #expect(await board.run("nothing") == nil)
    }

    @Test("all who wait for a run get it when it is done, and who comes later gets it at once")
    func waiting() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let board = RunBoard()
        let run = await board.add(job(host, plugin, due: 5))
        let waiters = (0..<10).map { _ in Task { await board.wait(for: run.id, atMost: .seconds(3600)) } }
        await board.recorded([result(host, plugin, due: 5)], in: rig.store)
        for waiter in waiters { #expect(await waiter.value?.state == .done) }
        #expect(await board.wait(for: run.id, atMost: .seconds(3600))?.state == .done)
    }

    @Test("a wait that is over gives the run as it is, and the run goes on")
    func timeout() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let board = RunBoard()
        let run = await board.add(job(host, plugin, due: 5))
        #expect(await board.wait(for: run.id, atMost: .zero)?.state == .queued)
        #expect(await board.wait(for: run.id, atMost: .milliseconds(10))?.state == .queued)
        await board.recorded([result(host, plugin, due: 5)], in: rig.store)
        #expect(await board.run(run.id)?.state == .done)
    }

    @Test("a store that cannot be read does not keep a result from those who wait")
    func unreadableStore() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let board = RunBoard()
        let run = await board.add(job(host, plugin, due: 5))
        await rig.store.close()
        await board.recorded([result(host, plugin, due: 5, text: "here")], in: rig.store)
        #expect(await board.run(run.id)?.result?.output.text == "here")
    }

    @Test("beyond its bound the oldest run is forgotten, and who waits for it is let go")
    func bound() async throws {
        let host = Host(id: HostID(1), name: "h", address: "192.0.2.1")
        let plugin = Plugin(id: PluginID(1), name: "p", script: "x")
        let board = RunBoard()
        let first = await board.add(job(host, plugin, due: 0))
        let second = await board.add(job(host, plugin, due: 1))
        let waiter = Task { await board.wait(for: first.id, atMost: .seconds(3600)) }
        for due in 2...10_000 { _ = await board.add(job(host, plugin, due: Int64(due))) }
        #expect(await board.run(first.id) == nil)
        #expect(await board.run(second.id) != nil)
        #expect(await waiter.value == nil)
    }
}
