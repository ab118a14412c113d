# bash completion for haplo-importd(8). Made by 'make man' from haplo-importd.bash.in and the program's tables:
# change those. Nothing here may print an error or wait for long: somebody has just pressed Tab.

# The options of a subcommand, or those that may stand before one.
_haplo_importd_options() {
  case $1 in
    run) echo '--config --instance --help' ;;
    once) echo '--config --instance --help' ;;
    check) echo '--source --against --json --config --instance --help' ;;
    drop) echo '--name --wait --json --config --instance --help' ;;
    status) echo '--check --watch --json --config --instance --help' ;;
    list) echo '--state --source --name --since --until --limit --all --json --config --instance --help' ;;
    show) echo '--server-log --json --config --instance --help' ;;
    diff) echo '--source --json --config --instance --help' ;;
    wait) echo '--timeout --json --config --instance --help' ;;
    explain) echo '--json --config --instance --help' ;;
    retry) echo '--import-again --all --state --source --json --config --instance --help' ;;
    approve) echo '--all --state --source --json --config --instance --help' ;;
    reject) echo '--reason --all --state --source --json --config --instance --help' ;;
    discard) echo '--all --state --source --json --config --instance --help' ;;
    pause) echo '--json --config --instance --help' ;;
    resume) echo '--json --config --instance --help' ;;
    reconcile) echo '--dry-run --assume-new --json --config --instance --help' ;;
    verify) echo '--json --config --instance --help' ;;
    prune) echo '--dry-run --json --config --instance --help' ;;
    config) echo '--online --quiet --json --config --instance --help' ;;
    help) echo '--config --instance --help' ;;
    version) echo '--config --instance --help' ;;
    *) echo '--config --help --version' ;;
  esac
}

# The kind of argument that an option takes; nothing: none.
_haplo_importd_argument() {
  case $1 in
    --against) echo 'SET' ;;
    --config) echo 'FILE' ;;
    --instance) echo 'NAME' ;;
    --limit) echo 'N' ;;
    --name) echo 'TEXT' ;;
    --reason) echo 'TEXT' ;;
    --since) echo 'TIME' ;;
    --source) echo 'NAME' ;;
    --state) echo 'STATE' ;;
    --timeout) echo 'TIME' ;;
    --until) echo 'TIME' ;;
  esac
}

# The kinds of operands that a subcommand takes, of which the last may be repeated.
_haplo_importd_operand() {
  case $1 in
    check) echo 'PATH' ;;
    drop) echo 'SOURCE PATH' ;;
    show) echo 'SET' ;;
    diff) echo 'SET' ;;
    wait) echo 'SET' ;;
    explain) echo 'PATH' ;;
    retry) echo 'SET' ;;
    approve) echo 'SET' ;;
    reject) echo 'SET' ;;
    discard) echo 'SET' ;;
    pause) echo 'SOURCE' ;;
    resume) echo 'SOURCE' ;;
    help) echo 'SUBCOMMAND' ;;
  esac
}

# In which states the sets are that a subcommand is for; nothing: in any.
_haplo_importd_set_states() {
  case $1 in
    retry) echo 'rejected held' ;;
    approve) echo 'awaiting-approval' ;;
    reject) echo 'claimed uploading deferred held awaiting-approval' ;;
    discard) echo 'rejected' ;;
  esac
}

# Asks the program itself; `ask` is the caller's.
_haplo_importd_sets() {
  local state states
  states=$(_haplo_importd_set_states "$1")
  if [[ -z $states ]]; then
    timeout 2 "${ask[@]}" list 2>/dev/null
  else
    for state in $states; do timeout 1 "${ask[@]}" list --state "$state" 2>/dev/null; done
  fi | while read -r set state _; do [[ -z $state || $set == SET || $set == no ]] || echo "$set"; done
}

_haplo_importd_sources() {
  timeout 2 "${ask[@]}" config 2>/dev/null </dev/null | sed -n 's/^\[Source \(.*\)\]$/\1/p'
}

# The words that are possible where a kind is expected.
_haplo_importd_words() {
  case $1 in
    SUBCOMMAND)
      echo 'run once check drop status list show diff wait explain retry approve reject discard pause resume reconcile verify prune config help version'
      ;;
    STATE)
      echo 'claimed uploading scheduling scheduled archived deferred held awaiting-approval rejected skipped'
      ;;
    SET) _haplo_importd_sets "$2" ;;
    SOURCE | NAME) _haplo_importd_sources ;;
  esac
}

_haplo_importd() {
  local cur=${COMP_WORDS[COMP_CWORD]} subcommand='' word value kind='' i count=0
  local -a kinds
  local -a ask=("${COMP_WORDS[0]/#\~/${HOME-}}")
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    kind=''
    if [[ $word == -* ]]; then
      kind=$(_haplo_importd_argument "$word")
      [[ -n $kind ]] || continue
      # `--config=FILE` is three words to bash.
      [[ ${COMP_WORDS[i + 1]-} != '=' ]] || ((++i))
      # The argument itself is what is being completed.
      ((i + 1 < COMP_CWORD)) || break
      ((++i))
      value=${COMP_WORDS[i]}
      [[ $word != --config ]] || ask+=(--config "${value/#\~/${HOME-}}")
      kind=''
    elif [[ -z $subcommand ]]; then
      subcommand=$word
    else
      ((++count))
    fi
  done
  [[ $cur != '=' ]] || cur=''
  if [[ -z $kind && $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_haplo_importd_options "$subcommand")" -- "$cur")
    return
  fi
  if [[ -z $kind && -z $subcommand ]]; then
    kind=SUBCOMMAND
  elif [[ -z $kind ]]; then
    read -ra kinds < <(_haplo_importd_operand "$subcommand")
    ((count < ${#kinds[@]})) || count=$((${#kinds[@]} - 1))
    ((count < 0)) || kind=${kinds[count]}
  fi
  case $kind in
    '') ;;
    FILE | PATH)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$(_haplo_importd_words "$kind" "$subcommand")" -- "$cur") ;;
  esac
}

complete -F _haplo_importd haplo-importd
