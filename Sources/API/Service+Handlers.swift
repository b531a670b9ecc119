import APIContract
import HTTPServer

extension Service {
    /// The handler of every call; a call without one does not compile.
    func handle(_ call: Call) async throws(Problem) -> Response {
        switch call.endpoint.id {
        case .listHosts: try await listHosts(call)
        case .addHost: try await addHost(call)
        case .getHost: try await getHost(call)
        case .editHost: try await editHost(call)
        case .deleteHost: try await deleteHost(call)
        case .listPlugins: try await listPlugins(call)
        case .addPlugin: try await addPlugin(call)
        case .getPlugin: try await getPlugin(call)
        case .editPlugin: try await editPlugin(call)
        case .deletePlugin: try await deletePlugin(call)
        case .listSuites: try await listSuites(call)
        case .addSuite: try await addSuite(call)
        case .getSuite: try await getSuite(call)
        case .editSuite: try await editSuite(call)
        case .deleteSuite: try await deleteSuite(call)
        case .listSubnets: try await listSubnets(call)
        case .addSubnet: try await addSubnet(call)
        case .getSubnet: try await getSubnet(call)
        case .editSubnet: try await editSubnet(call)
        case .deleteSubnet: try await deleteSubnet(call)
        case .listStatus: try await listStatus(call)
        case .listHistory: try await listHistory(call)
        case .runCheck: try await runCheck(call)
        case .getCheck: try await getCheck(call)
        case .runDiscovery: try await runDiscovery(call)
        case .getDiscovery: try await getDiscovery(call)
        case .listSchedule: await listSchedule(call)
        case .listWorkers: try await listWorkers(call)
        case .listQueues: await listQueues(call)
        case .globalStatistics: try await statistics(.global, call)
        case .workerStatistics: try await statistics(worker(call), call)
        case .globalGraph: try await graph(.global, call)
        case .workerGraph: try await graph(worker(call), call)
        case .health: await health(call)
        case .openAPI: Answer.json(200, OpenAPIDocument.make(version: parts.version))
        case .metrics: await metrics()
        }
    }
}
