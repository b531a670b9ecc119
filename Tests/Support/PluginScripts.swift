/// The scripts behind the case names of `plugin_cases.tsv`.
package enum PluginScripts {
    package static let shell: [String: String] = [
        "exit1": "echo WARN; exit 1",
        "exit4": "echo FOUR; exit 4",
        "exit127": "echo X127; exit 127",
        "exit128": "echo X128; exit 128",
        "exit143": "echo X143; exit 143",
        "sigsegv": "echo before SEGV; kill -SEGV $$",
        "sigstop": "echo before STOP; kill -STOP $$; sleep 64",
        "timeout_trapok": "trap 'echo graceful; exit 1' TERM; echo started; while :; do sleep 0.05; done",
        "timeout_children":
            "echo kids; for i in 1 2 3 4 5; do sleep 64 & echo $! >> \"$1\"; done; wait",
        "bg_setsid_holds": "setsid sleep 64 & echo $! >> \"$1\"; echo OK setsid parent done",
        "bg_closed": "sleep 64 >/dev/null 2>&1 & echo $! >> \"$1\"; echo OK bg closed",
        "bg_short": "(sleep 2; echo late line) & echo OK bg short",
        "close_then_sleep": "echo closed early; exec >&- 2>&-; sleep 1; exit 1",
        "noout2": "exit 2",
        "stderr_only": "echo on stderr >&2; exit 2",
        "stdout_stderr": "echo on stdout; echo on stderr >&2; exit 1",
        "stderr_first": "echo on stderr >&2; sleep 0.2; echo on stdout; exit 1",
        "multiline": """
        echo 'DISK OK - free: / 3326 MB | /=2643MB;5948;5958;0;5968'
        echo '/ 15272 MB (77%);'
        echo '/boot 68 MB (69%); | /boot=68MB;88;93;0;98'
        echo '/home=69357MB;253404;253409;0;253414'
        """,
        "perf_only": "echo '|a=1'",
        "blank_first": "echo; echo 'SECOND LINE|b=2'",
        "space_only": "echo '   '",
        "nul_byte": "printf 'A\\000B|x=1\\n'",
        "bad_utf8": "printf 'bad \\377\\376 end|x=1\\n'",
        "big_lines":
            "echo line 1; i=0; while [ $i -lt 20000 ]; do "
            + "echo 0123456789012345678901234567890123456789012345678901234567890123; i=$((i+1)); done",
        "pipe_no_eq": "echo 'OK | not perfdata'",
        "pipe_in_label": "echo \"OK text | 'a|b'=1\"",
        "ansi": "printf '\\033[31mRED\\033[0m\\n'",
        "unicode": "echo 'ä € ok|ä=1'",
        "stdin": "if read line; then echo \"got $line\"; else echo EOF on stdin; fi",
        "envdump": "exec env",
        "fds": "for f in /proc/$$/fd/*; do printf '%s ' \"${f##*/}\"; done; echo",
        "ctx": "umask; pwd; exec grep -E '^(Cap|Sig|NoNewPrivs)' /proc/self/status",
        "perf_bad": "echo 'OK|a=1 garbage b=abc c= d=1,5 e=nan f=inf g=U h=1e3 i=0x10 =5 j=1;2;3;4;5;6'",
        "perf_quotes": "echo \"OK|'it''s'=1 'a=b'=2 'c d'=3 e'f=4\"",
    ]

    /// Whole files that are no shell scripts.
    package static let files: [String: String] = [
        "badinterp": "#!/nonexistent/interpreter\necho no\n",
        "noshebang": "echo \"NOSHEBANG ran\"\nexit 1\n",
        "empty": "",
    ]

    /// Timeouts other than 5 s. What traps TERM has a tenth of it to end in, which has to be enough on a busy machine.
    package static let timeouts = ["sigstop": 1, "timeout_trapok": 10, "timeout_children": 1]
}
