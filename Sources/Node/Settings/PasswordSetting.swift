import Secrets

/// A password that comes from a file or from the environment.
enum PasswordSetting {
    /// The first line of the file, which must be there when one is named; without one the text, nil when that is empty.
    static func read(file: String, text: String, _ key: String) throws(StartFailure) -> String? {
        guard !file.isEmpty else { return text.isEmpty ? nil : text }
        do throws(SecretsError) {
            if let password = try SecretFile("password", file).firstLine() { return password }
        } catch {
            throw StartFailure("\(key): \(error)")
        }
        throw StartFailure("\(key): there is no file \(file)")
    }
}
