# fish completion for haplo-importd(8). Made by 'make man' from haplo-importd.fish.in and the program's tables:
# change those.

# Asks the program itself, with the configuration of the command line.
function __haplo_importd_ask
    set -l words (commandline -opc)
    set -l config
    if set -l at (contains -i -- --config $words)
        test (count $words) -gt $at; and set config --config $words[(math $at + 1)]
    end
    timeout 2 $words[1] $config $argv 2>/dev/null </dev/null
end

function __haplo_importd_sets
    if test (count $argv) -eq 0
        __haplo_importd_ask list
    else
        for state in $argv
            __haplo_importd_ask list --state $state
        end
    end | string match -rg '^([0-9]{8}T\S+)'
end

function __haplo_importd_sources
    __haplo_importd_ask config | string match -rg '^\[Source (.*)\]$'
end

complete -c haplo-importd -f
complete -c haplo-importd -n '__fish_use_subcommand' -a run -d 'watches the drop directories and imports what comes (what the service starts)'
complete -c haplo-importd -n '__fish_use_subcommand' -a once -d 'takes what is complete now, works until nothing more can be done now, and ends'
complete -c haplo-importd -n '__fish_use_subcommand' -a check -d 'examines a control file or an export set before it is dropped'
complete -c haplo-importd -n '__fish_use_subcommand' -a status -d 'shows on one screen how the daemon, the server and each source are doing'
complete -c haplo-importd -n '__fish_use_subcommand' -a list -d 'lists sets, newest last'
complete -c haplo-importd -n '__fish_use_subcommand' -a show -d 'shows everything about one set: files, digests, what happened, what happens next'
complete -c haplo-importd -n '__fish_use_subcommand' -a explain -d 'says why a file or folder in a drop directory is not taken yet'
complete -c haplo-importd -n '__fish_use_subcommand' -a retry -d 'puts rejected or held sets back into their source\'s queue'
complete -c haplo-importd -n '__fish_use_subcommand' -a approve -d 'imports sets that wait after their dry run'
complete -c haplo-importd -n '__fish_use_subcommand' -a reject -d 'moves waiting or held sets to the rejected ones'
complete -c haplo-importd -n '__fish_use_subcommand' -a pause -d 'stops taking and scheduling sets of sources; survives a restart'
complete -c haplo-importd -n '__fish_use_subcommand' -a resume -d 'lets paused or halted sources go on'
complete -c haplo-importd -n '__fish_use_subcommand' -a verify -d 'compares the journal and every archived file with what was recorded of them'
complete -c haplo-importd -n '__fish_use_subcommand' -a prune -d 'removes from the archive what its retention no longer keeps'
complete -c haplo-importd -n '__fish_use_subcommand' -a config -d 'checks the configuration and prints what is in force'
complete -c haplo-importd -n '__fish_use_subcommand' -a help -d 'prints the list of subcommands, or all about one'
complete -c haplo-importd -n '__fish_use_subcommand' -a version -d 'prints the version'
complete -c haplo-importd -l config -r -F -d 'reads FILE and FILE.d/*.conf in place of the installed configuration'
complete -c haplo-importd -s h -l help -d 'prints help'
complete -c haplo-importd -l version -d 'prints the version'
complete -c haplo-importd -n '__fish_seen_subcommand_from check' -l source -r -f -a '(__haplo_importd_sources)' -d 'goes by the settings of this source, wherever PATH lies'
complete -c haplo-importd -n '__fish_seen_subcommand_from check' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from status' -l watch -d 'shows it anew every second, until q or Ctrl-C'
complete -c haplo-importd -n '__fish_seen_subcommand_from status' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l state -r -f -a 'claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped' -d 'only sets in this state'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l source -r -f -a '(__haplo_importd_sources)' -d 'only sets of this source'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from show' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from explain' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -l import-again -d 'even if the set was, or may have been, scheduled before: it can be imported twice'
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from approve' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -l reason -r -f -d 'why, for those who read the set\'s REASON.txt'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from pause' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from resume' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from verify' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from prune' -l dry-run -d 'says what would be removed, and removes nothing'
complete -c haplo-importd -n '__fish_seen_subcommand_from prune' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from config' -l online -d 'also asks the server whether address, key, permission and plugin are right'
complete -c haplo-importd -n '__fish_seen_subcommand_from config' -l json -d 'prints JSON, one object a line, for other programs'
complete -c haplo-importd -n '__fish_seen_subcommand_from check' -F
complete -c haplo-importd -n '__fish_seen_subcommand_from show' -f -a '(__haplo_importd_sets)'
complete -c haplo-importd -n '__fish_seen_subcommand_from explain' -F
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -f -a '(__haplo_importd_sets rejected held)'
complete -c haplo-importd -n '__fish_seen_subcommand_from approve' -f -a '(__haplo_importd_sets awaiting-approval)'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -f -a '(__haplo_importd_sets claimed uploading deferred held awaiting-approval)'
complete -c haplo-importd -n '__fish_seen_subcommand_from pause' -f -a '(__haplo_importd_sources)'
complete -c haplo-importd -n '__fish_seen_subcommand_from resume' -f -a '(__haplo_importd_sources)'
complete -c haplo-importd -n '__fish_seen_subcommand_from help' -f -a 'run once check status list show explain retry approve reject pause resume verify prune config help version'
