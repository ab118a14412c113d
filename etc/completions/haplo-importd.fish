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
complete -c haplo-importd -n '__fish_use_subcommand' -a run -d 'watches the drop directories and imports complete sets (run by the service)'
complete -c haplo-importd -n '__fish_use_subcommand' -a once -d 'processes all complete sets once, then exits'
complete -c haplo-importd -n '__fish_use_subcommand' -a check -d 'validates a control file or an export set before it is dropped'
complete -c haplo-importd -n '__fish_use_subcommand' -a drop -d 'validates an export set and puts a copy into a source\'s drop directory'
complete -c haplo-importd -n '__fish_use_subcommand' -a status -d 'shows daemon, server, each source, and everything that needs a decision'
complete -c haplo-importd -n '__fish_use_subcommand' -a list -d 'lists sets, newest last'
complete -c haplo-importd -n '__fish_use_subcommand' -a show -d 'shows everything about one set: files, digests, history, what happens next'
complete -c haplo-importd -n '__fish_use_subcommand' -a diff -d 'compares a set\'s records with those of an earlier set'
complete -c haplo-importd -n '__fish_use_subcommand' -a wait -d 'waits until sets are archived, rejected, held or awaiting approval'
complete -c haplo-importd -n '__fish_use_subcommand' -a explain -d 'explains why a file or folder has not been picked up'
complete -c haplo-importd -n '__fish_use_subcommand' -a retry -d 'requeues rejected or held sets'
complete -c haplo-importd -n '__fish_use_subcommand' -a approve -d 'queues sets for import after their dry run'
complete -c haplo-importd -n '__fish_use_subcommand' -a reject -d 'rejects waiting or held sets'
complete -c haplo-importd -n '__fish_use_subcommand' -a discard -d 'deletes rejected sets\' files and forgets the sets'
complete -c haplo-importd -n '__fish_use_subcommand' -a pause -d 'stops accepting and scheduling sets of sources; survives a restart'
complete -c haplo-importd -n '__fish_use_subcommand' -a resume -d 'resumes paused or halted sources'
complete -c haplo-importd -n '__fish_use_subcommand' -a reconcile -d 'settles sets in doubt by the server\'s list of batches'
complete -c haplo-importd -n '__fish_use_subcommand' -a verify -d 'verifies journal, stored sets and archive against recorded checksums'
complete -c haplo-importd -n '__fish_use_subcommand' -a prune -d 'deletes sets and result files that exceed the retention policy'
complete -c haplo-importd -n '__fish_use_subcommand' -a config -d 'validates the configuration and prints the effective settings'
complete -c haplo-importd -n '__fish_use_subcommand' -a help -d 'prints the list of subcommands, or all about one'
complete -c haplo-importd -n '__fish_use_subcommand' -a version -d 'prints the version'
complete -c haplo-importd -l config -r -F -d 'read FILE and FILE.d/*.conf instead of the installed configuration'
complete -c haplo-importd -l instance -r -f -a '(__haplo_importd_sources)' -d 'read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins'
complete -c haplo-importd -s h -l help -d 'print help'
complete -c haplo-importd -l version -d 'print the version'
complete -c haplo-importd -n '__fish_seen_subcommand_from check' -l source -r -f -a '(__haplo_importd_sources)' -d 'use the settings of this source, wherever PATH is'
complete -c haplo-importd -n '__fish_seen_subcommand_from check' -l against -r -f -a '(__haplo_importd_sets)' -d 'compare with this set, or with the last one of the source of this name'
complete -c haplo-importd -n '__fish_seen_subcommand_from check' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from drop' -l name -r -f -d 'name of the dropped folder; default: the name of PATH'
complete -c haplo-importd -n '__fish_seen_subcommand_from drop' -l wait -d 'wait for the result, at most TIME; then exit status 75'
complete -c haplo-importd -n '__fish_seen_subcommand_from drop' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from status' -l check -d 'print one line and exit with 0 to 3, as plugins for Nagios, Icinga and Checkmk do'
complete -c haplo-importd -n '__fish_seen_subcommand_from status' -l watch -d 'refresh every second, until q or Ctrl-C'
complete -c haplo-importd -n '__fish_seen_subcommand_from status' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l state -r -f -a 'claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped' -d 'only sets in this state; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l source -r -f -a '(__haplo_importd_sources)' -d 'only sets of this source; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l name -r -f -d 'only sets whose folder or control file matches GLOB'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l since -r -f -d 'only sets completed at TIME or later'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l until -r -f -d 'only sets completed at TIME or before'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l limit -r -f -d 'only the N newest sets'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l all -d 'all sets, however many are finished'
complete -c haplo-importd -n '__fish_seen_subcommand_from list' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from show' -l server-log -d 'print the log of the set\'s job from the server instead; it may quote personal data'
complete -c haplo-importd -n '__fish_seen_subcommand_from show' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from diff' -l source -r -f -a '(__haplo_importd_sources)' -d 'use the settings of this source, wherever PATH is'
complete -c haplo-importd -n '__fish_seen_subcommand_from diff' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from wait' -l timeout -r -f -d 'give up after this long, such as 10min; exit status 75'
complete -c haplo-importd -n '__fish_seen_subcommand_from wait' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from explain' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -l import-again -d 'also if the set was, or may have been, scheduled before; it can be imported twice'
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -l all -d 'all sets that the command applies to, or those of --state and --source'
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -l state -r -f -a 'claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped' -d 'only sets in this state; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -l source -r -f -a '(__haplo_importd_sources)' -d 'only sets of this source; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from approve' -l all -d 'all sets that the command applies to, or those of --state and --source'
complete -c haplo-importd -n '__fish_seen_subcommand_from approve' -l state -r -f -a 'claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped' -d 'only sets in this state; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from approve' -l source -r -f -a '(__haplo_importd_sources)' -d 'only sets of this source; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from approve' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -l reason -r -f -d 'the reason, for REASON.txt'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -l all -d 'all sets that the command applies to, or those of --state and --source'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -l state -r -f -a 'claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped' -d 'only sets in this state; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -l source -r -f -a '(__haplo_importd_sources)' -d 'only sets of this source; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from discard' -l all -d 'all sets that the command applies to, or those of --state and --source'
complete -c haplo-importd -n '__fish_seen_subcommand_from discard' -l state -r -f -a 'claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped' -d 'only sets in this state; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from discard' -l source -r -f -a '(__haplo_importd_sources)' -d 'only sets of this source; may be repeated'
complete -c haplo-importd -n '__fish_seen_subcommand_from discard' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from pause' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from resume' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from reconcile' -l dry-run -d 'report the results and change nothing'
complete -c haplo-importd -n '__fish_seen_subcommand_from reconcile' -l assume-new -d 'accept that every set that the journal lists as unscheduled is unscheduled'
complete -c haplo-importd -n '__fish_seen_subcommand_from reconcile' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from verify' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from prune' -l dry-run -d 'show what would be deleted'
complete -c haplo-importd -n '__fish_seen_subcommand_from prune' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from config' -l online -d 'also ask the server whether address, key, permission and plugin are right'
complete -c haplo-importd -n '__fish_seen_subcommand_from config' -l quiet -d 'print errors only'
complete -c haplo-importd -n '__fish_seen_subcommand_from config' -l json -d 'print newline-delimited JSON'
complete -c haplo-importd -n '__fish_seen_subcommand_from check' -F
complete -c haplo-importd -n '__fish_seen_subcommand_from drop' -f -a '(__haplo_importd_sources)'
complete -c haplo-importd -n '__fish_seen_subcommand_from drop' -F
complete -c haplo-importd -n '__fish_seen_subcommand_from show' -f -a '(__haplo_importd_sets)'
complete -c haplo-importd -n '__fish_seen_subcommand_from diff' -f -a '(__haplo_importd_sets)'
complete -c haplo-importd -n '__fish_seen_subcommand_from wait' -f -a '(__haplo_importd_sets)'
complete -c haplo-importd -n '__fish_seen_subcommand_from explain' -F
complete -c haplo-importd -n '__fish_seen_subcommand_from retry' -f -a '(__haplo_importd_sets rejected held)'
complete -c haplo-importd -n '__fish_seen_subcommand_from approve' -f -a '(__haplo_importd_sets awaiting-approval)'
complete -c haplo-importd -n '__fish_seen_subcommand_from reject' -f -a '(__haplo_importd_sets claimed uploading deferred held awaiting-approval)'
complete -c haplo-importd -n '__fish_seen_subcommand_from discard' -f -a '(__haplo_importd_sets rejected)'
complete -c haplo-importd -n '__fish_seen_subcommand_from pause' -f -a '(__haplo_importd_sources)'
complete -c haplo-importd -n '__fish_seen_subcommand_from resume' -f -a '(__haplo_importd_sources)'
complete -c haplo-importd -n '__fish_seen_subcommand_from help' -f -a 'run once check drop status list show diff wait explain retry approve reject discard pause resume reconcile verify prune config help version'
