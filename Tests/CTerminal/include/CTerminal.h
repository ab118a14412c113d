/// Makes pseudo terminals for tests: the calls need _XOPEN_SOURCE, which Swift's module of glibc does not define.
#ifndef HAPLO_CTERMINAL_H
#define HAPLO_CTERMINAL_H
#include <stddef.h>

/// posix_openpt(3), grantpt(3), unlockpt(3), ptsname_r(3): a new terminal's other end, closed on exec, and the
/// terminal's name; -1 with errno.
int haplo_test_open_terminal(char *name, size_t size);

#endif
