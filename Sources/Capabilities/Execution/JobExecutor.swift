package import Model

/// Carries out one kind of job; confined to the worker's event loop.
///
/// Every job that goes in comes out as exactly one result, whatever happens: executors never throw. Results are told
/// through the handler that the executor was made with, on the same loop, never from inside ``start(_:)``.
package protocol JobExecutor: AnyObject {
    /// Starts a job at once; its place is counted in ``inFlight`` until its result is told.
    func start(_ job: CheckJob)

    /// Jobs started and not ended.
    var inFlight: Int { get }

    /// Ends everything that runs within `grace`; what is cut off is told as `internal`, "engine is stopping".
    func stop(within grace: Duration)
}

/// Takes the results of an executor.
package typealias ResultHandler = (CheckResult) -> Void
