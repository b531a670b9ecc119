/// The line that a server's shell gets for one plugin.
package struct RemoteCommand: Equatable, Sendable {
    /// The program on the host.
    package let path: String
    package let line: String

    /// Runs the program at `path` with `arguments`, each as one word whatever is in it.
    ///
    /// The line is for any POSIX shell. It makes sure that nothing stays behind on the host: standard input
    /// tells when our side has closed the channel, and then the command's process group is ended, politely
    /// while the command still runs; where timeout(1) exists it ends the command after `seconds` as well. The
    /// exit status is the command's own. With `keepsBackground` processes that the command leaves behind live
    /// on.
    package init(path: String, arguments: [String], seconds: Int, keepsBackground: Bool = false) {
        self.path = path
        let words = ([path] + arguments).map(Self.quoted).joined(separator: " ")
        let end = keepsBackground ? "exit" : "kill -KILL 0"
        // sshd makes a process group for each command; `$$` is its leader, which the command becomes by exec.
        let watch =
            "{ read -r x <&3; kill -0 $$ && { trap '' TERM; kill -TERM 0; sleep 2; kill -KILL 0; }; \(end); }"
        let start = "\(watch) >/dev/null 2>&1 3<&3 &"
        line =
            "exec 3<&0 </dev/null; set -- \(words); "
            + "if command -v timeout >/dev/null 2>&1; "
            + "then \(start) exec 3<&-; exec timeout -k 2 \(seconds) \"$@\"; "
            + "else (\(start)) ; exec 3<&-; exec \"$@\"; fi"
    }

    /// `text` as one word of a POSIX shell: nothing inside single quotes means anything.
    package static func quoted(_ text: String) -> String {
        // Byte by byte: a quote with a combining mark behind it is another character, but a quote to a shell.
        let quote = UInt8(ascii: "'")
        let bytes = text.utf8.flatMap { $0 == quote ? Array(#"'\''"#.utf8) : [$0] }
        return String(decoding: [quote] + bytes + [quote], as: UTF8.self)
    }
}
