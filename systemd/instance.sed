# Makes haplo-importd@.service of haplo-importd.service: the same, with a configuration, a key and directories of its own
# for each instance. `make install` does.
s|^\(Description=.*\)|\1 (%i)|
s|/etc/haplo-importd/|/etc/haplo-importd/%i/|g
s#/\(var/spool\|var/lib\|run\)/haplo-importd\>#&-%i#g
s|^StateDirectory=haplo-importd$|&-%i|
s|^\(ExecStart=.*\) run$|\1 run --config /etc/haplo-importd/%i/haplo-importd.conf|
/^ConditionPathExists=/a\
Requires=haplo-importd-directories@%i.service\
After=haplo-importd-directories@%i.service
/^ExecStart=/i\
# Its lines on standard error, if any; in the journal it is found by its unit.\
SyslogIdentifier=haplo-importd@%i
s|^# Each line that is not plain says why.*|# For a second server on this machine, beside haplo-importd.service: /etc/haplo-importd/NAME/haplo-importd.conf, the key in the\
# file api-key beside it, then `systemctl enable --now haplo-importd@NAME`. Made by systemd/instance.sed.|
