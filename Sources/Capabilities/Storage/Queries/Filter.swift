import SQL

/// Conditions of a query with the values for their question marks.
struct Filter {
    private var conditions: [String] = []
    private(set) var values: [SQLValue] = []

    mutating func add(_ condition: String, _ values: any SQLBindable...) {
        conditions.append(condition)
        self.values += values.map(\.sqlValue)
    }

    /// Part of one of the columns, letter case ignored.
    mutating func add(search text: String, in columns: [String], _ like: String) {
        let escaped = text.reduce(into: "") { pattern, character in
            if "%_\\".contains(character) { pattern.append("\\") }
            pattern.append(character)
        }
        let condition = columns.map { "\($0) \(like) ? ESCAPE '\\'" }.joined(separator: " OR ")
        conditions.append("(\(condition))")
        values += columns.map { _ in SQLValue.text("%\(escaped)%") }
    }

    /// WHERE with all of them, or nothing.
    var clause: String { conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ") }
}

extension PageRequest {
    /// ORDER BY the sort asked for when `columns` knows it, then by `own`, which makes every order total.
    func order(_ columns: [String: String], own: String) -> String {
        guard let sort, let column = columns[sort] else { return "ORDER BY \(own)" }
        // Databases differ in where they put what is missing.
        return "ORDER BY \(column) \(isDescending ? "DESC NULLS LAST" : "ASC NULLS FIRST"), \(own)"
    }

    /// Values of LIMIT and OFFSET.
    var window: [SQLValue] {
        let size = max(1, min(perPage, 100_000))
        return [.integer(Int64(size)), .integer(Int64(max(0, min(page, 1_000_000_000) - 1)) * Int64(size))]
    }
}

/// The four kinds of configured objects, as they are called in sentences and in tables.
enum ObjectKind: String {
    case host, plugin, suite, subnet

    var table: String { rawValue + "s" }
}

extension Database {
    /// The object's number; throws ``StoreError/notFound`` when there is none.
    func id(of kind: ObjectKind, named name: String) throws(StoreError) -> Int64 {
        guard let id = try find(kind, named: name) else {
            throw .notFound(kind: kind.rawValue, name: name)
        }
        return id
    }

    /// The number of an object that `field` names; throws ``StoreError/unknownReference`` when there is none.
    func reference(to kind: ObjectKind, named name: String, in field: String) throws(StoreError) -> Int64 {
        guard let id = try find(kind, named: name) else {
            throw .unknownReference(field: field, kind: kind.rawValue, name: name)
        }
        return id
    }

    /// Throws ``StoreError/duplicate`` when another object than `id` has `value` in `field`.
    func requireUnique(
        _ kind: ObjectKind, _ field: String, _ value: String, except id: Int64 = 0
    ) throws(StoreError) {
        let sql = "SELECT 1 FROM \(kind.table) WHERE \(field) = ? AND id <> ?"
        guard try number(sql, [.text(value), .integer(id)]) == 0 else {
            throw .duplicate(kind: kind.rawValue, field: field, value: value)
        }
    }

    /// Fills the scratch table `listed` with the numbers of named objects.
    func list(_ names: [String], of kind: ObjectKind, in field: String) throws(StoreError) {
        try run("DELETE FROM listed")
        for name in names {
            let id = try reference(to: kind, named: name, in: field)
            try run("INSERT INTO listed VALUES (?) ON CONFLICT DO NOTHING", id)
        }
    }

    private func find(_ kind: ObjectKind, named name: String) throws(StoreError) -> Int64? {
        try first("SELECT id FROM \(kind.table) WHERE name = ?", [.text(name)]) { $0.int64(0) }
    }
}

extension [Int64] {
    /// A JSON array, for `json_each(?)`.
    var json: SQLValue { .text("[" + map(String.init).joined(separator: ",") + "]") }
}
