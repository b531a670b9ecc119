import Posix

/// Reading what plugins print.
extension PluginExecutor {
    /// Names one of the two pipes of a run.
    private typealias Stream = ReferenceWritableKeyPath<PluginRun, PluginRun.Capture>

    /// Bytes that a plugin may print beyond the limit before it is read slowly.
    private static let freeFlood = 16 << 20
    /// How long a flooding plugin's pipe is left alone after each read.
    private static let floodPause: Int64 = 5_000_000

    func watchPipes(of run: PluginRun) throws(PosixError) {
        try watch(\.output, of: run)
        try watch(\.errors, of: run)
    }

    /// Takes what is in the pipes now, at most a pipe's size each.
    func readPipes(of run: PluginRun) {
        read(\.output, of: run)
        read(\.errors, of: run)
    }

    func closePipes(of run: PluginRun) {
        close(\.output, of: run)
        close(\.errors, of: run)
    }

    private func watch(_ stream: Stream, of run: PluginRun) throws(PosixError) {
        guard let pipe = run[keyPath: stream].pipe else { return }
        try reactor.watch(pipe, for: .read) { [weak self] _ in
            self?.read(stream, of: run)
            if run.lifecycle.end != nil { self?.advance(run) }
        }
    }

    /// Reads about one pipe's size, so that a flood takes its turn like everybody else.
    private func read(_ stream: Stream, of run: PluginRun) {
        guard let pipe = run[keyPath: stream].pipe, !run[keyPath: stream].isPaused else { return }
        var taken = 0
        while taken < ProcessPipe.chunk / 2 {
            let limit = run[keyPath: stream].limit
            switch scratch.read(pipe, into: &run[keyPath: stream].kept, limit: limit) {
            case .nothing: return
            case .ended: return close(stream, of: run)
            case .bytes(let count, let dropped):
                taken += count
                run[keyPath: stream].droppedBytes += dropped
                counters.droppedBytes += dropped
            }
        }
        if run[keyPath: stream].droppedBytes > Self.freeFlood { pause(stream, pipe, of: run) }
    }

    /// Leaves the pipe of a flooding plugin alone for a moment; the plugin blocks meanwhile.
    private func pause(_ stream: Stream, _ pipe: Int32, of run: PluginRun) {
        run[keyPath: stream].isPaused = true
        reactor.unwatch(pipe)
        reactor.schedule(at: Clock.monotonicNanoseconds() + Self.floodPause) { [weak self] in
            run[keyPath: stream].isPaused = false
            do {
                try self?.watch(stream, of: run)
            } catch {
                // Without memory for epoll the pipe counts as ended; the plugin gets a broken pipe.
                self?.close(stream, of: run)
            }
        }
    }

    private func close(_ stream: Stream, of run: PluginRun) {
        guard let pipe = run[keyPath: stream].pipe else { return }
        reactor.unwatch(pipe)
        ProcessControl.close(pipe)
        run[keyPath: stream].pipe = nil
        run.lifecycle.pipeEnded()
    }
}
