import CMicroHTTPD
import Glibc
import Posix
import Synchronization

extension HTTPListener {
    /// Takes one step with a request; called by the library's thread only.
    func step(
        _ exchange: Exchange, _ connection: OpaquePointer, method: String, data: UnsafePointer<CChar>?,
        dataCount: inout Int
    ) -> MHD_Result {
        switch exchange.current {
        case .new: return begin(exchange, connection, method)
        case .receiving where dataCount > 0:
            if let data { exchange.keep(data, count: dataCount, limit: limits.bodyBytes) }
            dataCount = 0
            // A body without end is cut off; the usual oversized one is read to its end and then refused, so
            // that its sender sees the answer.
            return exchange.bodyBytes > 16 * limits.bodyBytes ? .NO : .YES
        case .receiving: return dispatch(exchange, connection)
        case .working: return .YES
        case .answered(let response): return queue(response, connection)
        }
    }

    private func begin(_ exchange: Exchange, _ connection: OpaquePointer, _ method: String) -> MHD_Result {
        exchange.method = method
        let headerBytes = exchange.readHeaders(of: connection)
        exchange.enter(.receiving)
        if exchange.target.utf8.count > limits.targetBytes {
            return queue(refusal(414, "the address is longer than \(limits.targetBytes) bytes"), connection)
        }
        if headerBytes > limits.headerBytes {
            return queue(refusal(431, "the headers are longer than \(limits.headerBytes) bytes"), connection)
        }
        let length = exchange.headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        return length > 16 * limits.bodyBytes ? queue(tooLarge, connection) : .YES
    }

    private var tooLarge: Response {
        refusal(413, "the body is longer than \(limits.bodyBytes) bytes")
    }

    private func dispatch(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        if exchange.bodyBytes > limits.bodyBytes { return queue(tooLarge, connection) }
        let request: Request
        do throws(RequestTarget.Refusal) {
            let target = try RequestTarget(exchange.target)
            request = Request(
                method: exchange.method, path: target.path, query: target.query, headers: exchange.headers,
                body: exchange.body)
        } catch {
            return queue(refusal(400, error.sentence), connection)
        }
        exchange.body = []
        let suspended = SendablePointer(connection)
        let isStopping = state.withLock { state in
            guard !state.isStopping else { return true }
            exchange.enter(.working)
            MHD_suspend_connection(suspended.value)
            let deadline = Clock.monotonicNanoseconds() + limits.handling.nanoseconds
            state.working[ObjectIdentifier(exchange)] = Working(
                exchange: exchange, connection: suspended, deadline: deadline,
                task: Task { await self.work(on: exchange, request) })
            return false
        }
        return isStopping ? queue(refusal(503, "the server is stopping"), connection) : .YES
    }

    private func work(on exchange: Exchange, _ request: Request) async {
        let response = await handler(request)
        let working = state.withLock { $0.working.removeValue(forKey: ObjectIdentifier(exchange)) }
        if let working { resume(working, with: response) }
    }

    /// Brings the answer to a suspended connection; the caller has taken it out of the table, so it comes
    /// once.
    private func resume(_ working: Working, with response: Response) {
        if working.exchange.answer(response) { MHD_resume_connection(working.connection.value) }
    }

    /// Answers for every handler whose deadline is past at `now` of the monotonic clock, and cancels it.
    func expire(at now: Int64, _ reason: String) {
        let late = state.withLock { state in
            let late = state.working.filter { $0.value.deadline <= now }
            for key in late.keys { state.working[key] = nil }
            return late
        }
        for working in late.values {
            working.task?.cancel()
            resume(working, with: refusal(503, reason))
        }
    }

    /// Looks once a second for handlers past their deadline, until cancelled.
    func watchDeadlines() async {
        while !Task.isCancelled {
            // Only cancellation throws here, and the loop ends by it.
            try? await Task.sleep(for: .seconds(1))
            expire(at: Clock.monotonicNanoseconds(), "the answer took too long; try again later")
        }
    }

    private func queue(_ response: Response, _ connection: OpaquePointer) -> MHD_Result {
        guard let made = make(response) else { return .NO }
        defer { MHD_destroy_response(made) }
        // The library refuses a header with a line break in it; it is left out then.
        for header in response.headers { _ = MHD_add_response_header(made, header.name, header.value) }
        return MHD_queue_response(connection, UInt32(response.status), made)
    }

    /// The library copies a body, but for a shared one, which it keeps until it has sent it.
    private func make(_ response: Response) -> OpaquePointer? {
        guard let shared = response.sharedBody else {
            var body = response.body
            return body.withUnsafeMutableBytes {
                MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
            }
        }
        let kept = Unmanaged.passRetained(shared)
        let made = MHD_create_response_from_buffer_with_free_callback_cls(
            shared.count, shared.address, releaseBytes, kept.toOpaque())
        if made == nil { kept.release() }
        return made
    }
}

private func releaseBytes(_ kept: UnsafeMutableRawPointer?) {
    guard let kept else { return }
    Unmanaged<SharedBytes>.fromOpaque(kept).release()
}

typealias BeginRequest =
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
    ) -> UnsafeMutableRawPointer?

typealias EndRequest =
    @convention(c) (
        UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
        MHD_RequestTerminationCode
    ) -> Void

/// Called with the request line: makes the exchange, which the request owns until its end.
func beginRequest(
    _ server: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let server else { return nil }
    Unmanaged<HTTPListener>.fromOpaque(server).takeUnretainedValue().open.add(1, ordering: .relaxed)
    let text = target.map { String(cString: $0) } ?? ""
    return Unmanaged.passRetained(Exchange(target: text)).toOpaque()
}

func endRequest(
    _ server: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ exchange: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_RequestTerminationCode
) {
    guard let server, let exchange, let pointer = exchange.pointee else { return }
    Unmanaged<HTTPListener>.fromOpaque(server).takeUnretainedValue().open.subtract(1, ordering: .relaxed)
    Unmanaged<Exchange>.fromOpaque(pointer).release()
    exchange.pointee = nil
}

func accessRequest(
    _ server: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
    _ dataCount: UnsafeMutablePointer<Int>?, _ exchange: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let server, let connection, let method, let dataCount, let pointer = exchange?.pointee else {
        return .NO
    }
    return Unmanaged<HTTPListener>.fromOpaque(server).takeUnretainedValue().step(
        Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue(), connection,
        method: String(cString: method), data: data, dataCount: &dataCount.pointee)
}
