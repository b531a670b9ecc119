import Log
import Posix

/// From the first line of a script to a process that is ready, and to its end.
extension WarmPool {
    /// Nanoseconds between two looks at the time.
    private static let tick: Int64 = 1_000_000_000
    /// Milliseconds that the engine waits for the death of a helper when it stops.
    private static let reapTries = 50

    /// Takes where the script of a helper was found, and starts its interpreter.
    func found(_ number: UInt64, _ finding: WarmStarter.Finding?) {
        guard let helper = helpers[number], helper.killAt == nil else { return }
        // The cold run says what is missing.
        guard let finding else { return lose(helper) }
        do {
            helper.place = finding.index
            let interpreter = try Self.interpreter(of: finding.head)
            let (ours, theirs) = try ProcessChannel.pair()
            (helper.channel, helper.theirs) = (ours, theirs)
            let arguments = interpreter.arguments(folder: folder, script: helper.paths[helper.place])
            var request = SpawnRequest(
                ticket: number, paths: [arguments[0]], arguments: arguments, environment: environment)
            request.tag = tag
            request.mayGainPrivileges = mayGainPrivileges
            request.isolation = isolation
            helper.generation = isolation?.generation ?? 0
            request.channel = theirs
            spawner.spawn([request])
        } catch {
            let reason = (error as? WarmInterpreter.Refusal)?.reason ?? "\(error)"
            lose(helper)
            refuse(helper.script, reason)
        }
    }

    private static func interpreter(of head: ScriptHead) throws -> WarmInterpreter {
        switch head {
        case .line(let line): try WarmInterpreter(line: line)
        case .unreadable(let code):
            throw WarmInterpreter.Refusal(reason: "its file cannot be read: \(PosixError.reason(of: code))")
        case .missing: throw WarmInterpreter.Refusal(reason: "it is in no plugin folder")
        }
    }

    /// Takes what became of the start of a helper.
    func take(_ outcome: SpawnOutcome) {
        guard let helper = helpers[outcome.ticket] else {
            if case .success(let process) = outcome.result { PluginOutcomes.discard(process) }
            return
        }
        if let theirs = helper.theirs { ProcessControl.close(theirs) }
        helper.theirs = nil
        switch outcome.result {
        case .failure(let failure):
            lose(helper)
            helpers[helper.number] = nil
            let reason = PosixError.reason(of: failure.code)
            stumble(helper.script, "its interpreter \(failure.path) cannot be started: \(reason)")
        case .success(let process):
            counters.helperStarts += 1
            helper.process = process
            begin(helper, process)
            if helper.killAt != nil { kill(helper) }
        }
    }

    private func begin(_ helper: WarmHelper, _ process: SpawnedProcess) {
        helper.phase = .preparing
        helper.lastProgress = Clock.monotonicNanoseconds()
        do {
            try reactor.watch(process.pidfd, for: .read) { [weak self] _ in self?.ended(helper) }
            guard helper.killAt == nil else { return }
            for pipe in [process.output, process.errors] {
                try reactor.watch(pipe, for: .read) { [weak self] _ in self?.hear(helper, pipe) }
            }
            guard let channel = helper.channel else { return }
            try reactor.watch(channel.descriptor, for: .read) { [weak self] _ in self?.listen(to: helper) }
            let lessons = scripts[helper.script]?.lessons ?? []
            guard channel.send(helper.beginning(lessons: lessons).bytes) else {
                return misbehaved(helper, "it cannot be told what to do")
            }
        } catch {
            misbehaved(helper, "\(error)")
        }
    }

    private func hear(_ helper: WarmHelper, _ pipe: Int32) {
        var words: [UInt8] = []
        let reading = scratch.read(pipe, into: &words, limit: 4096)
        helper.heard(words)
        if reading == .ended { reactor.unwatch(pipe) }
    }

    /// The process of a helper has ended.
    private func ended(_ helper: WarmHelper) {
        guard let process = helper.process, let end = ProcessControl.end(of: process.pidfd, reaping: true)
        else { return }
        if helper.killAt == nil {
            // What it said before may still be there, as why it cannot go on.
            listen(to: helper)
        }
        if helper.killAt == nil {
            lose(helper)
            let words = helper.lastWords.isEmpty ? "" : "; it said: \(helper.lastWords)"
            stumble(helper.script, "its helper ended by itself (\(end))\(words)")
        }
        bury(helper, process)
    }

    private func bury(_ helper: WarmHelper, _ process: SpawnedProcess) {
        for descriptor in [process.pidfd, process.output, process.errors] {
            reactor.unwatch(descriptor)
            ProcessControl.close(descriptor)
        }
        helpers[helper.number] = nil
        counters.helpers = helpers.count
    }

