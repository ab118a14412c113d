// Definitions that take the place of the C library's own, since a program's symbols come before those of a shared library.
// Before `simulation_begin`, and for descriptors of the real kernel, each makes the real system call.
#define _GNU_SOURCE
#include "CSimulation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int on;

static long raw(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
#error "the simulation knows the system calls of x86-64 and arm64 only"
#endif
}

static long answer(long result) {
  if (result >= 0) return result;
  errno = (int)-result;
  return -1;
}

#define REAL(number, a, b, c, d, e, f) \
  answer(raw(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))
#define OURS(file) (on && (file) >= simulation_first_descriptor)

void simulation_begin(void) { on = 1; }

void simulation_settle(char **arguments) {
  if (getenv("SWIFT_DETERMINISTIC_HASHING") != NULL) return;
  setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1);
  personality(ADDR_NO_RANDOMIZE);
  execv("/proc/self/exe", arguments);
  _exit(71);
}

void simulation_limit_processor(int seconds) {
  struct rlimit limit = {.rlim_cur = (rlim_t)seconds, .rlim_max = (rlim_t)seconds + 1};
  setrlimit(RLIMIT_CPU, &limit);
}

int simulation_fork(void) { return fork(); }

int simulation_wait_for(int file, int seconds) {
  struct pollfd entry = {.fd = file, .events = POLLIN};
  struct timespec time = {.tv_sec = seconds};
  return raw(SYS_ppoll, (long)&entry, 1, (long)&time, 0, 8, 0) != 0;
}

int64_t simulation_real_milliseconds(void) {
  struct timespec time;
  raw(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&time, 0, 0, 0, 0);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// Files

static long open_at(int directory, const char *path, int flags, unsigned mode) {
  if (on) return answer(sim_open(directory, path, flags, mode));
  return REAL(SYS_openat, directory, path, flags, mode, 0, 0);
}

#define MODE(last) \
  unsigned mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, last); \
    mode = va_arg(rest, unsigned); \
    va_end(rest); \
  }

int open(const char *path, int flags, ...) { MODE(flags) return (int)open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return (int)open_at(AT_FDCWD, path, flags, mode); }
int openat(int directory, const char *path, int flags, ...) { MODE(flags) return (int)open_at(directory, path, flags, mode); }
int openat64(int directory, const char *path, int flags, ...) { MODE(flags) return (int)open_at(directory, path, flags, mode); }

int close(int file) { return (int)(OURS(file) ? answer(sim_close(file)) : REAL(SYS_close, file, 0, 0, 0, 0, 0)); }

ssize_t read(int file, void *buffer, size_t count) {
  return OURS(file) ? answer(sim_read(file, buffer, count)) : REAL(SYS_read, file, buffer, count, 0, 0, 0);
}

ssize_t write(int file, const void *buffer, size_t count) {
  return OURS(file) ? answer(sim_write(file, buffer, count)) : REAL(SYS_write, file, buffer, count, 0, 0, 0);
}

ssize_t pread(int file, void *buffer, size_t count, off_t offset) {
  return OURS(file) ? answer(sim_pread(file, buffer, count, offset)) : REAL(SYS_pread64, file, buffer, count, offset, 0, 0);
}
ssize_t pread64(int file, void *buffer, size_t count, off64_t offset) { return pread(file, buffer, count, offset); }

ssize_t pwrite(int file, const void *buffer, size_t count, off_t offset) {
  return OURS(file) ? answer(sim_pwrite(file, buffer, count, offset)) : REAL(SYS_pwrite64, file, buffer, count, offset, 0, 0);
}
ssize_t pwrite64(int file, const void *buffer, size_t count, off64_t offset) { return pwrite(file, buffer, count, offset); }

off_t lseek(int file, off_t offset, int whence) {
  return OURS(file) ? answer(sim_seek(file, offset, whence)) : REAL(SYS_lseek, file, offset, whence, 0, 0, 0);
}
off64_t lseek64(int file, off64_t offset, int whence) { return lseek(file, offset, whence); }

int fstatat(int directory, const char *restrict path, struct stat *restrict status, int flags) {
  if (on && (directory >= simulation_first_descriptor || *path == '/')) return (int)answer(sim_stat(directory, path, flags, status));
  return (int)REAL(SYS_newfstatat, directory, path, status, flags, 0, 0);
}
int fstat(int file, struct stat *status) {
  return OURS(file) ? (int)answer(sim_stat(file, "", AT_EMPTY_PATH, status)) : (int)REAL(SYS_fstat, file, status, 0, 0, 0, 0);
}
int stat(const char *restrict path, struct stat *restrict status) { return fstatat(AT_FDCWD, path, status, 0); }
int lstat(const char *restrict path, struct stat *restrict status) { return fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW); }

