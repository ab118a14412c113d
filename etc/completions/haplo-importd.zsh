#compdef haplo-importd
# zsh completion for haplo-importd(8). Made by 'make man' from haplo-importd.zsh.in and the program's tables:
# change those.

# Asks the program itself, with the configuration of the command line; `ask` is the caller's.
_haplo_importd_sets() {
  local state
  local -a lines sets
  if (( $# == 0 )); then
    lines=(${(f)"$(timeout 2 $ask list 2>/dev/null)"})
  else
    for state in $@; do lines+=(${(f)"$(timeout 1 $ask list --state $state 2>/dev/null)"}); done
  fi
  sets=(${${lines:#(SET|no) *}%% *})
  compadd -a sets
}

_haplo_importd_sources() {
  local -a lines sources
  lines=(${(f)"$(timeout 2 $ask config 2>/dev/null </dev/null)"})
  sources=(${${${(M)lines:#\[Source *\]}#\[Source }%\]})
  compadd -a sources
}

_haplo_importd_states() {
  compadd claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped
}

_haplo_importd_subcommands() {
  local -a subcommands=(
    'run:watches the drop directories and imports complete sets (run by the service)'
    'once:processes all complete sets once, then exits'
    'check:validates a control file or an export set before it is dropped'
    'drop:validates an export set and puts a copy into a source'\''s drop directory'
    'status:shows daemon, server, each source, and everything that needs a decision'
    'list:lists sets, newest last'
    'show:shows everything about one set: files, digests, history, what happens next'
    'diff:compares a set'\''s records with those of an earlier set'
    'wait:waits until sets are archived, rejected, held or awaiting approval'
    'explain:explains why a file or folder has not been picked up'
    'retry:requeues rejected or held sets'
    'approve:queues sets for import after their dry run'
    'reject:rejects waiting or held sets'
    'discard:deletes rejected sets'\'' files and forgets the sets'
    'pause:stops accepting and scheduling sets of sources; survives a restart'
    'resume:resumes paused or halted sources'
    'reconcile:settles sets in doubt by the server'\''s list of batches'
    'verify:verifies journal, stored sets and archive against recorded checksums'
    'prune:deletes sets and result files that exceed the retention policy'
    'config:validates the configuration and prints the effective settings'
    'help:prints the list of subcommands, or all about one'
    'version:prints the version'
  )
  _describe subcommand subcommands
}

_haplo-importd() {
  local curcontext=$curcontext state line
  local -a ask=($words[1])
  local -i at=${words[(I)--config]} ret=1
  typeset -A opt_args
  (( at && at < CURRENT - 1 )) && ask+=(--config ${~words[at+1]})
  _arguments -C -A '-*' \
    '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' \
    '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' \
    '--help[print help]' \
    '--version[print the version]' \
    '1:subcommand:_haplo_importd_subcommands' '*::operand:->operand' && ret=0
  [[ $state == operand ]] || return ret
  case $line[1] in
    run) _arguments '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    once) _arguments '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    check) _arguments '--source=[use the settings of this source, wherever PATH is]:name:_haplo_importd_sources' '--against=[compare with this set, or with the last one of the source of this name]:set:_haplo_importd_sets' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:path:_files' ;;
    drop) _arguments '--name=[name of the dropped folder; default: the name of PATH]:text: ' '--wait=-[wait for the result, at most TIME; then exit status 75]::time: ' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '1:source:_haplo_importd_sources' '*:path:_files' ;;
    status) _arguments '--check[print one line and exit with 0 to 3, as plugins for Nagios, Icinga and Checkmk do]' '--watch[refresh every second, until q or Ctrl-C]' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    list) _arguments '--state=[only sets in this state; may be repeated]:state:_haplo_importd_states' '--source=[only sets of this source; may be repeated]:name:_haplo_importd_sources' '--name=[only sets whose folder or control file matches GLOB]:glob: ' '--since=[only sets completed at TIME or later]:time: ' '--until=[only sets completed at TIME or before]:time: ' '--limit=[only the N newest sets]:n: ' '--all[all sets, however many are finished]' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    show) _arguments '--server-log[print the log of the set'\''s job from the server instead; it may quote personal data]' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:set:_haplo_importd_sets' ;;
    diff) _arguments '--source=[use the settings of this source, wherever PATH is]:name:_haplo_importd_sources' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:set:_haplo_importd_sets' ;;
    wait) _arguments '--timeout=[give up after this long, such as 10min; exit status 75]:time: ' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:set:_haplo_importd_sets' ;;
    explain) _arguments '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:path:_files' ;;
    retry) _arguments '--import-again[also if the set was, or may have been, scheduled before; it can be imported twice]' '--all[all sets that the command applies to, or those of --state and --source]' '--state=[only sets in this state; may be repeated]:state:_haplo_importd_states' '--source=[only sets of this source; may be repeated]:name:_haplo_importd_sources' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:set:{_haplo_importd_sets rejected held}' ;;
    approve) _arguments '--all[all sets that the command applies to, or those of --state and --source]' '--state=[only sets in this state; may be repeated]:state:_haplo_importd_states' '--source=[only sets of this source; may be repeated]:name:_haplo_importd_sources' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:set:{_haplo_importd_sets awaiting-approval}' ;;
    reject) _arguments '--reason=[the reason, for REASON.txt]:text: ' '--all[all sets that the command applies to, or those of --state and --source]' '--state=[only sets in this state; may be repeated]:state:_haplo_importd_states' '--source=[only sets of this source; may be repeated]:name:_haplo_importd_sources' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:set:{_haplo_importd_sets claimed uploading deferred held awaiting-approval}' ;;
    discard) _arguments '--all[all sets that the command applies to, or those of --state and --source]' '--state=[only sets in this state; may be repeated]:state:_haplo_importd_states' '--source=[only sets of this source; may be repeated]:name:_haplo_importd_sources' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:set:{_haplo_importd_sets rejected}' ;;
    pause) _arguments '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:source:_haplo_importd_sources' ;;
    resume) _arguments '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:source:_haplo_importd_sources' ;;
    reconcile) _arguments '--dry-run[report the results and change nothing]' '--assume-new[accept that every set that the journal lists as unscheduled is unscheduled]' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    verify) _arguments '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    prune) _arguments '--dry-run[show what would be deleted]' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    config) _arguments '--online[also ask the server whether address, key, permission and plugin are right]' '--quiet[print errors only]' '--json[print newline-delimited JSON]' '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
    help) _arguments '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' '*:subcommand:_haplo_importd_subcommands' ;;
    version) _arguments '--config=[read FILE and FILE.d/*.conf instead of the installed configuration]:file:_files' '--instance=[read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins]:name:_haplo_importd_sources' '--help[print help]' ;;
  esac && ret=0
  return ret
}

_haplo-importd "$@"
