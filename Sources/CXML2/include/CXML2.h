/// libxml2's push parser for Swift, for one purpose: is a file well-formed, and which fields do its records have.
/// The callbacks are in C, for they are called for every element of files of any size; libxml2's own headers are not
/// shown, so that users of this one need none of its macros.
#ifndef HAPLO_CXML2_H
#define HAPLO_CXML2_H
#include "CHTML.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Problems of one file that are kept.
#define HAPLO_XML_PROBLEMS 20

/// Parts of records, in the order of the file.
enum {
  /// A record begins.
  HAPLO_XML_BEGIN_RECORD = 'R',
  /// A field begins; its name.
  HAPLO_XML_BEGIN_FIELD = 'F',
  /// Some of a field's text.
  HAPLO_XML_TEXT = 'T',
  /// An element inside a field begins; its name.
  HAPLO_XML_BEGIN_INNER = 'I',
  /// Text that a field has in elements inside it, or in CDATA sections.
  HAPLO_XML_INNER_TEXT = 't',
  HAPLO_XML_END_INNER = 'i',
  HAPLO_XML_END_FIELD = 'f',
  HAPLO_XML_END_RECORD = 'r',
};

/// A file that is being examined.
typedef struct haplo_xml haplo_xml;

/// One problem of a file.
typedef struct {
  /// False if the server surely fails or silently loses data.
  bool is_warning;
  long line;
  /// In bytes, from 1.
  long column;
  /// For people, without anything quoted of the file's content.
  char message[256];
} haplo_xml_problem;

/// Begins a file. Fields of a record are its children's local names, or its attributes' names with their prefixes; the
/// record is the outermost element itself, or each of its children. `names_are_known` is false where nobody knows which
/// fields are used. Nothing outside the file is ever read, and no entity is expanded: a declared one counts as one
/// character. NULL: no memory.
haplo_xml *haplo_xml_begin(bool fields_are_attributes, bool is_single_record, bool names_are_known);

/// Searches for fields of `count` names, counted from 0; each ends with a zero byte, `length` bytes in all. To be called
/// once, before the first piece. False: no memory.
bool haplo_xml_look_for(haplo_xml *file, const void *names, size_t length, size_t count);

/// Has the parts of all records kept. To be called once, before the first piece.
void haplo_xml_keep_parts(haplo_xml *file);

/// The parts that were kept since they were last forgotten, `count` bytes: of each one its kind in one byte, the length
/// of its text in four bytes of this machine, and the text.
const void *haplo_xml_parts(const haplo_xml *file, size_t *count);

/// Forgets them.
void haplo_xml_forget_parts(haplo_xml *file);

/// Takes the next piece. False: further pieces change nothing.
bool haplo_xml_take(haplo_xml *file, const void *bytes, size_t count);

/// Ends the file, all of which must have been given.
void haplo_xml_finish(haplo_xml *file);

/// Problems kept.
size_t haplo_xml_problem_count(const haplo_xml *file);

/// One of the problems kept.
haplo_xml_problem haplo_xml_problem_at(const haplo_xml *file, size_t number);

/// Problems that were not kept.
long haplo_xml_dropped(const haplo_xml *file);

/// True if the whole file was parsed.
bool haplo_xml_is_whole(const haplo_xml *file);

/// Records so far.
long haplo_xml_records(const haplo_xml *file);

/// True if a record had the field with this number.
bool haplo_xml_has_seen(const haplo_xml *file, size_t number);

/// Frees all.
void haplo_xml_free(haplo_xml *file);
#endif
