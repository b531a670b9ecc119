/// What a ``PluginExecutor`` counts, since it was made.
package struct PluginCounters: Sendable, Equatable {
    /// Plugins started.
    package var spawned = 0
    /// Runs that could not be started, whatever the reason.
    package var spawnFailures = 0
    /// Processes that plugins left behind when they were over; all were killed.
    package var leftoversKilled = 0
    /// Plugins that are over for us but still live, since nothing can kill them; a level, not a count.
    package var stragglers = 0
    /// Bytes of output read and not kept.
    package var droppedBytes = 0

    /// What was kept warm.
    package var warm = WarmCounters()

    package init() {}
}
