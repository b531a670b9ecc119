package import APIContract
import HTTPServer
package import JSON
package import Log
import Model
import Storage

/// Adds objects by the rules of the API without a request: what a new database begins with.
package actor ObjectLoader {
    /// Why an object is refused, a sentence a reason.
    package struct Refusal: Error, Sendable {
        package let sentences: [String]
    }

    private let service: Service
    private var added: [(kind: EndpointID, name: String)] = []

    package init(parts: APIServer.Parts, log: Log) {
        var lenient = parts
        // The sample may name packaged plugins that this machine does not have: a visible result says so.
        lenient.scriptRefusal = { _ in nil }
        service = Service(parts: lenient, log: log)
    }

    /// Adds one object as the call `id` does; the object needs a name.
    package func add(_ object: JSONValue, by id: EndpointID) async throws(Refusal) {
        let endpoint = Endpoint.named(id)
        do {
            let body = try RequestBody(object, for: endpoint.body)
            let query = try QueryValues([], for: endpoint.query, now: service.parts.now())
            let call = Call(
                endpoint: endpoint, path: [:], query: query, body: body, isKnown: true,
                now: service.parts.now())
            _ = try await service.handle(call)
            added.append((id, body.string("name") ?? ""))
        } catch let problem as Problem {
            throw Refusal(
                sentences: problem.errors.isEmpty ? [problem.detail] : Self.sentences(problem.errors))
        } catch let invalid as InvalidValues {
            throw Refusal(sentences: Self.sentences(invalid.errors))
        } catch {
            throw Refusal(sentences: ["\(error)"])
        }
    }

    /// Deletes what was added, last first, so that nothing is half done.
    package func takeBack() async {
        for (kind, name) in added.reversed() {
            do {
                switch kind {
                case .addHost: try await service.parts.store.delete(hostNamed: name)
                case .addPlugin: try await service.parts.store.delete(pluginNamed: name)
                case .addSubnet: try await service.parts.store.delete(subnetNamed: name)
                default: try await service.parts.store.delete(suiteNamed: name)
                }
            } catch {
                service.log.error("\(name) could not be taken back", ["reason": "\(error)"])
            }
        }
        added = []
    }

    private static func sentences(_ errors: [FieldError]) -> [String] {
        errors.map { "\($0.field) \($0.reason)" + ($0.value.map { ", not \($0.text())" } ?? "") }
    }
}
