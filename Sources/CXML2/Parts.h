/// The records of a file as a list of parts, for those who want more of it than whether it is well-formed.
#ifndef HAPLO_PARTS_H
#define HAPLO_PARTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Parts that were kept since they were last forgotten: of each its kind in one byte, the length of its text in four, and
/// the text. The buffer is as large as what one piece of the file needed.
typedef struct {
  bool is_wanted;
  bool has_failed;
  unsigned char *bytes;
  size_t count;
  size_t size;
} haplo_parts;

/// Adds a part whose text is `first`, a colon, and `second`, or `second` alone. Without memory the list has failed.
void haplo_parts_add(haplo_parts *parts, char kind, const char *first, const void *second, size_t length);
#endif
