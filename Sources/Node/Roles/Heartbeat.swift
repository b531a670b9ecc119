import Messaging
import Model
import Posix

/// Sends a worker's report at every heartbeat until cancelled.
struct Heartbeat: Sendable {
    let worker: Worker
    let results: any MessageQueue<Outcome>
    let seconds: Int
    let address: String

    func run() async {
        await send()
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(seconds))
            } catch {
                break
            }
            await send()
        }
        await send(isLast: true)
    }

    private func send(isLast: Bool = false) async {
        var report = await worker.report(
            at: .now, version: Version.text, heartbeat: seconds, address: address)
        if isLast { report.condition = .stopped }
        _ = results.offer([.report(report)])  // A full queue loses one report; the next one tells as much.
    }
}
