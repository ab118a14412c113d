#include "Parts.h"
#include <stdlib.h>
#include <string.h>

static bool reserve(haplo_parts *parts, size_t count) {
  if (parts->size - parts->count >= count) return true;
  size_t size = parts->size ? parts->size : 4096;
  while (size - parts->count < count) size *= 2;
  unsigned char *bytes = realloc(parts->bytes, size);
  if (!bytes) {
    parts->has_failed = true;
    return false;
  }
  parts->bytes = bytes;
  parts->size = size;
  return true;
}

void haplo_parts_add(haplo_parts *parts, char kind, const char *first, const void *second, size_t length) {
  if (!parts->is_wanted || parts->has_failed) return;
  size_t prefix = first ? strlen(first) + 1 : 0;
  uint32_t whole = (uint32_t)(prefix + length);
  if (!reserve(parts, 1 + sizeof whole + whole)) return;
  unsigned char *at = parts->bytes + parts->count;
  *at++ = (unsigned char)kind;
  memcpy(at, &whole, sizeof whole);
  at += sizeof whole;
  if (first) {
    memcpy(at, first, prefix - 1);
    at[prefix - 1] = ':';
    at += prefix;
  }
  if (length > 0) memcpy(at, second, length);
  parts->count += 1 + sizeof whole + whole;
}
