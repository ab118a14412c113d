heading 'The journal'

set=$(id_of first-set)
journal() { guest journalctl --no-pager "$@"; }
has_states() {
  local states
  states=$(journal --unit haplo-importd "HAPLO_SET=$set" --output json | jq -r .HAPLO_STATE | uniq | tr '\n' ' ')
  [ "$states" = 'claimed uploading scheduling scheduled archived ' ] || { echo "states: $states"; return 1; }
}

check 'journalctl -u has the lines' prints "set=$set source=hr state=archived" journal --unit haplo-importd
check 'a set is found by HAPLO_SET, with all its states in order' has_states
check 'a source by HAPLO_SOURCE' prints "set=$set" journal HAPLO_SOURCE=hr
check 'what was scheduled by MESSAGE_ID' prints 'state=scheduled' journal MESSAGE_ID=c1f0a5d2c35e4d0e9c9a3b7f8e6d4204
check "journalctl -x explains it from the catalog" prints "Subject: Set $set was scheduled" journal -x "HAPLO_SET=$set"
check 'every kind of event is in the catalog' \
  is "$(grep -c '^-- ' "$here/../../systemd/catalog/haplo-importd.catalog")" guest sh -c 'journalctl --list-catalog | grep -c haplo-importd'
check 'the key is nowhere in the journal' refused guest sh -c 'journalctl --output export | grep -F "$(cat /srv/simulator/key)"'
