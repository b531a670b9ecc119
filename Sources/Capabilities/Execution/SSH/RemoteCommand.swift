/// The line that a server's shell gets for one plugin.
package struct RemoteCommand: Equatable, Sendable {
    /// The program on the host.
    package let path: String
    package let line: String

    /// Runs the program at `path` with `arguments`, each as one word whatever is in it.
    ///
    /// The line is for any POSIX shell. It makes sure that nothing stays behind on the host: standard input
    /// tells when our side has closed the channel, and then the command's process group is ended, politely
    /// while the command still runs; after `seconds` it is ended as well, by bash's own `read -t` or, in other
    /// shells, by timeout(1) where that exists. The exit status is the command's own. With `keepsBackground`
    /// processes that the command leaves behind live on.
    package init(path: String, arguments: [String], seconds: Int, keepsBackground: Bool = false) {
        self.path = path
        let words = ([path] + arguments).map(Self.quoted).joined(separator: " ")
        let watch = Self.watch(keepsBackground)
        // sshd makes a process group for each command; `$$` is its leader, which the command becomes by exec.
        // Without timeout(1) in between, the one that watches must not be a child that the command may wait for.
        let run = #"exec 3<&-; exec "$@""#
        line =
            "exec 3<&0 </dev/null; set -- \(words); "
            + #"if [ "${BASH_VERSION-}" ]; "#
            + "then (\(watch("-t \(seconds)")) &); \(run); "
            + "elif command -v timeout >/dev/null 2>&1; "
            + "then \(watch("")) & exec 3<&-; exec timeout -k 2 \(seconds) \"$@\"; "
            + "else (\(watch("")) &); \(run); fi"
    }

    /// What waits for the end of standard input, with the options of `read`.
    private static func watch(_ keepsBackground: Bool) -> (_ options: String) -> String {
        let end = keepsBackground ? "exit" : "kill -KILL 0"
        let stop = "kill -0 $$ && { trap '' TERM; kill -TERM 0; sleep 2; kill -KILL 0; }"
        return { "{ read -r \($0) x <&3; \(stop); \(end); } >/dev/null 2>&1 3<&3" }
    }

    /// `text` as one word of a POSIX shell: nothing inside single quotes means anything.
    package static func quoted(_ text: String) -> String {
        // Byte by byte: a quote with a combining mark behind it is another character, but a quote to a shell.
        let quote = UInt8(ascii: "'")
        var bytes = [quote]
        bytes.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            if byte == quote { bytes.append(contentsOf: #"'\''"#.utf8) } else { bytes.append(byte) }
        }
        bytes.append(quote)
        return String(decoding: bytes, as: UTF8.self)
    }
}
