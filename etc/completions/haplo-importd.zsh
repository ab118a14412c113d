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
    'run:watches the drop directories and imports what comes (what the service starts)'
    'once:takes what is complete now, works until nothing more can be done now, and ends'
    'check:examines a control file or an export set before it is dropped'
    'status:shows on one screen how the daemon, the server and each source are doing'
    'list:lists sets, newest last'
    'show:shows everything about one set: files, digests, what happened, what happens next'
    'explain:says why a file or folder in a drop directory is not taken yet'
    'retry:puts rejected or held sets back into their source'\''s queue'
    'approve:imports sets that wait after their dry run'
    'reject:moves waiting or held sets to the rejected ones'
    'pause:stops taking and scheduling sets of sources; survives a restart'
    'resume:lets paused or halted sources go on'
    'verify:compares the journal and every archived file with what was recorded of them'
    'prune:removes from the archive what its retention no longer keeps'
    'config:checks the configuration and prints what is in force'
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
    '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' \
    '--help[prints help]' \
    '--version[prints the version]' \
    '1:subcommand:_haplo_importd_subcommands' '*::operand:->operand' && ret=0
  [[ $state == operand ]] || return ret
  case $line[1] in
    run) _arguments '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
    once) _arguments '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
    check) _arguments '--source=[goes by the settings of this source, wherever PATH lies]:name:_haplo_importd_sources' '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:path:_files' ;;
    status) _arguments '--watch[shows it anew every second, until q or Ctrl-C]' '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
    list) _arguments '--state=[only sets in this state]:state:_haplo_importd_states' '--source=[only sets of this source]:name:_haplo_importd_sources' '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
    show) _arguments '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:set:_haplo_importd_sets' ;;
    explain) _arguments '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:path:_files' ;;
    retry) _arguments '--import-again[even if the set was, or may have been, scheduled before: it can be imported twice]' '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:set:{_haplo_importd_sets rejected held}' ;;
    approve) _arguments '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:set:{_haplo_importd_sets awaiting-approval}' ;;
    reject) _arguments '--reason=[why, for those who read the set'\''s REASON.txt]:text: ' '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:set:{_haplo_importd_sets claimed uploading deferred held awaiting-approval}' ;;
    pause) _arguments '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:source:_haplo_importd_sources' ;;
    resume) _arguments '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:source:_haplo_importd_sources' ;;
    verify) _arguments '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
    prune) _arguments '--dry-run[says what would be removed, and removes nothing]' '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
    config) _arguments '--online[also asks the server whether address, key, permission and plugin are right]' '--json[prints JSON, one object a line, for other programs]' '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
    help) _arguments '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' '*:subcommand:_haplo_importd_subcommands' ;;
    version) _arguments '--config=[reads FILE and FILE.d/*.conf in place of the installed configuration]:file:_files' '--help[prints help]' ;;
  esac && ret=0
  return ret
}

_haplo-importd "$@"
