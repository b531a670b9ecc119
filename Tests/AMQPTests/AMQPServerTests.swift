import AMQP
import Testing

/// Addresses of brokers, and what never shows.
@Suite("Broker addresses")
struct AMQPServerTests {
    private let password = Password("geheim")

    @Test(
        "an address names user, host, port and virtual host, with the usual ones where it is silent",
        arguments: [
            ("amqp://ppalette@broker.example:5673/site", "ppalette", "broker.example", 5673, "site"),
            ("amqp://broker.example", "guest", "broker.example", 5672, "/"),
            ("amqp://broker.example/", "guest", "broker.example", 5672, "/"),
            ("amqp://a%40b@broker/%2Fmine", "a@b", "broker", 5672, "/mine"),
            ("amqp://u@[2001:db8::1]:99/v", "u", "2001:db8::1", 99, "v"),
            ("amqps://broker", "guest", "broker", 5671, "/"),
        ])
    func parts(url: String, user: String, host: String, port: Int, virtualHost: String) throws {
        let server = try AMQPServer(url: url, password: password)

        #expect(server.user == user)
        #expect(server.host == host)
        #expect(server.port == port)
        #expect(server.virtualHost == virtualHost)
        #expect((server.tls != nil) == url.hasPrefix("amqps"))
    }

    @Test(
        "a bad address is refused by a sentence that does not repeat it",
        arguments: [
            ("http://broker", "does not begin with amqp://"), ("amqp://", "has no valid host and port"),
            ("amqp://u:geheim@broker", "must not hold a password"), ("amqp://a@b@c", "has more than one @"),
            ("amqp://broker:0", "has no valid host and port"),
            ("amqp://bro ker", "has no valid host and port"),
            ("amqp://broker:65536", "has no valid host and port"), ("amqp://@broker", "has no valid user"),
            ("amqp://bro\0ker", "holds control characters"),
            ("amqp://broker/%2", "has no valid virtual host"),
            ("amqp://broker/%00", "has no valid virtual host"),
        ])
    func refusals(url: String, reason: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPServer(url: url, password: password) }

        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains("geheim") == false)
        #expect(error?.kind == .configuration)
    }

    @Test("a password shows in no text, dump or mirror")
    func secret() throws {
        let server = try AMQPServer(url: "amqp://u@broker", password: password)
        var dumped = ""
        dump(server, to: &dumped)

        for text in ["\(server)", String(reflecting: server), dumped, server.name, "\(password)"] {
            #expect(!text.contains("geheim"))
        }
    }
}
