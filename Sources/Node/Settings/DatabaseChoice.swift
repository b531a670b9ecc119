import Log
import SQL
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
        let password = try PasswordSetting.read(
            file: settings.databasePasswordFile, text: settings.databasePassword, "database_password_file")
        do throws(SQLError) {
            self = .postgresql(try PostgresAddress(uri: settings.database, password: password))
        } catch {
            throw StartFailure("database: \(error.message)")
        }
    }
}
