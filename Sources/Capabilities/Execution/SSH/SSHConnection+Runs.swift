import Model
import Posix
import SSH

extension SSHConnection {
    /// After the exit the rest of the output has this long to arrive.
    private static let drain: Int64 = 250_000_000

    /// Passes over all commands until a whole pass has received nothing.
    func pumpRuns() throws(SSHError) {
        var received: UInt64
        repeat {
            received = session.bytesReceived
            for run in runs {
                try step(run)
                if case .dead = phase { return }
            }
            runs.removeAll(where: \.isGone)
        } while session.bytesReceived != received
    }

    private func step(_ run: SSHRun) throws(SSHError) {
        if case .opening = run.step { try stepOpening(run) }
        if case .starting = run.step { try stepStarting(run) }
        if case .running = run.step { try stepRunning(run) }
        if case .draining(let until) = run.step { try stepDraining(run, until) }
        if case .closing = run.step { try stepClosing(run) }
    }

    private func stepOpening(_ run: SSHRun) throws(SSHError) {
        do {
            guard let channel = try session.openChannel() else { return }
            run.channel = channel
        } catch  where error.kind == .channelRefused {
            run.step = .waiting
            driver.isRefused(run)
            return
        }
        run.hasStarted(at: Clock.monotonicNanoseconds())
        // libssh2 opens one channel at a time; the next need not wait until the server has the command.
        driver.isOpened(run)
    }

    private func stepStarting(_ run: SSHRun) throws(SSHError) {
        do {
            guard try run.channel?.run(run.command.line) == true else { return }
        } catch  where error.kind == .requestRefused {
            driver.hasEnded(run, .execFailed("\(endpoint) refuses to run commands: \(error.description)"))
            startClosing(run)
            return
        }
        run.step = .running
    }

    private func stepRunning(_ run: SSHRun) throws(SSHError) {
        try run.readAll(into: &buffer)
        if run.channel?.exit != nil {
            run.step = .draining(until: Clock.monotonicNanoseconds() + Self.drain)
        } else if run.channel?.isClosedByServer == true {
            let path = run.command.path
            driver.hasEnded(run, .execFailed("\(path) on \(endpoint) ended without an exit status"))
            startClosing(run)
        }
    }

    private func stepDraining(_ run: SSHRun, _ until: Int64) throws(SSHError) {
        try run.readAll(into: &buffer)
        guard let channel = run.channel, let exit = channel.exit else { return }
        guard channel.isAtEnd || Clock.monotonicNanoseconds() >= until else { return }
        driver.hasEnded(run, run.ending(for: exit))
        startClosing(run)
    }

    private func startClosing(_ run: SSHRun) {
        run.step = .closing(since: Clock.monotonicNanoseconds())
    }

    private func stepClosing(_ run: SSHRun) throws(SSHError) {
        guard try run.channel?.close() != false else { return }
        run.step = .gone
        run.channel = nil
        driver.isGone(run)
    }

    /// Ends what has come to its deadline: a command, a set-up, the patience with a channel that stays open.
    func endLateRuns(at now: Int64) {
        for run in runs where run.nextDeadline <= now {
            switch run.step {
            case .opening:
                lose("no answer for \(options.connectTimeout.components.seconds) s")
                return
            case .starting:
                driver.hasEnded(run, .timedOut)
                lose("no answer to a command")
                return
            case .running:
                driver.hasEnded(run, .timedOut)
                startClosing(run)
            case .closing:
                run.isOverdue = true
                driver.isStuck(self)
            case .waiting, .draining, .gone: break
            }
        }
    }
}

extension SSHRun {
    /// When ``SSHConnection/endLateRuns(at:)`` has to look at it next.
    var nextDeadline: Int64 {
        switch step {
        case .opening, .starting, .running: deadline
        case .draining(let until): until
        case .closing(let since): isOverdue ? .max : since + Self.longestClosing
        case .waiting, .gone: .max
        }
    }

    /// Whether its connection has no more to do with it.
    var isGone: Bool {
        switch step {
        case .gone, .waiting: true
        case .opening, .starting, .running, .draining, .closing: false
        }
    }

    /// The channel is there and the command goes out: its own time begins.
    func hasStarted(at now: Int64) {
        step = .starting
        started = SSHDriver.wallTime()
        deadline = now + Int64(job.plugin.value.timeout) * 1_000_000_000
    }
}
