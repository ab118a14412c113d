// Preloaded into a daemon that is to be fooled about locks: every flock(2) succeeds, as on NFS, where that of a
// directory is each host's own business; with NO_LOCKS, so do those of files (fcntl(2), F_OFD_SETLK), and each abstract
// socket gets a name of its own, as on a host of its own, though these hosts share a network.
#ifdef NO_LOCKS
#define FOOLED_COMMAND F_OFD_SETLK
#include "fooled.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int bind(int socket, const struct sockaddr *address, socklen_t length) {
  const struct sockaddr_un *local = (const struct sockaddr_un *)address;
  int is_abstract = address->sa_family == AF_UNIX && length > sizeof(sa_family_t) && local->sun_path[0] == 0;
  return (int)syscall(SYS_bind, socket, address, is_abstract ? sizeof(sa_family_t) : length);
}
#endif

int flock(int file, int operation) {
  (void)file;
  (void)operation;
  return 0;
}
