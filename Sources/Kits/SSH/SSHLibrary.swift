import CSSH2

/// The SSH library in use and what it can do.
package enum SSHLibrary {
    /// The version found at run time, as "1.10.0".
    package static let version: String = {
        guard isReady, let text = libssh2_version(0) else { return "0" }
        return String(cString: text)
    }()

    /// Whether RSA keys work: servers refuse RSA with SHA-1, and SHA-2 came with libssh2 1.11.
    package static let supportsRSA = libssh2_version(0x010b00) != nil

    /// Why an RSA key is of no use here and what to do.
    package static let rsaAdvice =
        "libssh2 \(version) knows RSA only with SHA-1, which servers refuse; "
        + "use an ed25519 key (ssh-keygen -t ed25519), or libssh2 1.11 or newer, which lifts this"

    /// libssh2_init is not safe to run twice at once; a static is made once.
    static let isReady: Bool = libssh2_init(0) == 0
}
