#define _GNU_SOURCE
#include "CLinux.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int haplo_rename_noreplace(int from, const char *name, int to, const char *new_name) {
  return renameat2(from, name, to, new_name, RENAME_NOREPLACE);
}

int haplo_open_at(int directory, const char *name, int flags, unsigned int mode) {
  return openat(directory, name, flags, mode);
}

int haplo_open_below(int directory, const char *path, int flags) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = (unsigned int)flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

ssize_t haplo_getdents(int directory, void *buffer, size_t size) {
  return getdents64(directory, buffer, size);
}

int haplo_probe_writers(int file) {
  if (fcntl(file, F_SETLEASE, F_RDLCK) != 0) return errno;
  // Giving back a lease that one holds cannot fail; closing the descriptor would end it as well.
  (void)fcntl(file, F_SETLEASE, F_UNLCK);
  return 0;
}

int haplo_take_read_lease(int file) { return fcntl(file, F_SETLEASE, F_RDLCK) == 0 ? 0 : errno; }

int haplo_has_read_lease(int file) { return fcntl(file, F_GETLEASE) == F_RDLCK; }

void haplo_release_lease(int file) { (void)fcntl(file, F_SETLEASE, F_UNLCK); }

static struct flock whole_file(void) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);  // l_pid must be 0 for locks of open file descriptions
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

int haplo_lock(int file) {
  struct flock lock = whole_file();
  return fcntl(file, F_OFD_SETLK, &lock);
}

int haplo_is_locked(int file) {
  struct flock lock = whole_file();
  if (fcntl(file, F_OFD_GETLK, &lock) != 0) return -1;
  return lock.l_type == F_UNLCK ? 0 : 1;
}

int haplo_ignore_signal(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_IGN;
  return sigaction(number, &action, NULL);
}

const char *haplo_error_text(int number) { return strerrordesc_np(number); }

void haplo_name_this_thread(const char *name) {
  char kept[16];
  snprintf(kept, sizeof kept, "%s", name);
  (void)pthread_setname_np(pthread_self(), kept);
}

int haplo_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int haplo_set_blocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

int haplo_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int haplo_peer_user(int socket, uint32_t *user) {
  struct ucred credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  *user = credentials.uid;
  return 0;
}

int haplo_peer(int socket, uint32_t *user, int32_t *process) {
  struct ucred credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  *user = credentials.uid;
  *process = credentials.pid;
  return 0;
}

static socklen_t abstract_address(struct sockaddr_un *address, const char *name) {
  size_t length = strnlen(name, sizeof address->sun_path - 1);
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path + 1, name, length);
  return offsetof(struct sockaddr_un, sun_path) + 1 + length;
}

int haplo_bind_abstract(int socket, const char *name) {
  struct sockaddr_un address;
  socklen_t length = abstract_address(&address, name);
  return bind(socket, (struct sockaddr *)&address, length);
}

int haplo_connect_abstract(int socket, const char *name) {
  struct sockaddr_un address;
  socklen_t length = abstract_address(&address, name);
  return connect(socket, (struct sockaddr *)&address, length);
}

int haplo_wait_until(sem_t *semaphore, int64_t deadline) {
  struct timespec time = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, &time) == 0 ? 0 : errno;
}

int haplo_be_idle_on_disk(void) {
  return (int)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

int haplo_window_size(uint16_t *columns, uint16_t *rows) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return -1;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

int haplo_has_capability(int capability) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, data) != 0) return 0;
  return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability) ? 1 : 0;
}

int haplo_become_user(uid_t user) {
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return -1;
  if (setuid(user) != 0) return -1;
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  for (int index = 0; index < _LINUX_CAPABILITY_U32S_3; index++) {
    uint32_t kept = 0;
    if (index == CAP_TO_INDEX(CAP_FOWNER)) kept |= CAP_TO_MASK(CAP_FOWNER);
    if (index == CAP_TO_INDEX(CAP_LEASE)) kept |= CAP_TO_MASK(CAP_LEASE);
    data[index].permitted &= kept;
    data[index].effective = data[index].permitted;
    data[index].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, data) != 0) return -1;
  return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
}
