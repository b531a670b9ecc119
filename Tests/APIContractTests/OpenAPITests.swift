import APIContract
import JSON
import Testing

@Suite("The OpenAPI document")
struct OpenAPITests {
    private let document = OpenAPIDocument.make(version: "1.2.3")

    @Test("every call is in it, and nothing else")
    func operations() {
        let ids = document["paths"]?.asObject?.flatMap { path in
            (path.value.asObject ?? []).compactMap { $0.value["operationId"]?.asString }
        }
        #expect(ids?.sorted() == EndpointID.allCases.map(\.rawValue).sorted())
        #expect(document["openapi"] == "3.1.0")
    }

    @Test("every reference leads somewhere")
    func references() throws {
        var found: [String] = []
        collect(document, &found)
        #expect(found.count > 50)
        for reference in found {
            let place = reference.dropFirst(2).split(separator: "/").reduce(document as JSONValue?) {
                $0?[String($1)]
            }
            #expect(place != nil, "\(reference)")
        }
    }

    @Test("every parameter of a path is declared as required")
    func pathParameters() {
        for path in document["paths"]?.asObject ?? [] {
            let names = path.name.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
            for operation in path.value.asObject ?? [] {
                let declared = (operation.value["parameters"]?.asArray ?? [])
                    .filter { $0["in"] == "path" && $0["required"] == true }.compactMap {
                        $0["name"]?.asString
                    }
                #expect(declared == names)
            }
        }
    }

    @Test("every call tells its refusals as problems, and how it is secured")
    func problems() {
        for path in document["paths"]?.asObject ?? [] {
            for operation in path.value.asObject ?? [] {
                let codes = operation.value["responses"]?.asObject?.map(\.name) ?? []
                #expect(codes.contains { $0.hasPrefix("2") } && codes.contains("422"))
                let isOpen = operation.value["operationId"] == "health"
                #expect(codes.contains("401") != isOpen)
            }
        }
        #expect(document["components"]?["securitySchemes"]?["token"]?["scheme"] == "bearer")
    }

    @Test("the document reads back as JSON")
    func json() throws {
        #expect(try JSONValue(parsing: document.bytes()) == document)
    }

    private func collect(_ value: JSONValue, _ found: inout [String]) {
        for member in value.asObject ?? [] {
            if member.name == "$ref", let text = member.value.asString { found.append(text) }
            collect(member.value, &found)
        }
        for element in value.asArray ?? [] { collect(element, &found) }
    }
}
