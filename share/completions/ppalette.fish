# fish completion for ppalette; made from its declaration by 'ppalette completions fish'.

# The command's words before the cursor, joined by spaces.
function __ppalette_at
    set -l at
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case '--config' '--roles' '--state-dir' '--listen' '--from' '--to'
                set skip 1
            case '-*'
            case '*'
                set -a at $word
        end
    end
    string join ' ' -- $at
end

# Whether the words before the cursor are one of these.
function __ppalette_is
    contains -- "$(__ppalette_at)" $argv
end

# Whether the words before the cursor begin a command with one of these.
function __ppalette_in
    set -l at (__ppalette_at)
    for path in $argv
        test "$at" = $path; and return 0
        string match -q -- "$path *" "$at"; and return 0
    end
    return 1
end

complete -c ppalette -f
complete -c ppalette -s h -l help -d 'Say what can be written here.'
complete -c ppalette -l version -d 'Print the version.'
complete -c ppalette -n '__ppalette_is \'\'' -a 'run' -d 'run the engine until it is told to end (TERM or INT)'
complete -c ppalette -n '__ppalette_is \'\'' -a 'check-config' -d 'say whether the configuration can be used'
complete -c ppalette -n '__ppalette_is \'\'' -a 'migrate' -d 'move everything from SQLite to PostgreSQL while the engine is stopped'
complete -c ppalette -n '__ppalette_is \'\'' -a 'version' -d 'print the version'
complete -c ppalette -n '__ppalette_in \'run\'' -l config -r -F -d 'Configuration file.'
complete -c ppalette -n '__ppalette_in \'run\'' -l roles -x -d 'What this process does: scheduler, worker, recorder, api.'
complete -c ppalette -n '__ppalette_in \'run\'' -l state-dir -r -F -d 'Folder of database, archives, spool and token; goes before state_dir.'
complete -c ppalette -n '__ppalette_in \'run\'' -l listen -x -d 'Where the API listens.'
complete -c ppalette -n '__ppalette_in \'check-config\'' -l config -r -F -d 'Configuration file.'
complete -c ppalette -n '__ppalette_in \'check-config\'' -l state-dir -r -F -d 'Folder of database, archives, spool and token; goes before state_dir.'
complete -c ppalette -n '__ppalette_in \'migrate\'' -l config -r -F -d 'Configuration file.'
complete -c ppalette -n '__ppalette_in \'migrate\'' -l state-dir -r -F -d 'Folder of database, archives, spool and token; goes before state_dir.'
complete -c ppalette -n '__ppalette_in \'migrate\'' -l from -x -a 'sqlite' -d 'What to move: the database in the state directory.'
complete -c ppalette -n '__ppalette_in \'migrate\'' -l to -x -d 'An empty database: postgresql://user@host:port/name.'
