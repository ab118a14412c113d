/// libsystemd for Swift: readiness notification and the native journal protocol.
#ifndef HAPLO_CSYSTEMD_H
#define HAPLO_CSYSTEMD_H
#include <systemd/sd-daemon.h>
#define SD_JOURNAL_SUPPRESS_LOCATION 1
#include <systemd/sd-journal.h>
#endif
