import Foundation
import Secrets
import Testing

@Suite("Secrets")
struct SecretsTests {
    @Test("digests are those of SHA-256, written in base64 for addresses")
    func digest() {
        #expect(Secrets.base64URL(Secrets.sha256([])) == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")
        #expect(Secrets.random(32) != Secrets.random(32))
    }

    @Test("only the token itself matches", arguments: ["", "secre", "secret ", "Secret", "secretsecret"])
    func matching(candidate: String) {
        let token = AccessToken("secret")
        #expect(token.matches("secret"))
        #expect(!token.matches(candidate))
        #expect(!"\(token)".contains("secret"))
    }

    @Test("the first start makes a token of 32 bytes for the owner only, later ones read it")
    func tokenFile() throws {
        try inFolder { folder in
            let path = folder + "/admin.token"
            let (token, isNew) = try TokenFile.load(path: path)
            #expect(isNew && token.utf8.count == 43)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try TokenFile.load(path: path) == (token, false))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["admin.token"])
        }
    }

    @Test("a file that others can read is refused with what to do", arguments: [0o604, 0o640, 0o666])
    func openFile(mode: Int) throws {
        try inFolder { folder in
            let path = folder + "/admin.token"
            _ = try TokenFile.load(path: path)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let sentence =
                "cannot use the token file \(path): others can read it; run chmod 600 \(path), or delete it for a new token"
            #expect(throws: SecretsError(sentence)) { try TokenFile.load(path: path) }
        }
    }

    @Test("an empty file, a link and a missing folder are refused")
    func unusable() throws {
        try inFolder { folder in
            let made = FileManager.default.createFile(
                atPath: folder + "/empty", contents: Data(), attributes: [.posixPermissions: 0o600])
            #expect(made)
            #expect(throws: SecretsError.self) { try TokenFile.load(path: folder + "/empty") }
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: folder + "/nowhere")
            #expect(throws: SecretsError.self) { try TokenFile.load(path: folder + "/link") }
            #expect(throws: SecretsError.self) { try TokenFile.load(path: folder + "/none/token") }
        }
    }

    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "secrets-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
