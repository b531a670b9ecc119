import CCurl

/// Asks HTTP servers and waits for the answers, one at a time; keeps the connection for the next request.
///
/// Speaks `http` and `https` only, follows no redirect (so that a token never reaches another host), uses no
/// proxy and no `.netrc`. Not for more than one thread at once; a call blocks for at most the request's timeout.
package struct HTTPClient: ~Copyable {
    private let handle: UnsafeMutableRawPointer
    private let complaint: UnsafeMutablePointer<CChar>
    private let userAgent: String

    /// curl_global_init must run once, before the first handle.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    package init(userAgent: String = "ppalette") throws(HTTPClientError) {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw HTTPClientError(
                kind: .other, url: "", detail: "libcurl cannot be started; is memory short?")
        }
        self.handle = handle
        self.userAgent = userAgent
        complaint = .allocate(capacity: Int(CURL_ERROR_SIZE))
        complaint.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        complaint.deallocate()
    }

    /// Sends the request and returns the answer; a status of 400 and above is an answer too.
    package borrowing func send(_ request: HTTPRequest) throws(HTTPClientError) -> HTTPResponse {
        try refuseLineBreaks(in: request)
        // Forgets the options of the last request, keeps the connections.
        curl_easy_reset(handle)
        complaint.pointee = 0
        let list = headerList(of: request)
        defer { curl_slist_free_all(list) }
        let transfer = Transfer(limit: request.responseLimit)
        try withExtendedLifetime(transfer) { () throws(HTTPClientError) in
            try apply(request, list, transfer)
            let code = perform(with: request.body)
            if transfer.isOverLimit {
                let detail = "more than \(request.responseLimit) bytes; ask for less"
                throw HTTPClientError(kind: .tooLarge, url: request.url, detail: detail)
            }
            try check(code, request.url)
        }
        var status = 0
        try check(pp_curl_status(handle, &status), request.url)
        return HTTPResponse(status: status, headers: transfer.headers, body: transfer.body)
    }

    private borrowing func apply(
        _ request: HTTPRequest, _ list: UnsafeMutablePointer<curl_slist>?, _ transfer: Transfer
    ) throws(HTTPClientError) {
        let target = Unmanaged.passUnretained(transfer).toOpaque()
        let texts: [(CURLoption, String)] = [
            (CURLOPT_URL, request.url), (CURLOPT_CUSTOMREQUEST, request.method),
            (CURLOPT_PROTOCOLS_STR, "http,https"), (CURLOPT_PROXY, ""), (CURLOPT_USERAGENT, userAgent),
        ]
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_PATH_AS_IS, 1), (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_NOBODY, request.method == "HEAD" ? 1 : 0),
            (CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds),
            (CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds),
        ]
        for (option, value) in texts { try check(pp_curl_set_text(handle, option, value), request.url) }
        for (option, value) in numbers { try check(pp_curl_set_long(handle, option, value), request.url) }
        let codes = [
            pp_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, complaint),
            pp_curl_set_list(handle, CURLOPT_HTTPHEADER, list),
            pp_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION, receiveBody),
            pp_curl_set_pointer(handle, CURLOPT_WRITEDATA, target),
            pp_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION, receiveHeader),
            pp_curl_set_pointer(handle, CURLOPT_HEADERDATA, target),
        ]
        for code in codes { try check(code, request.url) }
    }

    /// The body is read by libcurl during the call only.
    private borrowing func perform(with body: [UInt8]?) -> CURLcode {
        guard let body else { return curl_easy_perform(handle) }
        return (body + [0]).withUnsafeBytes { bytes in
            let pointer = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            let codes = [
                pp_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)),
                pp_curl_set_pointer(handle, CURLOPT_POSTFIELDS, pointer),
            ]
            return codes.first { $0 != CURLE_OK } ?? curl_easy_perform(handle)
        }
    }

    /// An empty `Expect` keeps libcurl from waiting a second before it sends a large body.
    private borrowing func headerList(of request: HTTPRequest) -> UnsafeMutablePointer<curl_slist>? {
        let lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        return (["Expect:"] + lines).reduce(nil) { curl_slist_append($0, $1) }
    }

    private borrowing func refuseLineBreaks(in request: HTTPRequest) throws(HTTPClientError) {
        let texts = [request.method, request.url] + request.headers.flatMap { [$0.name, $0.value] }
        guard texts.contains(where: { $0.utf8.contains { $0 < 0x20 || $0 == 0x7F } }) else { return }
        let detail = "the method, the address and the headers must hold no control characters"
        throw HTTPClientError(kind: .badRequest, url: "the server", detail: detail)
    }

    private borrowing func check(_ code: CURLcode, _ url: String) throws(HTTPClientError) {
        guard code != CURLE_OK else { return }
        throw HTTPClientError(code: code, url: url, detail: String(cString: complaint))
    }
}

extension Duration {
    /// At least one: libcurl takes 0 for "no limit".
    fileprivate var wholeMilliseconds: Int {
        max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
