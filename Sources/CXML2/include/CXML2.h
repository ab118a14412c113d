/// libxml2's push parser for Swift, for one purpose: is a file well-formed, and which fields do its records have.
/// The callbacks are in C, for they are called for every element of files of any size; libxml2's own headers are not
/// shown, so that users of this one need none of its macros.
#ifndef HAPLO_CXML2_H
#define HAPLO_CXML2_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A file that is being examined.
typedef struct haplo_xml haplo_xml;

/// What libxml2 has against a file.
typedef struct {
  /// xmlParserErrors; 0: nothing.
  int code;
  /// True if not the file is wrong, but a limit of libxml2 is reached.
  bool is_limit;
  long line;
  /// In bytes, from 1.
  long column;
  /// In libxml2's words, without what it quotes of the file's content.
  char message[256];
} haplo_xml_problem;

/// Begins a file. Fields of a record are its children's local names, or its attributes; the record is the outermost
/// element itself, or each of its children. Nothing outside the file is ever read, and no entity is expanded: what
/// the file declares counts as one character. NULL: no memory.
haplo_xml *haplo_xml_begin(bool fields_are_attributes, bool is_single_record);

/// Looks for a field of this name. The names are counted from 0.
bool haplo_xml_look_for(haplo_xml *file, const char *name);

/// Takes the next piece. False: nothing more need be given, for the file has a problem.
bool haplo_xml_take(haplo_xml *file, const void *bytes, size_t count);

/// Ends the file, which must have been given whole, and returns what is wrong with it.
haplo_xml_problem haplo_xml_finish(haplo_xml *file);

/// True if a record had the field with this number.
bool haplo_xml_has_seen(const haplo_xml *file, size_t number);

/// Frees all.
void haplo_xml_free(haplo_xml *file);
#endif
