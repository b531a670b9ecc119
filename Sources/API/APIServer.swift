import APIContract
package import HTTPServer
package import Log
package import Model
package import Secrets
package import Storage

/// Serves the REST API on one address.
package final class APIServer: Sendable {
    private let listener: HTTPListener
    private let log: Log

    /// What the API works on.
    package struct Parts: Sendable {
        package var store: any Store
        package var engine: any Engine
        package var statistics: any StatisticsSource
        package var token: AccessToken
        /// The name of an address by reverse DNS; asked for hosts added without a name, at most two seconds.
        package var reverseName: @Sendable (String) async -> String?
        /// Names (`USER1`) of the user macros that the configuration has.
        package var userMacros: Set<String>
        /// What is wrong with the script of a local plugin, when its file can be known to be missing.
        package var scriptRefusal: @Sendable (String) -> String?
        /// Version of the program, for the document.
        package var version: String
        /// The wall clock.
        package var now: @Sendable () -> Timestamp

        package init(
            store: any Store, engine: any Engine, statistics: any StatisticsSource, token: AccessToken,
            userMacros: Set<String> = [], version: String,
            now: @escaping @Sendable () -> Timestamp,
            scriptRefusal: @escaping @Sendable (String) -> String? = { _ in nil },
            reverseName: @escaping @Sendable (String) async -> String? = { _ in nil }
        ) {
            self.store = store
            self.engine = engine
            self.statistics = statistics
            self.token = token
            self.userMacros = userMacros
            self.scriptRefusal = scriptRefusal
            self.version = version
            self.now = now
            self.reverseName = reverseName
        }
    }

    package init(listen: ListenAddress, parts: Parts, limits: HTTPListener.Limits = .init(), log: Log) {
        let service = Service(parts: parts, log: log)
        self.log = log
        listener = HTTPListener(
            listen: listen, limits: limits, refusal: { Answer.problem(Problem($0, $1)) },
            handler: { await service.answer($0) })
    }

    /// The port that it listens on, also when 0 was asked for.
    package var port: Int { listener.port }

    /// Begins to serve; throws a sentence when the address cannot be had.
    package func start() throws(HTTPServerError) {
        try listener.start()
        log.info("listening", ["address": "\(listener.listen.address)", "port": "\(port)"])
        guard !listener.listen.isLoopback else { return }
        log.warning("the API can be reached from other machines without TLS; put a proxy with TLS before it")
    }

    /// Takes no more requests, gives those under way up to `grace`, and ends.
    package func stop(grace: Duration = .seconds(5)) async {
        await listener.stop(grace: grace)
    }
}
