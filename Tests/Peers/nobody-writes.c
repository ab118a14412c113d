// Preloaded into a daemon that is to be fooled: its question whether anybody has a file open for writing (a lease, fcntl(2)
// F_SETLEASE) is always answered with "nobody". What it then takes half-written shows what the true answer is worth.
#define FOOLED_COMMAND F_SETLEASE
#include "fooled.h"
