#include "CXML2.h"
#include "Markup.h"
#include "Parts.h"
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libxml2 is given no more at once than this: it keeps what it was given in a buffer of its own.
enum { PIECE = 32 * 1024 };
// Declared entities that are remembered; with more, every name counts as declared.
enum { MOST_ENTITIES = 4096 };
// Elements inside one another, at most (Markup.c ends the file before libxml2 sees more).
enum { DEEPEST = 4096 };
// Namespaces declared by the elements that are open, at most: libxml2 searches all of them for each prefix.
enum { MOST_NAMESPACES = 2048 };
// Bytes that are kept back until it is known whether the file is XML 1.0.
enum { OPENING = 1024 };

struct haplo_xml {
  xmlParserCtxtPtr context;
  haplo_markup markup;
  haplo_parts parts;
  bool fields_are_attributes;
  bool names_are_known;
  // Depth of a record's element, the outermost being 1.
  int record_depth;
  int depth;
  bool has_element;
  // The child of a record that is open, for libxml2's names last as long as its parser; NULL: none.
  const xmlChar *field;
  bool has_cdata;
  long records;
  char *text;
  const char **names;
  bool *seen;
  size_t unseen;
  // Indexes into names, each plus one, by hash; its size is a power of two.
  uint32_t *table;
  size_t table_size;
  xmlChar **entities;
  size_t entity_count;
  xmlEntity entity;
  unsigned short namespaces[DEEPEST + 1];
  size_t namespace_count;
  unsigned char opening[OPENING];
  size_t opening_count;
  bool is_open;
  // True if libxml2 is not asked: XML 1.1, which it does not know.
  bool is_foreign;
  // True when nothing more is examined.
  bool is_stopped;
  haplo_xml_problem problems[HAPLO_XML_PROBLEMS];
  size_t problem_count;
  long dropped;
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

// MARK: Problems

static haplo_xml_problem *add_problem(haplo_xml *file, bool is_warning, long line, long column) {
  if (file->problem_count == HAPLO_XML_PROBLEMS) {
    file->dropped++;
    return NULL;
  }
  haplo_xml_problem *problem = &file->problems[file->problem_count++];
  problem->is_warning = is_warning;
  problem->line = line > 0 ? line : 1;
  problem->column = column > 0 ? column : 1;
  return problem;
}

static void add_text(haplo_xml *file, bool is_warning, long line, long column, const char *text) {
  haplo_xml_problem *problem = add_problem(file, is_warning, line, column);
  if (problem) snprintf(problem->message, sizeof problem->message, "%s", text);
}

// The last problem: nothing more is examined. There is always room for it.
static haplo_xml_problem *stop(haplo_xml *file, bool is_warning, long line, long column) {
  file->is_stopped = true;
  if (file->problem_count == HAPLO_XML_PROBLEMS) file->problem_count--, file->dropped++;
  return add_problem(file, is_warning, line, column);
}

static void stop_with(haplo_xml *file, bool is_warning, long line, long column, const char *text) {
  haplo_xml_problem *problem = stop(file, is_warning, line, column);
  snprintf(problem->message, sizeof problem->message, "%s", text);
}

// MARK: Fields

static uint64_t hash(const char *prefix, const char *name) {
  uint64_t value = 0xCBF29CE484222325u;
  for (; prefix && *prefix; prefix++) value = (value ^ (unsigned char)*prefix) * 0x100000001B3u;
  if (prefix) value = (value ^ ':') * 0x100000001B3u;
  for (; *name; name++) value = (value ^ (unsigned char)*name) * 0x100000001B3u;
  return value;
}

static bool is_name(const char *known, const char *prefix, const char *name) {
  if (!prefix) return strcmp(known, name) == 0;
  size_t length = strlen(prefix);
  return strncmp(known, prefix, length) == 0 && known[length] == ':' && strcmp(known + length + 1, name) == 0;
}

// The index of a name that is searched for, or SIZE_MAX.
static size_t find(const haplo_xml *file, const xmlChar *prefix, const xmlChar *name) {
  if (file->table_size == 0) return SIZE_MAX;
  size_t mask = file->table_size - 1, at = hash((const char *)prefix, (const char *)name) & mask;
  for (; file->table[at] != 0; at = (at + 1) & mask) {
    size_t index = file->table[at] - 1;
    if (is_name(file->names[index], (const char *)prefix, (const char *)name)) return index;
  }
  return SIZE_MAX;
}

static void see(haplo_xml *file, const xmlChar *prefix, const xmlChar *name) {
  size_t index = find(file, prefix, name);
  if (index == SIZE_MAX || file->seen[index]) return;
  file->seen[index] = true;
  file->unseen--;
}

// MARK: Records for those who want them

static void add_text_part(haplo_xml *file, char kind, const xmlChar *text, size_t length) {
  haplo_parts_add(&file->parts, kind, NULL, text, length);
}

static void add_begin(haplo_xml *file, const xmlChar *name, int attribute_count, const xmlChar **attributes) {
  if (!file->parts.is_wanted) return;
  if (file->depth == file->record_depth) {
    add_text_part(file, HAPLO_XML_BEGIN_RECORD, NULL, 0);
    // Of each attribute: local name, prefix, URI, begin and end of the value.
    for (int i = 0; i < attribute_count && file->fields_are_attributes; i++) {
      const xmlChar **of = attributes + 5 * i;
      haplo_parts_add(&file->parts, HAPLO_XML_BEGIN_FIELD, (const char *)of[1], of[0], strlen((const char *)of[0]));
      add_text_part(file, HAPLO_XML_TEXT, of[3], (size_t)(of[4] - of[3]));
      add_text_part(file, HAPLO_XML_END_FIELD, NULL, 0);
    }
  } else if (file->depth > file->record_depth && !file->fields_are_attributes) {
    bool is_field = file->depth == file->record_depth + 1;
    add_text_part(file, is_field ? HAPLO_XML_BEGIN_FIELD : HAPLO_XML_BEGIN_INNER, name, strlen((const char *)name));
  }
}

static void add_end(haplo_xml *file) {
  if (!file->parts.is_wanted) return;
  if (file->depth == file->record_depth) add_text_part(file, HAPLO_XML_END_RECORD, NULL, 0);
  if (file->depth <= file->record_depth || file->fields_are_attributes) return;
  bool is_field = file->depth == file->record_depth + 1;
  add_text_part(file, is_field ? HAPLO_XML_END_FIELD : HAPLO_XML_END_INNER, NULL, 0);
}

// Only the text of a field itself is what the server reads; what its own children hold is part of it all the same.
static void take_text(void *data, const xmlChar *text, int length) {
  haplo_xml *file = data;
  if (file->is_stopped || !file->field) return;
  bool is_field = file->depth == file->record_depth + 1;
  add_text_part(file, is_field ? HAPLO_XML_TEXT : HAPLO_XML_INNER_TEXT, text, (size_t)length);
}

// MARK: Elements

static void start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int namespace_count, const xmlChar **namespaces, int attribute_count,
                          int defaulted_count, const xmlChar **attributes) {
  (void)prefix, (void)uri, (void)namespaces, (void)defaulted_count;
  haplo_xml *file = data;
  file->has_element = true;
  file->depth++;
  if (file->is_stopped || file->depth > DEEPEST) return;
  file->namespaces[file->depth] = (unsigned short)namespace_count;
  file->namespace_count += (size_t)namespace_count;
  if (file->namespace_count > MOST_NAMESPACES)
    return stop_with(file, true, file->context->input->line, 1,
                     "not examined from here: more than 2048 namespaces are declared");
  add_begin(file, name, attribute_count, attributes);
  if (file->depth == file->record_depth) {
    file->records++;
    if (!file->fields_are_attributes || file->unseen == 0) return;
    // Of each attribute: local name, prefix, URI, begin and end of the value. The server's name has the prefix.
    for (int i = 0; i < attribute_count; i++) see(file, attributes[5 * i + 1], attributes[5 * i]);
  } else if (file->depth == file->record_depth + 1 && !file->fields_are_attributes) {
    file->field = name;
    file->has_cdata = false;
    if (file->unseen > 0) see(file, NULL, name);
  }
}

