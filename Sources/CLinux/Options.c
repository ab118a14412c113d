#include <stddef.h>

#include "CLinux.h"

int haplo_next_option(int count, char *const *arguments, const char *letters, const struct option *names,
                      const char **argument, int *next) {
  opterr = 0;
  optind = *next;
  int found = getopt_long(count, arguments, letters, names, NULL);
  *argument = optarg;
  *next = optind;
  return found;
}
