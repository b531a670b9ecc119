import Model

extension CheckJob {
    /// The job once for each zone that its plugin names, each to be told apart by it.
    var polled: [(zone: String, job: CheckJob)] {
        plugin.value.zones.map { name in
            var job = self
            let zone = HostZones.effective(name, inherited: "")
            job.assignment.observer = zone
            return (zone, job)
        }
    }
}
