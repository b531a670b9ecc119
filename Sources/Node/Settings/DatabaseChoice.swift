import Log
import SQL
import Secrets
import Storage

/// Which database the settings name.
enum DatabaseChoice {
    case sqlite
    case postgresql(PostgresAddress)

    /// Reads the password too; throws a sentence when something about it cannot be used.
    init(_ settings: Settings) throws(StartFailure) {
        guard settings.database != "sqlite" else {
            self = .sqlite
            return
        }
        guard settings.database.hasPrefix("postgresql://") || settings.database.hasPrefix("postgres://")
        else {
            throw StartFailure(
                "database must be sqlite or postgresql://user@host:port/name, not \"\(settings.database.prefix { $0 != ":" })\""
            )
        }
        let password = try Self.password(settings)
        do throws(SQLError) {
            self = .postgresql(try PostgresAddress(uri: settings.database, password: password))
        } catch {
            throw StartFailure("database: \(error.message)")
        }
    }

    private static func password(_ settings: Settings) throws(StartFailure) -> String? {
        let file = settings.databasePasswordFile
        guard !file.isEmpty else {
            return settings.databasePassword.isEmpty ? nil : settings.databasePassword
        }
        do throws(SecretsError) {
            if let password = try SecretFile("password", file).firstLine() { return password }
        } catch {
            throw StartFailure("database_password_file: \(error)")
        }
        throw StartFailure("database_password_file: there is no file \(file)")
    }
}
