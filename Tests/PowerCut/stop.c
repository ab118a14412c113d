// Preloaded into the daemon (LD_PRELOAD) by power-cut.sh. Counts, over all threads, the calls that change a disk or send
// to the server, and stops the whole process just before one of them, so that the power can be cut right there.
//   POWER_CUT_AT=N      stop before call number N, after writing what it is to the file POWER_CUT_NOTE
//   POWER_CUT_LIES=1    fsync and fdatasync say that all is well and do nothing: what a broken disk or hypervisor does
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static long stop_at;
static int lies;

__attribute__((constructor)) static void begin(void) {
  const char *number = getenv("POWER_CUT_AT");
  stop_at = number ? atol(number) : 0;
  const char *wanted = getenv("POWER_CUT_LIES");
  lies = wanted && *wanted;
}

// Only the one call that stops the process comes here.
static void tell(const char *call, int descriptor, const char *name) {
  char link[64], place[4096], line[8192];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, place, sizeof place - 1);
  place[length < 0 ? 0 : length] = 0;
  int size = snprintf(line, sizeof line, "%s %s%s%s\n", call, place, name ? "/" : "", name ? name : "");
  const char *note = getenv("POWER_CUT_NOTE");
  int file = note ? open(note, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0 || write(file, line, size) != size) abort();
  close(file);
}

static void count(const char *call, int descriptor, const char *name) {
  if (atomic_fetch_add(&calls, 1) + 1 != stop_at) return;
  tell(call, descriptor, name);
  kill(getpid(), SIGSTOP);
  for (;;) pause();
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int file) {
  count("fsync", file, NULL);
  return lies ? 0 : NEXT(fsync)(file);
}

int fdatasync(int file) {
  count("fdatasync", file, NULL);
  return lies ? 0 : NEXT(fdatasync)(file);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
  count("pwrite", file, NULL);
  return NEXT(pwrite)(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset) {
  count("pwrite", file, NULL);
  return NEXT(pwrite64)(file, bytes, size, offset);
}

int ftruncate(int file, off_t size) {
  count("ftruncate", file, NULL);
  return NEXT(ftruncate)(file, size);
}

int renameat(int from, const char *name, int to, const char *new_name) {
  count("renameat", from, name);
  return NEXT(renameat)(from, name, to, new_name);
}

int renameat2(int from, const char *name, int to, const char *new_name, unsigned flags) {
  count("renameat2", from, name);
  return NEXT(renameat2)(from, name, to, new_name, flags);
}

int unlinkat(int folder, const char *name, int flags) {
  count("unlinkat", folder, name);
  return NEXT(unlinkat)(folder, name, flags);
}

int mkdirat(int folder, const char *name, mode_t mode) {
  count("mkdirat", folder, name);
  return NEXT(mkdirat)(folder, name, mode);
}

int openat(int folder, const char *name, int flags, ...) {
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
    count("openat", folder, name);
  }
  return NEXT(openat)(folder, name, flags, mode);
}

ssize_t send(int peer, const void *bytes, size_t size, int flags) {
  count("send", peer, NULL);
  return NEXT(send)(peer, bytes, size, flags);
}
