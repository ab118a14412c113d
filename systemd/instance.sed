# Makes the template units of instances (haplo-importd@.service, haplo-importd-once@.timer, …) from the units without an
# instance: the same, with a configuration, a key and directories for each instance. `make install` runs it.
s|^\(Description=.*\)|\1 (%i)|
s|/etc/haplo-importd/|/etc/haplo-importd/%i/|g
s#/\(var/spool\|var/lib\|run\)/haplo-importd\>#&-%i#g
s|^StateDirectory=haplo-importd$|&-%i|
/^Exec/s#/usr/bin/haplo-importd \(run\|once\|verify\|config\)\>#& --config /etc/haplo-importd/%i/haplo-importd.conf#
/^ConditionPathExists=.*api-key$/a\
Requires=haplo-importd-directories@%i.service\
After=haplo-importd-directories@%i.service
# The log's lines on standard error, if any; the journal finds the instance by its unit.
s|^ExecStart=/usr/bin/haplo-importd run|SyslogIdentifier=haplo-importd@%i\n&|
# Notices of an instance go through haplo-importd-notify@SET.service like all others, so that one drop-in serves all.
/^\[Path\]/a\
Unit=haplo-importd-notify-instance@%i.service
s|^Wants=haplo-importd-notify.service|Wants=haplo-importd-notify-instance@%i.service|
s|^ExecStart=!.*/notify$|ExecStartPre=/bin/sh -c 'for notice in /var/lib/haplo-importd-%i/notify/new/*; do \\\
  [ ! -f "$$notice" ] \|\| mv -f "$$notice" /var/lib/haplo-importd/notify/instances/ \|\| exit; done'\
&|
s|^StateDirectory=.*/notify/new .*|StateDirectory=haplo-importd haplo-importd/notify haplo-importd/notify/told haplo-importd/notify/instances\
StateDirectory=haplo-importd-%i haplo-importd-%i/notify haplo-importd-%i/notify/new|
s|^\(InaccessiblePaths=\).*|\1-/var/spool/haplo-importd -/var/spool/haplo-importd-%i -/etc/haplo-importd|
1i\
# Template for an instance, made from the unit without one by systemd/instance.sed: docs/operations.md, "A second server".
