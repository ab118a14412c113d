// Preloaded into a daemon that is to be fooled: its question whether anybody has a file open for writing (a lease, fcntl(2)
// F_SETLEASE) is always answered with "nobody". What it then takes half-written shows what the true answer is worth.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>

static int answer(const char *name, int file, int command, void *argument) {
  if (command == F_SETLEASE) return 0;
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
  return real(file, command, argument);
}

#define FOOLED(name)                          \
  int name(int file, int command, ...) {      \
    va_list rest;                             \
    va_start(rest, command);                  \
    void *argument = va_arg(rest, void *);    \
    va_end(rest);                             \
    return answer(#name, file, command, argument); \
  }

FOOLED(fcntl)
FOOLED(fcntl64)
