import Log
import RRD

extension Archives {
    /// Draws the archive of `subject` as PNG; nil for a worker without archive.
    ///
    /// The time axis is in the local time of the machine, which the foot of the picture says. Below 420 x 180
    /// pixels there is no legend, below 200 x 100 there are only the curves.
    package func graph(
        _ subject: Subject, _ request: GraphRequest
    ) throws(StatisticsError) -> [UInt8]? {
        let names = subject == .global ? ArchiveLayout.global(step: 60) : ArchiveLayout.worker(step: 20)
        try request.validate(names: names.sources.map(\.name))
        guard let file = try existing(subject) else {
            guard subject == .global else { return nil }
            throw .none("there are no statistics yet: the first come within a minute of the start")
        }
        let foot = GraphTime.range(from: request.from, to: request.to)
        do {
            return try file.draw(GraphDesign.graph(subject, request, foot: foot))
        } catch {
            throw .unavailable("\(error)")
        }
    }
}
