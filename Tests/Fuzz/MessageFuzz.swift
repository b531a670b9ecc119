import AMQP
import Messaging
import Model
import Testing

/// What a broker may bring that others write to, and its address.
@Suite("Fuzz: messages")
struct MessageFuzz {
    @Test("a message is refused in a sentence, or it is one that a worker or the store can trust")
    func messages() async throws {
        try await Fuzzer("messages", signs: "{}[]\":,0123456789-.etrufalsn\\/v").run { input, _ in
            do {
                let job = try Job(wireBytes: input)
                if case .check(let check) = job {
                    try hold(!check.plugin.script.contains("/"), "a script is no path")
                    try hold(!check.plugin.script.hasPrefix("-"), "a script is no option")
                    try hold(IPAddress(check.host.address) != nil, "an address is an address")
                }
                _ = try Job(wireBytes: job.wireBytes())
            } catch let error as WireError {
                try hold(!error.description.isEmpty, "the refusal is a sentence")
            }
            do {
                let outcome = try Outcome(wireBytes: input)
                let bytes = try outcome.wireBytes()
                try hold(try Outcome(wireBytes: bytes).wireBytes() == bytes, "what is read stays what it is")
            } catch let error as WireError {
                try hold(!error.description.isEmpty, "the refusal is a sentence")
            }
        }
    }

    @Test("an address of a broker is refused in a sentence, or has a host and a port")
    func addresses() async throws {
        try await Fuzzer("broker-addresses", signs: "amqps:/@[]%0123456789.-").run { input, _ in
            do {
                let server = try AMQPServer(url: input.text, password: Password("geheim"))
                try hold(!server.host.isEmpty && !server.user.isEmpty, "host and user are there")
                try hold((1...65_535).contains(server.port), "the port is one")
                try hold(
                    !server.host.utf8.contains(0) && !server.virtualHost.utf8.contains(0), "nothing is cut")
            } catch let error as AMQPError {
                try hold(error.kind == .configuration, "the refusal says that the address is wrong")
            }
        }
    }
}
