import Log
import Storage

/// Takes over what other nodes change in the configuration, until cancelled.
struct ChangeFollower: Sendable {
    /// An edit takes effect everywhere within a second.
    private static let step = Duration.milliseconds(400)

    let store: any Store
    let log: Log

    func run() async {
        var isInTrouble = false
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.step)
            } catch {
                return
            }
            do throws(StoreError) {
                try await store.tellChanges()
                if isInTrouble { log.info("changes of other nodes are followed again") }
                isInTrouble = false
            } catch {
                if !isInTrouble {
                    log.warning("changes of other nodes have to wait: \(StoreSentence.of(error))")
                }
                isInTrouble = true
            }
        }
    }
}
