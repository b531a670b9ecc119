import API
import APIContract
import CommandLine
import JSON
import Log
import Storage
import YAML

/// Objects from a file that a new database begins with; the fields are those of the API, and so are the rules.
struct InitialObjects {
    /// Kinds in the order in which they need each other.
    private static let kinds: [(key: String, add: EndpointID)] = [
        ("suites", .addSuite), ("plugins", .addPlugin), ("subnets", .addSubnet), ("hosts", .addHost),
    ]
    private static let sizeLimit = 64 << 20

    let file: String

    /// One object with the line where it stands.
    struct Object {
        let add: EndpointID
        let line: Int
        let value: JSONValue
    }

    /// Reads the file; throws what is wrong with its shape.
    func read() throws(StartFailure) -> [Object] {
        do {
            let text = try SmallFile.text(at: file, limit: Self.sizeLimit)
            guard let root = try YAMLDocument.parse(Array(text.utf8)) else { return [] }
            return try objects(in: root)
        } catch let failure as StartFailure {
            throw failure
        } catch let error as YAMLError {
            throw StartFailure("\(file), \(error)")
        } catch {
            throw StartFailure("initial_objects: \(error)")
        }
    }

    /// Loads the objects when the store has none at all; when one is refused those before it are taken out again.
    func load(into parts: APIServer.Parts, _ log: Log) async throws(StartFailure) {
        do {
            guard try await Self.isEmpty(parts.store) else { return }
        } catch {
            throw StartFailure(StoreSentence.of(error))
        }
        let objects = try read()
        let loader = ObjectLoader(parts: parts, log: log)
        var sentences: [String] = []
        for object in objects {
            do throws(ObjectLoader.Refusal) {
                try await loader.add(object.value, by: object.add)
            } catch {
                sentences += error.sentences.map { "\(file), line \(object.line): \($0)" }
            }
        }
        guard sentences.isEmpty else {
            await loader.takeBack()
            throw StartFailure(sentences)
        }
        log.info("\(objects.count) objects were loaded", ["file": file])
    }

    private func objects(in root: YAMLNode) throws(StartFailure) -> [Object] {
        guard case .mapping(let members) = root.content else {
            throw StartFailure("\(file), line \(root.line): expected the keys \(Self.keys)")
        }
        var byKey: [String: [Object]] = [:]
        for member in members {
            guard let kind = Self.kinds.first(where: { $0.key == member.key }) else {
                throw StartFailure(
                    "\(file), line \(member.keyLine): unknown key \"\(member.key)\"; known are \(Self.keys)")
            }
            guard case .sequence(let items) = member.value.content else {
                throw StartFailure("\(file), line \(member.keyLine): \(member.key) must be a list")
            }
            byKey[kind.key] = items.map { Object(add: kind.add, line: $0.line, value: JSONValue($0)) }
        }
        return Self.kinds.flatMap { byKey[$0.key] ?? [] }
    }

    private static var keys: String { kinds.map(\.key).joined(separator: ", ") }

    private static func isEmpty(_ store: any Store) async throws(StoreError) -> Bool {
        let one = ObjectQuery(page: PageRequest(page: 1, perPage: 1))
        let hosts = try await store.hosts(one).total
        let plugins = try await store.plugins(one).total
        let suites = try await store.suites(one).total
        let subnets = try await store.subnets(one).total
        return hosts + plugins + suites + subnets == 0
    }
}
