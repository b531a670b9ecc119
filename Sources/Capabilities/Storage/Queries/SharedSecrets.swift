import SQL

extension Database {
    func secret(named name: String, orKeep proposal: String) throws(StoreError) -> String {
        try run("INSERT INTO secrets VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, proposal)
        return try first("SELECT value FROM secrets WHERE name = ?", [.text(name)]) { $0.text(0) } ?? proposal
    }
}
