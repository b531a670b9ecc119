import CRabbitMQ
import Glibc

/// Tables of arguments as AMQP has them, alive during one call.
enum Table {
    enum Value {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case table([(String, Value)])
    }

    /// What we tell of ourselves, and what we can be told.
    static func withClientProperties<Result>(_ body: (amqp_table_t) -> Result) -> Result {
        with(
            [
                ("product", .text("ppalette")),
                (
                    "capabilities",
                    .table([
                        ("consumer_cancel_notify", .flag(true)), ("connection.blocked", .flag(true)),
                        ("publisher_confirms", .flag(true)), ("basic.nack", .flag(true)),
                    ])
                ),
            ], body)
    }

    static func with<Result>(_ values: [(String, Value)], _ body: (amqp_table_t) -> Result) -> Result {
        var pool = amqp_pool_t()
        init_amqp_pool(&pool, 4096)
        defer { empty_amqp_pool(&pool) }
        return body(table(values, &pool))
    }

    private static func table(_ values: [(String, Value)], _ pool: inout amqp_pool_t) -> amqp_table_t {
        let size = MemoryLayout<amqp_table_entry_t>.stride * max(1, values.count)
        guard let memory = amqp_pool_alloc(&pool, size) else { return amqp_empty_table }
        let entries = memory.bindMemory(to: amqp_table_entry_t.self, capacity: values.count)
        for (index, (name, value)) in values.enumerated() {
            var entry = amqp_table_entry_t()
            entry.key = bytes(name, &pool)
            switch value {
            case .text(let text):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                entry.value.value.bytes = bytes(text, &pool)
            case .number(let number):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
                entry.value.value.i64 = number
            case .flag(let flag):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                entry.value.value.boolean = flag ? 1 : 0
            case .table(let inner):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
                entry.value.value.table = table(inner, &pool)
            }
            (entries + index).initialize(to: entry)
        }
        return amqp_table_t(num_entries: Int32(values.count), entries: entries)
    }

    private static func bytes(_ text: String, _ pool: inout amqp_pool_t) -> amqp_bytes_t {
        var result = amqp_bytes_t()
        amqp_pool_alloc_bytes(&pool, max(1, text.utf8.count), &result)
        guard let memory = result.bytes else { return amqp_empty_bytes }
        for (index, byte) in text.utf8.enumerated() {
            memory.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
        result.len = text.utf8.count
        return result
    }
}

/// Gives bytes that stay where they are during `body`.
func withBytes<Result>(_ text: String, _ body: (amqp_bytes_t) -> Result) -> Result {
    var text = text
    return text.withUTF8 { utf8 in
        body(amqp_bytes_t(len: utf8.count, bytes: UnsafeMutableRawPointer(mutating: utf8.baseAddress)))
    }
}
