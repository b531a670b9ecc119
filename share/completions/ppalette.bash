# bash completion for ppalette; made from its declaration by 'ppalette completions bash'.

# Keeps of the lines on standard input those that begin with the word at the cursor.
_ppalette_offer() {
    local line
    while IFS= read -r line; do
        if [[ -n $line && $line == "$cur"* ]]; then COMPREPLY+=("$(printf %q "$line")"); fi
    done
}

_ppalette() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' word skip='' index
    COMPREPLY=()
    # --option=value reaches bash as three words.
    if [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    if [[ $cur == '=' ]]; then cur=''; fi
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [[ -n $skip && $word == '=' ]]; then continue; fi
        if [[ -n $skip ]]; then skip=''; continue; fi
        case $word in
        --config|--roles|--state-dir|--listen|--from|--to) skip=1 ;;
        -* | '=') ;;
        *) at+=${at:+ }$word ;;
        esac
    done
    case "$at $prev" in
    'run'*' --config') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    'run'*' --roles') :; return ;;
    'run'*' --state-dir') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    'run'*' --listen') :; return ;;
    'check-config'*' --config') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    'check-config'*' --state-dir') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    'migrate'*' --config') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    'migrate'*' --state-dir') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    'migrate'*' --from') _ppalette_offer < <(printf '%s\n' 'sqlite'); return ;;
    'migrate'*' --to') :; return ;;
    esac
    if [[ $cur == -* ]]; then
        case $at in
        'run'*) _ppalette_offer < <(printf '%s\n' '--config' '--roles' '--state-dir' '--listen' '--help' '--version') ;;
        'check-config'*) _ppalette_offer < <(printf '%s\n' '--config' '--state-dir' '--help' '--version') ;;
        'migrate'*) _ppalette_offer < <(printf '%s\n' '--config' '--state-dir' '--from' '--to' '--help' '--version') ;;
        'version'*) _ppalette_offer < <(printf '%s\n' '--help' '--version') ;;
        *) _ppalette_offer < <(printf '%s\n' '--help' '--version') ;;
        esac
        return
    fi
    case $at in
    '') _ppalette_offer < <(printf '%s\n' 'run' 'check-config' 'migrate' 'version') ;;
    esac
}

complete -F _ppalette ppalette
