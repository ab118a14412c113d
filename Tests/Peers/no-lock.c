// Preloaded into a daemon that is to be fooled about locks: every flock(2) succeeds, as on NFS, where that of a
// directory is each host's own business; with NO_LOCKS, so do those of files (fcntl(2), F_OFD_SETLK).
#ifdef NO_LOCKS
#define FOOLED_COMMAND F_OFD_SETLK
#include "fooled.h"
#endif

int flock(int file, int operation) {
  (void)file;
  (void)operation;
  return 0;
}
