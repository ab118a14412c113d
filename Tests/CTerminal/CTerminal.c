#define _GNU_SOURCE
#include "CTerminal.h"
#include <fcntl.h>
#include <stdlib.h>

int haplo_test_open_terminal(char *name, size_t size) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name, size) != 0) return -1;
  return master;
}