    /// Kills every helper and reaps those that die within a moment; the last thing that the engine does.
    func endAll() {
        for helper in Array(helpers.values) {
            lose(helper)
            kill(helper)
        }
        for helper in Array(helpers.values) {
            guard let process = helper.process else { continue }
            var tries = 0
            while ProcessControl.end(of: process.pidfd, reaping: true) == nil, tries < Self.reapTries {
                Machine.pause(.milliseconds(1))
                tries += 1
            }
            bury(helper, process)
        }
    }

    /// Gives the helper no further run; it ends when those that it was asked for have begun.
    func retire(_ helper: WarmHelper) {
        if current[helper.script] === helper { current[helper.script] = nil }
        helper.phase = .retired
        if helper.asked.isEmpty { dismiss(helper) }
    }

    /// Closes the channel, at which a helper ends by itself.
    func dismiss(_ helper: WarmHelper) {
        if current[helper.script] === helper { current[helper.script] = nil }
        guard helper.killAt == nil else { return }
        helper.killAt = Clock.monotonicNanoseconds() + limits.ending
        if let channel = helper.channel { reactor.unwatch(channel.descriptor) }
        helper.channel = nil
        // One whose start is asked for is forgotten when it is known what became of that.
        if helper.process == nil, helper.theirs == nil { helpers[helper.number] = nil }
    }

    /// The helper is of no use any more: what it was asked for goes cold.
    func lose(_ helper: WarmHelper) {
        let asked = helper.asked
        helper.asked = [:]
        dismiss(helper)
        for (ticket, run) in asked { goCold(ticket, run) }
        if !asked.isEmpty { answer(.lost) }
    }

    /// The helper has done what none may do.
    func misbehaved(_ helper: WarmHelper, _ reason: String) {
        lose(helper)
        kill(helper)
        stumble(helper.script, reason)
    }

    func kill(_ helper: WarmHelper) {
        if let process = helper.process { ProcessControl.signal(group: process.pid, .kill) }
    }

    // Time.

    func keepTime() {
        counters.helpers = helpers.count
        guard timer == nil, !helpers.isEmpty, !isStopping else { return }
        timer = reactor.schedule(at: Clock.monotonicNanoseconds() + Self.tick) { [weak self] in
            guard let self else { return }
            timer = nil
            look(at: Clock.monotonicNanoseconds())
            keepTime()
        }
    }

    private func look(at now: Int64) {
        spawner.relieve()
        for helper in Array(helpers.values) {
            if let killAt = helper.killAt {
                if now >= killAt { kill(helper) }
            } else if helper.phase == .retired, helper.asked.isEmpty {
                if now - helper.lastProgress > limits.answering {
                    misbehaved(helper, "its helper closed its channel and did not end")
                }
            } else if helper.phase != .ready, helper.phase != .retired {
                if now - helper.lastProgress > limits.preparing {
                    misbehaved(
                        helper, "its helper was not ready within \(limits.preparing / 1_000_000_000) s")
                }
            } else if !helper.asked.isEmpty {
                if now - helper.lastProgress > limits.answering {
                    misbehaved(helper, "its helper gave no answer for \(limits.answering / 1_000_000_000) s")
                }
            } else if now - helper.lastProgress > limits.idle {
                retire(helper)
            }
        }
        scripts = scripts.filter { current[$0.key] != nil || now - $0.value.lastRun < 12 * limits.idle }
        if counters.refusals > 0 { countRefusals() }
    }

    // What an operator sees.

    /// The script cannot be kept warm for now.
    func refuse(_ script: String, _ reason: String) {
        scripts[script, default: WarmScript()].refuse(reason, at: Clock.monotonicNanoseconds())
        told(script, reason)
    }

    private func stumble(_ script: String, _ reason: String) {
        let now = Clock.monotonicNanoseconds()
        let pauses = scripts[script, default: WarmScript()].stumbled(reason, at: now)
        log.warning("a helper of a warm plugin was lost", ["script": script, "reason": reason])
        if pauses { told(script, reason) }
    }

    /// A helper of the script began a run: whatever was wrong is over.
    func recovered(_ script: String) {
        let wasRefused = scripts[script]?.refusal != nil
        scripts[script]?.succeeded()
        if wasRefused { countRefusals() }
    }

    private func countRefusals() {
        let refused = scripts.filter { $0.value.refusal != nil }
        counters.refusals = refused.count
        counters.refusal = refused.first.flatMap { script, known in
            known.refusal.map { "\(script) is to be kept warm and runs cold: \($0)" }
        }
    }

    private func told(_ script: String, _ reason: String) {
        countRefusals()
        if toldReasons.count > 1000 { toldReasons = [] }
        guard toldReasons.insert("\(script) \(reason)").inserted else { return }
        log.warning("a plugin is to be kept warm and runs cold", ["script": script, "reason": reason])
    }
}
