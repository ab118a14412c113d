/// Linux calls that Swift cannot import as they are: variadic functions, bare system calls
/// without a C library wrapper, and macros with arguments. Each says why it is here.
#ifndef HAPLO_CLINUX_H
#define HAPLO_CLINUX_H
#include <stdint.h>
#endif
