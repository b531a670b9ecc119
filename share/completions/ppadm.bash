# bash completion for ppadm; made from its declaration by 'ppadm completions bash'.

# Keeps of the lines on standard input those that begin with the word at the cursor.
_ppadm_offer() {
    local line
    while IFS= read -r line; do
        if [[ -n $line && $line == "$cur"* ]]; then COMPREPLY+=("$(printf %q "$line")"); fi
    done
}

_ppadm() {
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
        --format|-o|--output|--url|--token-file|--color|--colour|--search|--suite|--subnet|--maintenance|--label|--page|--limit|--per-page|--sort|--name|--address|--login|--port|--history|--suites|--labels|--variable|--variables|--zone|--runner|--script|--arguments|--interval|--timeout|--description|--allow-silent|--allow-background|--warm|--zones|--quorum|--plugins|--plugin|--hosts|--host|--subnets|--network|--auto-discovery|--discovered-maintenance|--wait|--state|--from|--to|--worker|--points|--series|--serie|--width|--height) skip=1 ;;
        -* | '=') ;;
        *) at+=${at:+ }$word ;;
        esac
    done
    case "$at $prev" in
    'list hosts'*' --search' | 'list host'*' --search') :; return ;;
    'list hosts'*' --suite' | 'list host'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'list hosts'*' --subnet' | 'list host'*' --subnet') _ppadm_offer < <(ppadm names subnets 2>/dev/null); return ;;
    'list hosts'*' --maintenance' | 'list host'*' --maintenance') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'list hosts'*' --label' | 'list host'*' --label') :; return ;;
    'list hosts'*' --page' | 'list host'*' --page') :; return ;;
    'list hosts'*' --limit' | 'list host'*' --limit') :; return ;;
    'list hosts'*' --per-page' | 'list host'*' --per-page') :; return ;;
    'list hosts'*' --sort' | 'list host'*' --sort') _ppadm_offer < <(printf '%s\n' 'name' 'address' 'login' 'port' 'maintenance' 'history' 'subnet' 'zone' '-name' '-address' '-login' '-port' '-maintenance' '-history' '-subnet' '-zone'); return ;;
    'list plugins'*' --search' | 'list plugin'*' --search') :; return ;;
    'list plugins'*' --suite' | 'list plugin'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'list plugins'*' --page' | 'list plugin'*' --page') :; return ;;
    'list plugins'*' --limit' | 'list plugin'*' --limit') :; return ;;
    'list plugins'*' --per-page' | 'list plugin'*' --per-page') :; return ;;
    'list plugins'*' --sort' | 'list plugin'*' --sort') _ppadm_offer < <(printf '%s\n' 'name' 'runner' 'script' 'interval' 'timeout' 'description' '-name' '-runner' '-script' '-interval' '-timeout' '-description'); return ;;
    'list suites'*' --search' | 'list suite'*' --search') :; return ;;
    'list suites'*' --page' | 'list suite'*' --page') :; return ;;
    'list suites'*' --limit' | 'list suite'*' --limit') :; return ;;
    'list suites'*' --per-page' | 'list suite'*' --per-page') :; return ;;
    'list suites'*' --sort' | 'list suite'*' --sort') _ppadm_offer < <(printf '%s\n' 'name' 'description' '-name' '-description'); return ;;
    'list subnets'*' --search' | 'list subnet'*' --search') :; return ;;
    'list subnets'*' --suite' | 'list subnet'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'list subnets'*' --page' | 'list subnet'*' --page') :; return ;;
    'list subnets'*' --limit' | 'list subnet'*' --limit') :; return ;;
    'list subnets'*' --per-page' | 'list subnet'*' --per-page') :; return ;;
    'list subnets'*' --sort' | 'list subnet'*' --sort') _ppadm_offer < <(printf '%s\n' 'name' 'network' 'suite' 'auto_discovery' 'interval' 'discovered_maintenance' 'zone' '-name' '-network' '-suite' '-auto_discovery' '-interval' '-discovered_maintenance' '-zone'); return ;;
    'add host'*' --name' | 'add hosts'*' --name') :; return ;;
    'add host'*' --address' | 'add hosts'*' --address') :; return ;;
    'add host'*' --login' | 'add hosts'*' --login') :; return ;;
    'add host'*' --port' | 'add hosts'*' --port') :; return ;;
    'add host'*' --maintenance' | 'add hosts'*' --maintenance') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'add host'*' --history' | 'add hosts'*' --history') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'add host'*' --suites' | 'add host'*' --suite' | 'add hosts'*' --suites' | 'add hosts'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'add host'*' --subnet' | 'add hosts'*' --subnet') _ppadm_offer < <(ppadm names subnets 2>/dev/null); return ;;
    'add host'*' --label' | 'add hosts'*' --label') :; return ;;
    'add host'*' --labels' | 'add hosts'*' --labels') :; return ;;
    'add host'*' --variable' | 'add hosts'*' --variable') :; return ;;
    'add host'*' --variables' | 'add hosts'*' --variables') :; return ;;
    'add host'*' --zone' | 'add hosts'*' --zone') :; return ;;
    'add plugin'*' --name' | 'add plugins'*' --name') :; return ;;
    'add plugin'*' --runner' | 'add plugins'*' --runner') _ppadm_offer < <(printf '%s\n' 'builtin' 'local' 'ssh'); return ;;
    'add plugin'*' --script' | 'add plugins'*' --script') :; return ;;
    'add plugin'*' --arguments' | 'add plugins'*' --arguments') :; return ;;
    'add plugin'*' --interval' | 'add plugins'*' --interval') :; return ;;
    'add plugin'*' --timeout' | 'add plugins'*' --timeout') :; return ;;
    'add plugin'*' --description' | 'add plugins'*' --description') :; return ;;
    'add plugin'*' --suites' | 'add plugin'*' --suite' | 'add plugins'*' --suites' | 'add plugins'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'add plugin'*' --allow-silent' | 'add plugins'*' --allow-silent') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'add plugin'*' --allow-background' | 'add plugins'*' --allow-background') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'add plugin'*' --warm' | 'add plugins'*' --warm') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'add plugin'*' --zones' | 'add plugin'*' --zone' | 'add plugins'*' --zones' | 'add plugins'*' --zone') :; return ;;
    'add plugin'*' --quorum' | 'add plugins'*' --quorum') :; return ;;
    'add suite'*' --name' | 'add suites'*' --name') :; return ;;
    'add suite'*' --description' | 'add suites'*' --description') :; return ;;
    'add suite'*' --plugins' | 'add suite'*' --plugin' | 'add suites'*' --plugins' | 'add suites'*' --plugin') _ppadm_offer < <(ppadm names plugins 2>/dev/null); return ;;
    'add suite'*' --hosts' | 'add suite'*' --host' | 'add suites'*' --hosts' | 'add suites'*' --host') _ppadm_offer < <(ppadm names hosts 2>/dev/null); return ;;
    'add suite'*' --subnets' | 'add suite'*' --subnet' | 'add suites'*' --subnets' | 'add suites'*' --subnet') _ppadm_offer < <(ppadm names subnets 2>/dev/null); return ;;
    'add subnet'*' --name' | 'add subnets'*' --name') :; return ;;
    'add subnet'*' --network' | 'add subnets'*' --network') :; return ;;
    'add subnet'*' --suite' | 'add subnets'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'add subnet'*' --auto-discovery' | 'add subnets'*' --auto-discovery') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'add subnet'*' --interval' | 'add subnets'*' --interval') :; return ;;
    'add subnet'*' --discovered-maintenance' | 'add subnets'*' --discovered-maintenance') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'add subnet'*' --zone' | 'add subnets'*' --zone') :; return ;;
    'edit host'*' --name' | 'edit hosts'*' --name') :; return ;;
    'edit host'*' --address' | 'edit hosts'*' --address') :; return ;;
    'edit host'*' --login' | 'edit hosts'*' --login') :; return ;;
    'edit host'*' --port' | 'edit hosts'*' --port') :; return ;;
    'edit host'*' --maintenance' | 'edit hosts'*' --maintenance') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'edit host'*' --history' | 'edit hosts'*' --history') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'edit host'*' --suites' | 'edit host'*' --suite' | 'edit hosts'*' --suites' | 'edit hosts'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'edit host'*' --subnet' | 'edit hosts'*' --subnet') _ppadm_offer < <(ppadm names subnets 2>/dev/null); return ;;
    'edit host'*' --label' | 'edit hosts'*' --label') :; return ;;
    'edit host'*' --labels' | 'edit hosts'*' --labels') :; return ;;
    'edit host'*' --variable' | 'edit hosts'*' --variable') :; return ;;
    'edit host'*' --variables' | 'edit hosts'*' --variables') :; return ;;
    'edit host'*' --zone' | 'edit hosts'*' --zone') :; return ;;
    'edit plugin'*' --name' | 'edit plugins'*' --name') :; return ;;
    'edit plugin'*' --runner' | 'edit plugins'*' --runner') _ppadm_offer < <(printf '%s\n' 'builtin' 'local' 'ssh'); return ;;
    'edit plugin'*' --script' | 'edit plugins'*' --script') :; return ;;
    'edit plugin'*' --arguments' | 'edit plugins'*' --arguments') :; return ;;
    'edit plugin'*' --interval' | 'edit plugins'*' --interval') :; return ;;
    'edit plugin'*' --timeout' | 'edit plugins'*' --timeout') :; return ;;
    'edit plugin'*' --description' | 'edit plugins'*' --description') :; return ;;
    'edit plugin'*' --suites' | 'edit plugin'*' --suite' | 'edit plugins'*' --suites' | 'edit plugins'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'edit plugin'*' --allow-silent' | 'edit plugins'*' --allow-silent') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'edit plugin'*' --allow-background' | 'edit plugins'*' --allow-background') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'edit plugin'*' --warm' | 'edit plugins'*' --warm') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'edit plugin'*' --zones' | 'edit plugin'*' --zone' | 'edit plugins'*' --zones' | 'edit plugins'*' --zone') :; return ;;
    'edit plugin'*' --quorum' | 'edit plugins'*' --quorum') :; return ;;
    'edit suite'*' --name' | 'edit suites'*' --name') :; return ;;
    'edit suite'*' --description' | 'edit suites'*' --description') :; return ;;
    'edit suite'*' --plugins' | 'edit suite'*' --plugin' | 'edit suites'*' --plugins' | 'edit suites'*' --plugin') _ppadm_offer < <(ppadm names plugins 2>/dev/null); return ;;
    'edit suite'*' --hosts' | 'edit suite'*' --host' | 'edit suites'*' --hosts' | 'edit suites'*' --host') _ppadm_offer < <(ppadm names hosts 2>/dev/null); return ;;
    'edit suite'*' --subnets' | 'edit suite'*' --subnet' | 'edit suites'*' --subnets' | 'edit suites'*' --subnet') _ppadm_offer < <(ppadm names subnets 2>/dev/null); return ;;
    'edit subnet'*' --name' | 'edit subnets'*' --name') :; return ;;
    'edit subnet'*' --network' | 'edit subnets'*' --network') :; return ;;
    'edit subnet'*' --suite' | 'edit subnets'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'edit subnet'*' --auto-discovery' | 'edit subnets'*' --auto-discovery') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'edit subnet'*' --interval' | 'edit subnets'*' --interval') :; return ;;
    'edit subnet'*' --discovered-maintenance' | 'edit subnets'*' --discovered-maintenance') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'edit subnet'*' --zone' | 'edit subnets'*' --zone') :; return ;;
    'run check'*' --host' | 'run checks'*' --host') _ppadm_offer < <(ppadm names hosts 2>/dev/null); return ;;
    'run check'*' --plugin' | 'run checks'*' --plugin') _ppadm_offer < <(ppadm names plugins 2>/dev/null); return ;;
    'run check'*' --wait' | 'run checks'*' --wait') :; return ;;
    'run discovery'*' --subnet' | 'run discoveries'*' --subnet') _ppadm_offer < <(ppadm names subnets 2>/dev/null); return ;;
    'show status'*' --state') _ppadm_offer < <(printf '%s\n' 'ok' 'warning' 'critical' 'unknown' 'pending'); return ;;
    'show status'*' --host') _ppadm_offer < <(ppadm names hosts 2>/dev/null); return ;;
    'show status'*' --plugin') _ppadm_offer < <(ppadm names plugins 2>/dev/null); return ;;
    'show status'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'show status'*' --maintenance') _ppadm_offer < <(printf '%s\n' 'on' 'off'); return ;;
    'show status'*' --page') :; return ;;
    'show status'*' --limit') :; return ;;
    'show status'*' --per-page') :; return ;;
    'show status'*' --sort') _ppadm_offer < <(printf '%s\n' 'host' 'plugin' 'state' 'exit_code' 'cause' 'output' 'scheduled_at' 'started_at' 'duration_ms' 'latency_ms' 'state_since' 'worker' '-host' '-plugin' '-state' '-exit_code' '-cause' '-output' '-scheduled_at' '-started_at' '-duration_ms' '-latency_ms' '-state_since' '-worker'); return ;;
    'show history'*' --state') _ppadm_offer < <(printf '%s\n' 'ok' 'warning' 'critical' 'unknown' 'pending'); return ;;
    'show history'*' --host') _ppadm_offer < <(ppadm names hosts 2>/dev/null); return ;;
    'show history'*' --plugin') _ppadm_offer < <(ppadm names plugins 2>/dev/null); return ;;
    'show history'*' --suite') _ppadm_offer < <(ppadm names suites 2>/dev/null); return ;;
    'show history'*' --from') :; return ;;
    'show history'*' --to') :; return ;;
    'show history'*' --limit') :; return ;;
    'show schedule'*' --host' | 'show scheduler'*' --host') _ppadm_offer < <(ppadm names hosts 2>/dev/null); return ;;
    'show schedule'*' --plugin' | 'show scheduler'*' --plugin') _ppadm_offer < <(ppadm names plugins 2>/dev/null); return ;;
    'show schedule'*' --page' | 'show scheduler'*' --page') :; return ;;
    'show schedule'*' --limit' | 'show scheduler'*' --limit') :; return ;;
    'show schedule'*' --per-page' | 'show scheduler'*' --per-page') :; return ;;
    'show schedule'*' --sort' | 'show scheduler'*' --sort') _ppadm_offer < <(printf '%s\n' 'host' 'plugin' 'interval' 'next_run' 'last_run' 'lateness_ms' 'skipped' '-host' '-plugin' '-interval' '-next_run' '-last_run' '-lateness_ms' '-skipped'); return ;;
    'show workers'*' --page' | 'show worker'*' --page') :; return ;;
    'show workers'*' --limit' | 'show worker'*' --limit') :; return ;;
    'show workers'*' --per-page' | 'show worker'*' --per-page') :; return ;;
    'show workers'*' --sort' | 'show worker'*' --sort') _ppadm_offer < <(printf '%s\n' 'name' '-name'); return ;;
    'show queues'*' --page' | 'show queue'*' --page') :; return ;;
    'show queues'*' --limit' | 'show queue'*' --limit') :; return ;;
    'show queues'*' --per-page' | 'show queue'*' --per-page') :; return ;;
    'show queues'*' --sort' | 'show queue'*' --sort') _ppadm_offer < <(printf '%s\n' 'name' '-name'); return ;;
    'show statistics'*' --worker' | 'show monitoring'*' --worker') _ppadm_offer < <(ppadm names workers 2>/dev/null); return ;;
    'show statistics'*' --from' | 'show monitoring'*' --from') :; return ;;
    'show statistics'*' --to' | 'show monitoring'*' --to') :; return ;;
    'show statistics'*' --points' | 'show monitoring'*' --points') :; return ;;
    'show statistics'*' --series' | 'show statistics'*' --serie' | 'show monitoring'*' --series' | 'show monitoring'*' --serie') :; return ;;
    'show graph'*' --output' | 'show graph'*' -o' | 'show graphs'*' --output' | 'show graphs'*' -o') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    'show graph'*' --worker' | 'show graphs'*' --worker') _ppadm_offer < <(ppadm names workers 2>/dev/null); return ;;
    'show graph'*' --from' | 'show graphs'*' --from') :; return ;;
    'show graph'*' --to' | 'show graphs'*' --to') :; return ;;
    'show graph'*' --width' | 'show graphs'*' --width') :; return ;;
    'show graph'*' --height' | 'show graphs'*' --height') :; return ;;
    'show graph'*' --series' | 'show graph'*' --serie' | 'show graphs'*' --series' | 'show graphs'*' --serie') :; return ;;
    *' --format' | *' -o' | *' --output') _ppadm_offer < <(printf '%s\n' 'table' 'json' 'csv'); return ;;
    *' --url') :; return ;;
    *' --token-file') compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    *' --color' | *' --colour') _ppadm_offer < <(printf '%s\n' 'auto' 'always' 'never'); return ;;
    esac
    if [[ $cur == -* ]]; then
        case $at in
        'list hosts'* | 'list host'*) _ppadm_offer < <(printf '%s\n' '--search' '--suite' '--subnet' '--maintenance' '--label' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'list plugins'* | 'list plugin'*) _ppadm_offer < <(printf '%s\n' '--search' '--suite' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'list suites'* | 'list suite'*) _ppadm_offer < <(printf '%s\n' '--search' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'list subnets'* | 'list subnet'*) _ppadm_offer < <(printf '%s\n' '--search' '--suite' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'get host'* | 'get hosts'*) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'get plugin'* | 'get plugins'*) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'get suite'* | 'get suites'*) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'get subnet'* | 'get subnets'*) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'add host'* | 'add hosts'*) _ppadm_offer < <(printf '%s\n' '--name' '--address' '--login' '--port' '--maintenance' '--history' '--suites' '--subnet' '--label' '--labels' '--variable' '--variables' '--zone' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'add plugin'* | 'add plugins'*) _ppadm_offer < <(printf '%s\n' '--name' '--runner' '--script' '--arguments' '--interval' '--timeout' '--description' '--suites' '--allow-silent' '--allow-background' '--warm' '--zones' '--quorum' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'add suite'* | 'add suites'*) _ppadm_offer < <(printf '%s\n' '--name' '--description' '--plugins' '--hosts' '--subnets' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'add subnet'* | 'add subnets'*) _ppadm_offer < <(printf '%s\n' '--name' '--network' '--suite' '--auto-discovery' '--interval' '--discovered-maintenance' '--zone' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'edit host'* | 'edit hosts'*) _ppadm_offer < <(printf '%s\n' '--name' '--address' '--login' '--port' '--maintenance' '--history' '--suites' '--subnet' '--label' '--labels' '--variable' '--variables' '--zone' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'edit plugin'* | 'edit plugins'*) _ppadm_offer < <(printf '%s\n' '--name' '--runner' '--script' '--arguments' '--interval' '--timeout' '--description' '--suites' '--allow-silent' '--allow-background' '--warm' '--zones' '--quorum' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'edit suite'* | 'edit suites'*) _ppadm_offer < <(printf '%s\n' '--name' '--description' '--plugins' '--hosts' '--subnets' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'edit subnet'* | 'edit subnets'*) _ppadm_offer < <(printf '%s\n' '--name' '--network' '--suite' '--auto-discovery' '--interval' '--discovered-maintenance' '--zone' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'delete host'* | 'delete hosts'*) _ppadm_offer < <(printf '%s\n' '--yes' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'delete plugin'* | 'delete plugins'*) _ppadm_offer < <(printf '%s\n' '--yes' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'delete suite'* | 'delete suites'*) _ppadm_offer < <(printf '%s\n' '--yes' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'delete subnet'* | 'delete subnets'*) _ppadm_offer < <(printf '%s\n' '--yes' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'run check'* | 'run checks'*) _ppadm_offer < <(printf '%s\n' '--host' '--plugin' '--wait' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'run discovery'* | 'run discoveries'*) _ppadm_offer < <(printf '%s\n' '--subnet' '--no-wait' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show status'*) _ppadm_offer < <(printf '%s\n' '--problems' '--watch' '--state' '--host' '--plugin' '--suite' '--maintenance' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show history'*) _ppadm_offer < <(printf '%s\n' '--state' '--host' '--plugin' '--suite' '--from' '--to' '--limit' '--all' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show schedule'* | 'show scheduler'*) _ppadm_offer < <(printf '%s\n' '--host' '--plugin' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show workers'* | 'show worker'*) _ppadm_offer < <(printf '%s\n' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show queues'* | 'show queue'*) _ppadm_offer < <(printf '%s\n' '--page' '--limit' '--per-page' '--sort' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show statistics'* | 'show monitoring'*) _ppadm_offer < <(printf '%s\n' '--worker' '--from' '--to' '--points' '--series' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show graph'* | 'show graphs'*) _ppadm_offer < <(printf '%s\n' '--output' '--worker' '--from' '--to' '--width' '--height' '--series' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'show health'*) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'completions'*) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        'manual'*) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        *) _ppadm_offer < <(printf '%s\n' '--format' '--url' '--token-file' '--color' '--help' '--version') ;;
        esac
        return
    fi
    case $at in
    '') _ppadm_offer < <(printf '%s\n' 'list' 'get' 'add' 'edit' 'delete' 'run' 'show' 'completions' 'manual') ;;
    'list') _ppadm_offer < <(printf '%s\n' 'hosts' 'plugins' 'suites' 'subnets') ;;
    'get') _ppadm_offer < <(printf '%s\n' 'host' 'plugin' 'suite' 'subnet') ;;
    'add') _ppadm_offer < <(printf '%s\n' 'host' 'plugin' 'suite' 'subnet') ;;
    'edit') _ppadm_offer < <(printf '%s\n' 'host' 'plugin' 'suite' 'subnet') ;;
    'delete') _ppadm_offer < <(printf '%s\n' 'host' 'plugin' 'suite' 'subnet') ;;
    'run') _ppadm_offer < <(printf '%s\n' 'check' 'discovery') ;;
    'show') _ppadm_offer < <(printf '%s\n' 'status' 'history' 'schedule' 'workers' 'queues' 'statistics' 'graph' 'health') ;;
    'get host' | 'get hosts') _ppadm_offer < <(ppadm names hosts 2>/dev/null) ;;
    'get plugin' | 'get plugins') _ppadm_offer < <(ppadm names plugins 2>/dev/null) ;;
    'get suite' | 'get suites') _ppadm_offer < <(ppadm names suites 2>/dev/null) ;;
    'get subnet' | 'get subnets') _ppadm_offer < <(ppadm names subnets 2>/dev/null) ;;
    'add host' | 'add hosts') : ;;
    'add plugin' | 'add plugins') : ;;
    'add suite' | 'add suites') : ;;
    'add subnet' | 'add subnets') : ;;
    'edit host' | 'edit hosts') _ppadm_offer < <(ppadm names hosts 2>/dev/null) ;;
    'edit plugin' | 'edit plugins') _ppadm_offer < <(ppadm names plugins 2>/dev/null) ;;
    'edit suite' | 'edit suites') _ppadm_offer < <(ppadm names suites 2>/dev/null) ;;
    'edit subnet' | 'edit subnets') _ppadm_offer < <(ppadm names subnets 2>/dev/null) ;;
    'delete host' | 'delete hosts') _ppadm_offer < <(ppadm names hosts 2>/dev/null) ;;
    'delete plugin' | 'delete plugins') _ppadm_offer < <(ppadm names plugins 2>/dev/null) ;;
    'delete suite' | 'delete suites') _ppadm_offer < <(ppadm names suites 2>/dev/null) ;;
    'delete subnet' | 'delete subnets') _ppadm_offer < <(ppadm names subnets 2>/dev/null) ;;
    'completions') _ppadm_offer < <(printf '%s\n' 'bash' 'zsh' 'fish') ;;
    esac
}

complete -F _ppadm ppadm
