import CSQLite

extension Connection {
    /// Makes `name` a function of whole numbers that statements of this connection may call; null counts as 0.
    ///
    /// It must always give the same for the same, and it cannot be part of the schema.
    package func define(
        _ name: String, arguments: Int, _ body: @escaping ([Int64]) -> Int64
    ) throws(SQLError) {
        let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY
        let owned = Unmanaged.passRetained(FunctionBody(body)).toOpaque()
        // The library releases the body with the connection, and also when it refuses.
        let code = sqlite3_create_function_v2(
            handle, name, Int32(arguments), flags, owned, call, nil, nil,
            { body in
                guard let body else { return }
                Unmanaged<FunctionBody>.fromOpaque(body).release()
            })
        guard code == SQLITE_OK else {
            throw SQLError(code: code, connection: handle, statement: "define \(name)")
        }
    }
}

/// What a function does, for the library to hold.
private final class FunctionBody {
    let run: ([Int64]) -> Int64

    init(_ run: @escaping ([Int64]) -> Int64) { self.run = run }
}

private func call(
    _ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let body = sqlite3_user_data(context) else { return }
    let numbers = (0..<Int(count)).map { sqlite3_value_int64(values?[$0]) }
    sqlite3_result_int64(context, Unmanaged<FunctionBody>.fromOpaque(body).takeUnretainedValue().run(numbers))
}
