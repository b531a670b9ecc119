import SQL
import Testing

@Suite("SQLite connections")
struct ConnectionTests {
    @Test("every kind of value comes back as it went in, empty text and NUL included")
    func values() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.execute("CREATE TABLE t (i, r, s, b, n, e)")
        let values: [SQLValue] = [
            .integer(.min), .real(0.1), .text("ä\u{0}b"), .boolean(true), .null, .text(""),
        ]
        try connection.run("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", values)
        let row = try connection.first("SELECT * FROM t") { row in
            (row.int64(0), row.double(1), row.text(2), row.bool(3), row.isNull(4), row.optionalText(5))
        }
        #expect(row?.0 == .min)
        #expect(row?.1 == 0.1)
        #expect(row?.2 == "ä\u{0}b")
        #expect(row?.3 == true)
        #expect(row?.4 == true)
        #expect(row?.5 == "")
    }

    @Test("a broken rule of a table is told apart: unique, foreign key, other")
    func constraints() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.execute(
            """
            PRAGMA foreign_keys = ON;
            CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
            CREATE TABLE b (a_id INTEGER REFERENCES a);
            INSERT INTO a VALUES (1, 'x');
            """)
        #expect(kind { try connection.run("INSERT INTO a VALUES (2, 'x')") } == .constraint(.unique))
        #expect(kind { try connection.run("INSERT INTO a VALUES (1, 'y')") } == .constraint(.unique))
        #expect(kind { try connection.run("INSERT INTO b VALUES (9)") } == .constraint(.foreignKey))
        #expect(kind { try connection.run("INSERT INTO a VALUES (3, NULL)") } == .constraint(.other))
    }

    @Test("an error names the statement and says why")
    func sentence() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        let error = #expect(throws: SQLError.self) { try connection.run("SELECT * FROM missing") }
        #expect(error?.statement == "SELECT * FROM missing")
        #expect(error?.message == "no such table: missing")
        #expect(error?.kind == .other)
    }

    @Test("a file that is not there is not made unless asked for")
    func missing() {
        let path = "/nonexistent-folder/x.db"
        #expect(kind { _ = try Connection(path: path, mode: .readWrite) } == .access)
        #expect(kind { _ = try Connection(path: path, mode: .create) } == .access)
    }

    @Test("a statement can be run again after it failed")
    func again() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")
        try connection.run("INSERT INTO a VALUES (?)", [1.sqlValue])
        #expect(kind { try connection.run("INSERT INTO a VALUES (?)", [1.sqlValue]) } != nil)
        try connection.run("INSERT INTO a VALUES (?)", [2.sqlValue])
        #expect(try connection.rows("SELECT id FROM a") { $0.int(0) } == [1, 2])
    }

    private func kind(_ body: () throws -> Void) -> SQLError.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SQLError)?.kind
        }
    }
}