static void end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  (void)name, (void)prefix, (void)uri;
  haplo_xml *file = data;
  add_end(file);
  if (file->depth <= DEEPEST && file->depth >= 0) file->namespace_count -= file->namespaces[file->depth];
  file->depth--;
  if (file->depth == file->record_depth) file->field = NULL;
}

// MARK: Entities

static void declare_entity(void *data, const xmlChar *name, int type, const xmlChar *public_id,
                           const xmlChar *system_id, xmlChar *content) {
  (void)public_id, (void)system_id, (void)content;
  haplo_xml *file = data;
  bool is_parameter = type == XML_INTERNAL_PARAMETER_ENTITY || type == XML_EXTERNAL_PARAMETER_ENTITY;
  if (is_parameter || file->entity_count == MOST_ENTITIES) return;
  xmlChar *copy = xmlStrdup(name);
  if (copy) file->entities[file->entity_count++] = copy;
}

// What libxml2 takes for predefined is put in place as it is and never looked into. So a file that declares entities
// of entities of entities costs nothing, and one that names /etc/passwd gets a blank.
static xmlEntityPtr find_entity(void *data, const xmlChar *name) {
  haplo_xml *file = data;
  bool is_known = file->entity_count == MOST_ENTITIES;
  for (size_t i = 0; i < file->entity_count && !is_known; i++) is_known = xmlStrEqual(file->entities[i], name);
  return is_known ? &file->entity : NULL;
}

