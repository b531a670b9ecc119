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
                return
            }
            await send()
        }
    }

    private func send() async {
        let report = await worker.report(
            at: .now, version: Version.text, heartbeat: seconds, address: address)
        _ = results.offer([.report(report)])  // A full queue loses one report; the next one tells as much.
    }
}
