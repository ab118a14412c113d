heading 'Upgraded from an earlier version, with sets in flight'

# The present package under a lower version: there is no earlier one yet whose program could be tried. Its units are in /lib, where
# packages had them before Debian 13.
make_older() {
  guest sh -ec 'rm -rf /root/older && dpkg-deb --raw-extract /root/packages/haplo-importd_*.deb /root/older
    sed -i "s/^Version: .*/Version: 0.0.1/" /root/older/DEBIAN/control
    mkdir -p /root/older/lib/systemd && mv /root/older/usr/lib/systemd/system /root/older/lib/systemd/
    echo "# A line of the earlier version." >>/root/older/etc/haplo-importd/haplo-importd.conf
    dpkg-deb --build /root/older /root/older.deb'
}
version() { guest dpkg-query --show --showformat '${Version}' haplo-importd; }
in_flight() { guest haplo-importd list --state "$1" --json | jq -r .name | sort | tr '\n' ' '; }

check 'an earlier version is made' make_older
check 'and installed' guest dpkg --install /root/older.deb
check 'it is the earlier one' is 0.0.1 version
check 'and runs' is active guest systemctl is-active haplo-importd

# Four sets: in doubt (the server has scheduled it, its answer is on the way), uploading, behind both, and half dropped.
faults schedule:stall:nth=1:for=10min:at=end
drop "$exporter" hr in-doubt
wait_for 30 'the schedule call' has_event in-doubt scheduled
faults file:stall:for=10min:at=headers
before=$(requests_of batch)
drop "$exporter" hr uploading
wait_for 30 'the upload to begin' requests_more_than batch "$before"
drop haplo-importd finance behind
guest_as "$exporter" mkdir $spool/drop/hr/half
set_data half | guest_as "$exporter" tee $spool/drop/hr/half/data.json >/dev/null
check 'sets are in flight' is 'in-doubt ' in_flight scheduling
check '  in more than one state' wait_for 10 'them' is 'behind uploading ' in_flight uploading

faults # what has met one stays in it
present=$(guest sh -c 'dpkg-deb --field /root/packages/haplo-importd_*.deb Version')
check "the commands of 'Upgrade'" as_documented docs/operations.md Upgrade 's|\./|./.build/deb/|'
check '  install the present version over it' is "$present" version
check 'the main configuration file was replaced without a question' refused guest grep 'earlier version' $conf/../haplo-importd.conf
check '  and nothing is left beside it' is '' guest find /etc/haplo-importd -name '*.dpkg-*'
check '  for all settings are in drop-ins, which stay' prints "$conf/10-test.conf" guest haplo-importd config
check 'and runs' is active guest systemctl is-active haplo-importd
check 'the set in doubt is scheduled once, and archived' delivered in-doubt
check 'so is the one that was being uploaded' delivered uploading
check 'and the one of the other source' delivered behind
guest cat "$(place_of uploading archive)/files/control.json" | guest_as "$exporter" tee $spool/drop/hr/half/control.json >/dev/null
check 'and the one that was half dropped, when it is whole' delivered half
check 'nothing is left in work/' is '' guest find $spool/work -type f
check "the journal and the archive are as they were recorded" guest haplo-importd verify

check "the commands of 'Downgrade'" as_documented docs/operations.md Downgrade 's|^apt install|& -y|; s|\./haplo-importd_.*|/root/older.deb|; s|^find .*|[ -z "$(&)" ]|'
check '  install the earlier version' is 0.0.1 version
check '  which starts' is active guest systemctl is-active haplo-importd
drop "$exporter" hr after-downgrade
check '  and imports with a new journal' delivered after-downgrade
check '  the archive is unchanged' place_of in-doubt archive
check 'the present version is installed over it' as_documented docs/operations.md Upgrade 's|\./|./.build/deb/|'
check '  again' is "$present" version