// A parameter entity that is none is passed over, with a warning; then libxml2 no longer asks that all be declared.
static xmlEntityPtr find_parameter_entity(void *data, const xmlChar *name) {
  (void)name;
  return &((haplo_xml *)data)->entity;
}

// MARK: Errors of libxml2

// Counts back to the last newline in libxml2's buffer, for its own columns are characters. A line that began before
// the buffer has only those. An end tag that does not fit is noticed behind it; its beginning is what people look for.
static long column(xmlParserCtxtPtr context, int code, bool is_end, long characters) {
  xmlParserInputPtr input = context->input;
  if (!input || !input->base || input->cur < input->base) return characters > 0 ? characters : 1;
  const xmlChar *place = is_end ? input->end : input->cur, *line = place;
  while (line > input->base && line[-1] != '\n') line--;
  if (code == XML_ERR_TAG_NAME_MISMATCH) {
    while (place > line && *place != '<') place--;
  }
  bool is_whole = line > input->base || input->consumed == 0;
  long bytes = place - line + 1;
  return is_whole || bytes > characters ? bytes : characters;
}

// What is left unread at the end of a file belongs to it.
static long lines_left(xmlParserCtxtPtr context) {
  long lines = 0;
  for (const xmlChar *at = context->input->cur; at < context->input->end; at++) lines += *at == '\n';
  return lines;
}

// At the end of a file libxml2 always speaks of extra content, whatever is missing.
static const char *words_for(const haplo_xml *file, const xmlError *error) {
  if (error->code == XML_ERR_DOCUMENT_END && !file->has_element) return "the document has no element";
  if (error->code == XML_ERR_DOCUMENT_END && file->depth > 0) return "the document ends inside an element";
  if (!error->message) return "not well-formed";
  return strstr(error->message, "detected an error in element content") ? "invalid markup inside an element"
                                                                         : error->message;
}

static bool is_limit(const xmlError *error) {
  if (error->code == XML_ERR_NO_MEMORY || error->code == XML_ERR_NAME_TOO_LONG) return true;
  const char *words = error->message ? error->message : "";
  return strstr(words, "XML_PARSE_HUGE") || strstr(words, "too long") || strstr(words, "Huge input lookup") ||
         strstr(words, "too large") || strstr(words, "too big");
}

