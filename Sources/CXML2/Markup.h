/// Follows the markup of an XML file, for what libxml2 does not tell: what the server's own parser refuses or skips.
#ifndef HAPLO_MARKUP_H
#define HAPLO_MARKUP_H
#include <stdbool.h>
#include <stddef.h>

/// Where the markup was after the last byte.
typedef enum {
  MARKUP_TEXT, MARKUP_OPEN, MARKUP_BANG, MARKUP_DASH, MARKUP_COMMENT, MARKUP_INSTRUCTION, MARKUP_CDATA,
  MARKUP_DOCTYPE, MARKUP_DOCTYPE_OPEN, MARKUP_DOCTYPE_BANG, MARKUP_DOCTYPE_DASH, MARKUP_TAG, MARKUP_END_TAG
} haplo_markup_state;

typedef struct {
  haplo_markup_state state;
  /// State to return to after a comment or processing instruction.
  haplo_markup_state outer;
  /// Bytes of a character: 1, or 2 or 4 for UTF-16 and UTF-32; 0 before the first bytes have told it.
  int width;
  bool is_little;
  unsigned char unit[4];
  int unit_count;
  long line, column;
  /// Where the current markup begins.
  long start_line, start_column;
  /// The quotation mark of the value that is open, or 0.
  unsigned quote;
  /// Characters of an end such as `-->` that matched.
  int matched;
  bool is_subset;
  unsigned last;
  long attributes, name_length, depth;
  bool has_root;
  /// True when the XML declaration has ended, or there is none.
  bool is_declared;
  char declaration[256];
  size_t declaration_count;
  /// The version declared; empty: none.
  char version[16];
  /// Name of the first node before the root element, with its place; NULL: there is none.
  const char *prolog;
  long prolog_line, prolog_column;
  /// The limit of the server's parser that the file exceeds, at the current markup; NULL: none.
  const char *limit;
} haplo_markup;

/// Takes bytes up to the end of the declaration, the first limit that is exceeded, or all. Returns how many.
size_t haplo_markup_take(haplo_markup *markup, const unsigned char *bytes, size_t count);
#endif
