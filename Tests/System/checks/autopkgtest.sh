heading 'debian/tests, run by autopkgtest'

# As root in this guest, which has no package archive but the packages themselves.
if has autopkgtest; then
  guest sh -c 'rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*'
  tar -C "$documents" -c debian | guest sh -c 'mkdir -p /srv/source && tar -C /srv/source -x'
  guest sh -c 'rm -rf /srv/autopkgtest; autopkgtest --no-built-binaries --output-dir /srv/autopkgtest --summary-file /srv/autopkgtest.summary --ignore-restrictions isolation-container \
    /root/packages/*.deb /srv/source -- null' >"$guest_home.autopkgtest" 2>&1 || true
  for test in $(sed -n 's/^Tests: //p' "$documents/debian/control" "$documents/debian/tests/control"); do
    check "$test" prints PASS guest grep "^$test " /srv/autopkgtest.summary
  done
  [ "$problems" = 0 ] || tail -n 100 "$guest_home.autopkgtest"
  rm -f "$guest_home.autopkgtest"
else
  left_out autopkgtest
fi