static void note(void *data, xmlErrorPtr error) {
  haplo_xml *file = data;
  if (error->level < XML_ERR_ERROR || file->is_stopped) return;
  // Declarations outside the file are unknown, and the server does not read them either.
  if (error->code == XML_WAR_UNDECLARED_ENTITY) return;
  // A namespace may have any name; only one without a declaration is an error for the server's parser.
  if (error->domain == XML_FROM_NAMESPACE && error->code < XML_NS_ERR_XML_NAMESPACE) return;
  bool limit = is_limit(error);
  long line = error->line > 0 ? error->line : 1;
  // Too early an end is at the end; what follows the outermost element is where libxml2 stopped.
  bool is_end = error->code == XML_ERR_DOCUMENT_END && (!file->has_element || file->depth > 0);
  if (is_end && file->context && file->context->input) line += lines_left(file->context);
  long at = file->context ? column(file->context, error->code, is_end, error->int2) : 1;
  haplo_xml_problem *problem = stop(file, limit, line, at);
  const char *words = words_for(file, error);
  int length = (int)strcspn(words, "\n");
  while (length > 0 && words[length - 1] == ' ') length--;
  snprintf(problem->message, sizeof problem->message, "%s%.*s", limit ? "not examined from here: " : "", length,
           words);
}

// The server's reader of children collects text nodes only, so the content of a CDATA section is lost.
static void take_cdata(void *data, const xmlChar *text, int length) {
  haplo_xml *file = data;
  if (file->is_stopped || !file->field) return;
  add_text_part(file, HAPLO_XML_INNER_TEXT, text, (size_t)length);
  if (file->has_cdata) return;
  while (length > 0 && strchr(" \t\r\n", text[length - 1])) length--;
  if (length == 0) return;
  bool is_used = find(file, NULL, file->field) != SIZE_MAX;
  if (file->names_are_known && !is_used) return;
  file->has_cdata = true;
  long line = file->context->input->line, at = column(file->context, 0, false, 10) - 9;
  add_text(file, !file->names_are_known, line, at,
           "the server reads no CDATA section, so this field is empty; write it as text");
}

// MARK: The life of a file

static xmlSAXHandler callbacks(void) {
  xmlSAXHandler handler;
  memset(&handler, 0, sizeof handler);
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = start_element;
  handler.endElementNs = end_element;
  handler.entityDecl = declare_entity;
  handler.getEntity = find_entity;
  handler.getParameterEntity = find_parameter_entity;
  handler.cdataBlock = take_cdata;
  handler.serror = note;
  return handler;
}

haplo_xml *haplo_xml_begin(bool fields_are_attributes, bool is_single_record, bool names_are_known) {
  pthread_once(&started, xmlInitParser);
  haplo_xml *file = calloc(1, sizeof *file);
  if (!file) return NULL;
  file->fields_are_attributes = fields_are_attributes;
  file->names_are_known = names_are_known;
  file->record_depth = is_single_record ? 1 : 2;
  file->markup.line = file->markup.column = 1;
  file->entity.type = XML_ENTITY_DECL;
  file->entity.etype = XML_INTERNAL_PREDEFINED_ENTITY;
  file->entity.name = (const xmlChar *)"entity";
  file->entity.content = file->entity.orig = (xmlChar *)" ";
  file->entity.length = 1;
  file->entities = calloc(MOST_ENTITIES, sizeof *file->entities);
  xmlSAXHandler handler = callbacks();
  file->context = file->entities ? xmlCreatePushParserCtxt(&handler, file, NULL, 0, NULL) : NULL;
  if (!file->context) {
    haplo_xml_free(file);
    return NULL;
  }
  xmlCtxtUseOptions(file->context, XML_PARSE_NONET | XML_PARSE_NOWARNING);
  return file;
}

bool haplo_xml_look_for(haplo_xml *file, const void *names, size_t length, size_t count) {
  if (count == 0) return true;
  size_t size = 16;
  while (size < count * 2) size *= 2;
  file->text = malloc(length);
  file->names = calloc(count, sizeof *file->names);
  file->seen = calloc(count, sizeof *file->seen);
  file->table = calloc(size, sizeof *file->table);
  if (!file->text || !file->names || !file->seen || !file->table) return false;
  memcpy(file->text, names, length);
  file->table_size = size;
  char *name = file->text;
  for (size_t i = 0; i < count; i++, name += strlen(name) + 1) {
    file->names[i] = name;
    size_t at = hash(NULL, name) & (size - 1);
    while (file->table[at] != 0) at = (at + 1) & (size - 1);
    file->table[at] = (uint32_t)(i + 1);
  }
  file->unseen = count;
  return true;
}

