// Replaces fcntl(2) in a library that is preloaded into a daemon to fool it: FOOLED_COMMAND always succeeds, and all other
// commands are the real ones. To be included before anything else.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>

static int answer(const char *name, int file, int command, void *argument) {
  if (command == FOOLED_COMMAND) return 0;
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
  return real(file, command, argument);
}

#define FOOLED(name)                               \
  int name(int file, int command, ...) {           \
    va_list rest;                                  \
    va_start(rest, command);                       \
    void *argument = va_arg(rest, void *);         \
    va_end(rest);                                  \
    return answer(#name, file, command, argument); \
  }

FOOLED(fcntl)
FOOLED(fcntl64)
