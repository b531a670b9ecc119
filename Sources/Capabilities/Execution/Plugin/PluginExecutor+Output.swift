import Model
import Posix

/// Reading what plugins print.
extension PluginExecutor {
    /// Bytes that a plugin may print beyond the limit before it is read slowly.
    private static let freeFlood = 16 << 20
    /// How long a flooding plugin's pipe is left alone after each read.
    private static let floodPause: Int64 = 5_000_000

    private enum Stream {
        case output
        case errors
    }

    func watchPipes(of run: PluginRun) throws(PosixError) {
        try watch(.output, of: run)
        try watch(.errors, of: run)
    }

    private func watch(_ stream: Stream, of run: PluginRun) throws(PosixError) {
        guard let pipe = pipe(stream, of: run) else { return }
        try reactor.watch(pipe, for: .read) { [weak self] _ in
            self?.read(stream, of: run)
            if run.lifecycle.end != nil { self?.advance(run) }
        }
    }

    /// Reads one chunk, so that a flood takes its turn like everybody else.
    private func read(_ stream: Stream, of run: PluginRun) {
        guard let pipe = pipe(stream, of: run) else { return }
        var taken = 0
        while taken < ProcessPipe.chunk / 2 {
            switch readChunk(stream, pipe, of: run) {
            case .nothing: return
            case .ended: return close(stream, of: run)
            case .bytes(let count, _): taken += count
            }
        }
        if run.droppedBytes > Self.freeFlood { pause(stream, pipe, of: run) }
    }

    private func readChunk(_ stream: Stream, _ pipe: Int32, of run: PluginRun) -> ProcessPipe.Reading {
        let reading =
            switch stream {
            case .output:
                scratch.read(pipe, into: &run.output, limit: PluginOutput.maximumOutputBytes)
            case .errors:
                scratch.read(pipe, into: &run.errorOutput, limit: PluginOutput.maximumErrorBytes)
            }
        if case .bytes(_, let dropped) = reading {
            counters.droppedBytes += dropped
            if stream == .output { run.droppedBytes += dropped }
        }
        return reading
    }

    /// Leaves the pipe of a flooding plugin alone for a moment; the plugin blocks meanwhile.
    private func pause(_ stream: Stream, _ pipe: Int32, of run: PluginRun) {
        reactor.unwatch(pipe)
        reactor.schedule(at: Clock.monotonicNanoseconds() + Self.floodPause) { [weak self] in
            do {
                try self?.watch(stream, of: run)
            } catch {
                // Without memory for epoll the pipe counts as ended; the plugin gets a broken pipe.
                self?.close(stream, of: run)
            }
        }
    }

    /// Takes what is in the pipes at the end of a run, at most a pipe's size each.
    func readRest(of run: PluginRun) {
        for stream in [Stream.output, .errors] { read(stream, of: run) }
        closePipes(of: run)
    }

    func closePipes(of run: PluginRun) {
        for stream in [Stream.output, .errors] { close(stream, of: run) }
    }

    private func close(_ stream: Stream, of run: PluginRun) {
        guard let pipe = pipe(stream, of: run) else { return }
        reactor.unwatch(pipe)
        ProcessControl.close(pipe)
        switch stream {
        case .output: run.outputPipe = nil
        case .errors: run.errorPipe = nil
        }
        run.lifecycle.pipeEnded()
    }

    private func pipe(_ stream: Stream, of run: PluginRun) -> Int32? {
        switch stream {
        case .output: run.outputPipe
        case .errors: run.errorPipe
        }
    }
}
