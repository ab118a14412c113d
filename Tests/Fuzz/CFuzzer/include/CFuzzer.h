/// libFuzzer's own entry, for which no header is installed.
#ifndef HAPLO_CFUZZER_H
#define HAPLO_CFUZZER_H
#include <stddef.h>
#include <stdint.h>

/// Fuzzes `test` as the arguments say, and returns what the program should end with.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *bytes, size_t size));

#endif
