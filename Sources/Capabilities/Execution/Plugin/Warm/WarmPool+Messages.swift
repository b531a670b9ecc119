import Posix

/// What the engine and its helpers say to each other.
extension WarmPool {
    /// Asks for a run; false when the helper cannot take it at once.
    func ask(_ helper: WarmHelper, _ request: SpawnRequest, at now: Int64) -> Bool {
        guard let channel = helper.channel, let frame = WarmHelper.asking(request, name: helper.script),
            let ends = channel.sendRun(
                frame.bytes, isolation: request.effectiveIsolation, cgroup: request.cgroup)
        else { return false }
        if helper.asked.isEmpty { helper.lastProgress = now }
        helper.asked[request.ticket] = WarmHelper.Asked(
            tag: request.tag, ends: ends, isInCgroup: request.cgroup != nil)
        helper.runs += 1
        if helper.runs >= limits.runs { retire(helper) }
        return true
    }

    /// Reads what a helper and its children have said.
    func listen(to helper: WarmHelper) {
        // A helper that talks without end must not keep the loop.
        for _ in 0..<256 {
            guard let channel = helper.channel else { return }
            switch channel.receive() {
            case .nothing: return
            case .ended:
                // Its end follows; nothing more can be sent.
                reactor.unwatch(channel.descriptor)
                if current[helper.script] === helper { current[helper.script] = nil }
                helper.phase = .retired
                return
            case .tooLong: return misbehaved(helper, "its helper sent a message that is too long")
            case .message(let bytes):
                guard let frame = WarmFrame(bytes), heed(frame, from: helper) else {
                    return misbehaved(helper, "its helper sent what makes no sense")
                }
            }
        }
    }

    /// Does what a message asks for; false when it makes no sense.
    private func heed(_ frame: WarmFrame, from helper: WarmHelper) -> Bool {
        switch frame.kind {
        case .ready:
            guard helper.phase == .preparing else { return false }
            helper.phase = .ready
        case .started: return started(frame, helper)
        case .failed: return failed(frame, helper)
        case .changed:
            if frame.text(1) == helper.paths[helper.place] { scripts[helper.script]?.forget() }
            guard failed(frame, helper) else { return false }
            retire(helper)
        case .lessons:
            if scripts[helper.script]?.learn(frame.fields) == true { replace(helper) }
        case .module:
            scripts[helper.script]?.refuse(module: frame.fields.first ?? [])
            log.info(
                "a module is loaded by every run",
                ["script": helper.script, "module": frame.text(0), "reason": frame.text(1)])
            replace(helper)
        case .refusal:
            lose(helper)
            refuse(helper.script, frame.text(0))
        case .begin, .run: return false
        }
        helper.lastProgress = Clock.monotonicNanoseconds()
        return true
    }

    /// Another helper takes its place, which loads what is known by now.
    private func replace(_ helper: WarmHelper) {
        retire(helper)
        start(helper.script, helper.paths, at: Clock.monotonicNanoseconds())
    }

    /// A child says that it is ready to run: it is ours, leads its session and carries the mark of its run.
    private func started(_ frame: WarmFrame, _ helper: WarmHelper) -> Bool {
        guard let ticket: UInt64 = frame.number(0), let pid: Int32 = frame.number(1), pid > 1,
            let run = helper.asked[ticket], let pidfd = ProcessControl.descriptor(ofChild: pid)
        else { return false }
        guard ProcessTag(of: pid)?.rawValue == run.tag, ProcessControl.leadsSession(pid) else {
            ProcessControl.close(pidfd)
            return false
        }
        helper.asked[ticket] = nil
        helper.lastProgress = Clock.monotonicNanoseconds()
        if helper.phase == .retired, helper.asked.isEmpty { dismiss(helper) }
        recovered(helper.script)
        let process = SpawnedProcess(
            pid: pid, pidfd: pidfd, output: run.ends.output, errors: run.ends.errors,
            isInCgroup: run.isInCgroup && frame.text(2) == "1", startedAt: helper.lastProgress,
            startedAtWall: Clock.wallNanoseconds())
        answer(.started(ticket: ticket, process, word: run.ends.word))
        return true
    }

    /// The helper will not do a run.
    private func failed(_ frame: WarmFrame, _ helper: WarmHelper) -> Bool {
        guard let ticket: UInt64 = frame.number(0), let run = helper.asked.removeValue(forKey: ticket)
        else { return false }
        if helper.phase == .retired, helper.asked.isEmpty { dismiss(helper) }
        goCold(ticket, run)
        return true
    }

    func goCold(_ ticket: UInt64, _ run: WarmHelper.Asked) {
        // A child that waits for the word ends when there is nobody left to say it.
        for descriptor in [run.ends.output, run.ends.errors, run.ends.word] {
            ProcessControl.close(descriptor)
        }
        counters.coldRuns += 1
        counters.warmRuns -= 1
        answer(.cold(ticket: ticket))
    }
}