int mkdirat(int directory, const char *path, mode_t mode) {
  return (int)(on ? answer(sim_mkdir(directory, path, mode)) : REAL(SYS_mkdirat, directory, path, mode, 0, 0, 0));
}
int renameat2(int from, const char *path, int to, const char *new_path, unsigned flags) {
  return (int)(on ? answer(sim_rename(from, path, to, new_path, flags)) : REAL(SYS_renameat2, from, path, to, new_path, flags, 0));
}
int renameat(int from, const char *path, int to, const char *new_path) { return renameat2(from, path, to, new_path, 0); }
int linkat(int from, const char *path, int to, const char *new_path, int flags) {
  return (int)(on ? answer(sim_link(from, path, to, new_path)) : REAL(SYS_linkat, from, path, to, new_path, flags, 0));
}
int unlinkat(int directory, const char *path, int flags) {
  return (int)(on ? answer(sim_unlink(directory, path, flags)) : REAL(SYS_unlinkat, directory, path, flags, 0, 0, 0));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int fsync(int file) { return (int)(OURS(file) ? answer(sim_sync(file, 0)) : REAL(SYS_fsync, file, 0, 0, 0, 0, 0)); }
int fdatasync(int file) { return (int)(OURS(file) ? answer(sim_sync(file, 1)) : REAL(SYS_fdatasync, file, 0, 0, 0, 0, 0)); }
int ftruncate(int file, off_t length) {
  return (int)(OURS(file) ? answer(sim_truncate(file, length)) : REAL(SYS_ftruncate, file, length, 0, 0, 0, 0));
}
int ftruncate64(int file, off64_t length) { return ftruncate(file, length); }
int fchmod(int file, mode_t mode) {
  return (int)(OURS(file) ? answer(sim_chmod(file, NULL, mode)) : REAL(SYS_fchmod, file, mode, 0, 0, 0, 0));
}
int chmod(const char *path, mode_t mode) {
  return (int)(on ? answer(sim_chmod(-1, path, mode)) : REAL(SYS_fchmodat, AT_FDCWD, path, mode, 0, 0, 0));
}
int fchown(int file, uid_t user, gid_t group) {
  return (int)(OURS(file) ? 0 : REAL(SYS_fchown, file, user, group, 0, 0, 0));
}
int faccessat(int directory, const char *path, int mode, int flags) {
  return (int)(on ? answer(sim_access(directory, path)) : REAL(SYS_faccessat, directory, path, mode, flags, 0, 0));
}
int futimens(int file, const struct timespec times[2]) {
  return (int)(OURS(file) ? answer(sim_touch(file)) : REAL(SYS_utimensat, file, NULL, times, 0, 0, 0));
}
ssize_t getxattr(const char *path, const char *name, void *value, size_t size) {
  if (!on) return REAL(SYS_getxattr, path, name, value, size, 0, 0);
  errno = ENODATA;
  return -1;
}
int setxattr(const char *path, const char *name, const void *value, size_t size, int flags) {
  return (int)(on ? 0 : REAL(SYS_setxattr, path, name, value, size, flags, 0));
}
ssize_t getdents64(int file, void *buffer, size_t size) {
  return OURS(file) ? answer(sim_list(file, buffer, size)) : REAL(SYS_getdents64, file, buffer, size, 0, 0, 0);
}
int fstatfs(int file, struct statfs *figures) {
  return (int)(OURS(file) ? answer(sim_statfs(file, figures)) : REAL(SYS_fstatfs, file, figures, 0, 0, 0, 0));
}
int flock(int file, int operation) {
  return (int)(OURS(file) ? answer(sim_flock(file, operation)) : REAL(SYS_flock, file, operation, 0, 0, 0, 0));
}
int posix_fadvise(int file, off_t offset, off_t length, int advice) {
  return OURS(file) ? 0 : (int)-raw(SYS_fadvise64, file, offset, length, advice, 0, 0);
}
char *realpath(const char *restrict path, char *restrict buffer) {
  if (on) {
    long result = sim_realpath(path);
    if (result >= 0) return buffer ? strcpy(buffer, path) : strdup(path);
    errno = (int)-result;
    return NULL;
  }
  errno = ENOSYS;
  return NULL;
}

static long control(int file, int command, long argument) {
  return OURS(file) ? answer(sim_fcntl(file, command, argument)) : REAL(SYS_fcntl, file, command, argument, 0, 0, 0);
}
#define ARGUMENT \
  va_list rest; \
  va_start(rest, command); \
  long argument = va_arg(rest, long); \
  va_end(rest);
int fcntl(int file, int command, ...) { ARGUMENT return (int)control(file, command, argument); }
int fcntl64(int file, int command, ...) { ARGUMENT return (int)control(file, command, argument); }

// Events and sockets

int inotify_init1(int flags) { return (int)(on ? answer(sim_inotify()) : REAL(SYS_inotify_init1, flags, 0, 0, 0, 0, 0)); }
int inotify_add_watch(int file, const char *path, uint32_t mask) {
  return (int)(OURS(file) ? answer(sim_watch(file, path)) : REAL(SYS_inotify_add_watch, file, path, mask, 0, 0, 0));
}
int inotify_rm_watch(int file, int watch) {
  return (int)(OURS(file) ? answer(sim_unwatch(file, watch)) : REAL(SYS_inotify_rm_watch, file, watch, 0, 0, 0, 0));
}
int eventfd(unsigned count, int flags) { return (int)(on ? answer(sim_eventfd()) : REAL(SYS_eventfd2, count, flags, 0, 0, 0, 0)); }
int signalfd(int file, const sigset_t *set, int flags) {
  return (int)(on ? answer(sim_signalfd()) : REAL(SYS_signalfd4, file, set, 8, flags, 0, 0));
}
int poll(struct pollfd *entries, nfds_t count, int timeout) {
  if (on) return (int)answer(sim_poll(entries, count));
  struct timespec time = {.tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L};
  return (int)REAL(SYS_ppoll, entries, count, timeout < 0 ? NULL : &time, NULL, 8, 0);
}
int socket(int domain, int type, int protocol) {
  return (int)(on ? answer(sim_socket()) : REAL(SYS_socket, domain, type, protocol, 0, 0, 0));
}
int bind(int file, const struct sockaddr *address, socklen_t length) {
  return (int)(OURS(file) ? answer(sim_bind(file, address, length)) : REAL(SYS_bind, file, address, length, 0, 0, 0));
}
int listen(int file, int backlog) { return (int)(OURS(file) ? 0 : REAL(SYS_listen, file, backlog, 0, 0, 0, 0)); }
int connect(int file, const struct sockaddr *address, socklen_t length) {
  if (!OURS(file)) return (int)REAL(SYS_connect, file, address, length, 0, 0, 0);
  errno = ECONNREFUSED;
  return -1;
}
int accept4(int file, struct sockaddr *restrict address, socklen_t *restrict length, int flags) {
  return (int)(OURS(file) ? answer(sim_accept(file)) : REAL(SYS_accept4, file, address, length, flags, 0, 0));
}
int setsockopt(int file, int level, int name, const void *value, socklen_t length) {
  return (int)(OURS(file) ? 0 : REAL(SYS_setsockopt, file, level, name, value, length, 0));
}
int getsockopt(int file, int level, int name, void *restrict value, socklen_t *restrict length) {
  if (!OURS(file)) return (int)REAL(SYS_getsockopt, file, level, name, value, length, 0);
  memset(value, 0, *length);
  return 0;
}
int shutdown(int file, int how) { return (int)(OURS(file) ? answer(sim_hang_up(file)) : REAL(SYS_shutdown, file, how, 0, 0, 0, 0)); }
ssize_t recv(int file, void *buffer, size_t count, int flags) {
  return OURS(file) ? answer(sim_receive(file, buffer, count)) : REAL(SYS_recvfrom, file, buffer, count, flags, NULL, NULL);
}
ssize_t send(int file, const void *buffer, size_t count, int flags) {
  return OURS(file) ? answer(sim_send(file, buffer, count)) : REAL(SYS_sendto, file, buffer, count, flags, NULL, 0);
}

// Clocks, random numbers, and names of this machine

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!on) return (int)REAL(SYS_clock_gettime, clock, time, 0, 0, 0, 0);
  sim_clock(clock, time);
  return 0;
}
time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
ssize_t getrandom(void *buffer, size_t count, unsigned flags) {
  if (!on) return REAL(SYS_getrandom, buffer, count, flags, 0, 0, 0);
  sim_random(buffer, count);
  return (ssize_t)count;
}
int getentropy(void *buffer, size_t count) { return getrandom(buffer, count, 0) == (ssize_t)count ? 0 : -1; }
pid_t getpid(void) { return on ? 4711 : (pid_t)raw(SYS_getpid, 0, 0, 0, 0, 0, 0); }
uid_t geteuid(void) { return on ? 0 : (uid_t)raw(SYS_geteuid, 0, 0, 0, 0, 0, 0); }
gid_t getegid(void) { return on ? 0 : (gid_t)raw(SYS_getegid, 0, 0, 0, 0, 0, 0); }
int gethostname(char *name, size_t length) {
  strncpy(name, "simulated", length);
  return 0;
}

// Calls that the C library has no function for, or that are made past it.
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
  long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (on && number == SYS_getrandom) return getrandom((void *)a, (size_t)b, 0);
  // The flags are the first member of `struct open_how`. The path is below the directory, and no link is followed.
  if (on && number == SYS_openat2) return open_at((int)a, (const char *)b, (int)*(const uint64_t *)c | O_NOFOLLOW, 0);
  return answer(raw(number, a, b, c, d, e, f));
}
