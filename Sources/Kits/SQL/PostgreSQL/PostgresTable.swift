import CPQ

/// An answer of the server: rows of texts.
final class PostgresTable {
    let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var status: ExecStatusType { PQresultStatus(result) }

    var count: Int { Int(PQntuples(result)) }

    /// Rows that the command changed.
    var changes: Int { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }

    func row(_ index: Int) -> PostgresRow { PostgresRow(table: self, index: Int32(index)) }
}

/// One row; values are in the server's text form.
struct PostgresRow: SQLRow {
    fileprivate let table: PostgresTable
    fileprivate let index: Int32

    func isNull(_ column: Int) -> Bool { PQgetisnull(table.result, index, Int32(column)) == 1 }

    func int64(_ column: Int) -> Int64 {
        let bytes = bytes(column)
        switch bytes.first {
        case nil: return 0
        case UInt8(ascii: "t"): return 1
        case UInt8(ascii: "f"): return 0
        default: break
        }
        var value: Int64 = 0
        var isNegative = false
        for byte in bytes {
            guard byte != UInt8(ascii: "-") else {
                isNegative = true
                continue
            }
            value = value &* 10 &- Int64(byte &- UInt8(ascii: "0"))
        }
        return isNegative ? value : 0 &- value
    }

    func double(_ column: Int) -> Double { Double(text(column)) ?? 0 }

    func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

    private func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(table.result, index, Int32(column)),
            count: Int(PQgetlength(table.result, index, Int32(column))))
    }
}
