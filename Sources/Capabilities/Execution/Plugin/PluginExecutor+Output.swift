import Posix

/// Reading what plugins print.
extension PluginExecutor {
    /// Bytes that a plugin may print beyond the limit before it is read slowly.
    private static let freeFlood = 16 << 20
    /// How long a flooding plugin's pipe is left alone after each read.
    private static let floodPause: Int64 = 5_000_000

    func watchPipes(of run: PluginRun) throws(PosixError) {
        try watch(run.output, of: run)
        try watch(run.errors, of: run)
    }

    /// Takes what is in the pipes now, at most a pipe's size each.
    func readPipes(of run: PluginRun) {
        read(run.output, of: run)
        read(run.errors, of: run)
    }

    func closePipes(of run: PluginRun) {
        close(run.output, of: run)
        close(run.errors, of: run)
    }

    private func watch(_ capture: PluginCapture, of run: PluginRun) throws(PosixError) {
        guard let pipe = capture.pipe, !capture.isWatched else { return }
        try reactor.watch(pipe, for: .read) { [weak self] _ in
            self?.read(capture, of: run)
            if run.lifecycle.end != nil { self?.advance(run) }
        }
        capture.isWatched = true
    }

    private func unwatch(_ capture: PluginCapture) {
        guard let pipe = capture.pipe, capture.isWatched else { return }
        reactor.unwatch(pipe)
        capture.isWatched = false
    }

    /// Reads about one pipe's size, so that a flood takes its turn like everybody else.
    private func read(_ capture: PluginCapture, of run: PluginRun) {
        guard let pipe = capture.pipe, !capture.isPaused else { return }
        var taken = 0
        while taken < ProcessPipe.chunk / 2 {
            switch scratch.read(pipe, into: &capture.kept, limit: capture.limit) {
            case .nothing: return
            case .ended: return close(capture, of: run)
            case .bytes(let count, let dropped):
                taken += count
                capture.droppedBytes += dropped
                counters.droppedBytes += dropped
            }
        }
        if capture.droppedBytes > Self.freeFlood { pause(capture, of: run) }
    }

    /// Leaves the pipe of a flooding plugin alone for a moment; the plugin blocks meanwhile.
    private func pause(_ capture: PluginCapture, of run: PluginRun) {
        capture.isPaused = true
        unwatch(capture)
        reactor.schedule(at: Clock.monotonicNanoseconds() + Self.floodPause) { [weak self] in
            capture.isPaused = false
            do {
                try self?.watch(capture, of: run)
            } catch {
                // Without memory for epoll the pipe counts as ended; the plugin gets a broken pipe.
                self?.close(capture, of: run)
            }
        }
    }

    private func close(_ capture: PluginCapture, of run: PluginRun) {
        guard let pipe = capture.pipe else { return }
        unwatch(capture)
        ProcessControl.close(pipe)
        capture.pipe = nil
        run.lifecycle.pipeEnded()
    }
}