void haplo_xml_keep_parts(haplo_xml *file) {
  file->parts.is_wanted = true;
  file->context->sax->characters = file->context->sax->ignorableWhitespace = take_text;
}

const void *haplo_xml_parts(const haplo_xml *file, size_t *count) {
  *count = file->parts.count;
  return file->parts.bytes;
}

void haplo_xml_forget_parts(haplo_xml *file) { file->parts.count = 0; }

static void parse(haplo_xml *file, const unsigned char *bytes, size_t count, bool is_last) {
  if (file->is_stopped || file->is_foreign) return;
  xmlParseChunk(file->context, (const char *)bytes, (int)count, is_last);
}

// Decides from the XML declaration whether libxml2 reads the file, and gives it the bytes kept back.
static void begin_parsing(haplo_xml *file) {
  if (file->is_open) return;
  file->is_open = true;
  const char *version = file->markup.version;
  if (strcmp(version, "1.1") == 0) {
    file->is_foreign = true;
    add_text(file, true, 1, 1, "XML 1.1: only its markup is examined");
  } else if (*version && strcmp(version, "1.0") != 0) {
    stop_with(file, false, 1, 1, "the server reads XML 1.0 and 1.1 only");
  }
  parse(file, file->opening, file->opening_count, false);
}

// Looks at bytes before libxml2 gets them, so that it never sees what would take it long.
static size_t look_ahead(haplo_xml *file, const unsigned char *bytes, size_t count) {
  size_t length = haplo_markup_take(&file->markup, bytes, count);
  if (file->markup.limit)
    stop_with(file, false, file->markup.start_line, file->markup.start_column, file->markup.limit);
  return length;
}

bool haplo_xml_take(haplo_xml *file, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  while (count > 0 && !file->is_stopped) {
    size_t length = look_ahead(file, at, count < PIECE ? count : PIECE);
    if (file->is_open) {
      parse(file, at, length, false);
    } else if (file->opening_count + length <= OPENING) {
      memcpy(file->opening + file->opening_count, at, length);
      file->opening_count += length;
      if (file->markup.is_declared || file->opening_count == OPENING) begin_parsing(file);
    } else {
      begin_parsing(file);
      parse(file, at, length, false);
    }
    at += length;
    count -= length;
  }
  return !file->is_stopped;
}

void haplo_xml_finish(haplo_xml *file) {
  begin_parsing(file);
  parse(file, NULL, 0, true);
  const haplo_markup *markup = &file->markup;
  if (!markup->prolog) return;
  char text[160];
  snprintf(text, sizeof text, "a %s before the root element makes the server read no record; remove it",
           markup->prolog);
  if (file->problem_count == HAPLO_XML_PROBLEMS) file->problem_count--, file->dropped++;
  add_text(file, false, markup->prolog_line, markup->prolog_column, text);
}

size_t haplo_xml_problem_count(const haplo_xml *file) { return file->problem_count; }

haplo_xml_problem haplo_xml_problem_at(const haplo_xml *file, size_t number) { return file->problems[number]; }

long haplo_xml_dropped(const haplo_xml *file) { return file->dropped; }

bool haplo_xml_is_whole(const haplo_xml *file) {
  return !file->is_stopped && !file->is_foreign && !file->parts.has_failed;
}

long haplo_xml_records(const haplo_xml *file) { return file->records; }

bool haplo_xml_has_seen(const haplo_xml *file, size_t number) { return file->seen[number]; }

void haplo_xml_free(haplo_xml *file) {
  if (file->context) {
    // In SAX mode libxml2 keeps declarations in a document that is the caller's to free.
    if (file->context->myDoc) xmlFreeDoc(file->context->myDoc);
    file->context->myDoc = NULL;
    xmlFreeParserCtxt(file->context);
  }
  for (size_t i = 0; i < file->entity_count; i++) xmlFree(file->entities[i]);
  free(file->text);
  free(file->names);
  free(file->seen);
  free(file->table);
  free(file->entities);
  free(file->parts.bytes);
  free(file);
}
