#include "CXML2.h"
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
// Elements inside one another, at most: libxml2 keeps a few words for each and has no limit of its own here.
enum { DEEPEST = 4096 };

struct haplo_xml {
  xmlParserCtxtPtr context;
  bool fields_are_attributes;
  // Depth of a record's element, the outermost being 1.
  int record_depth;
  int depth;
  bool has_element;
  char **names;
  bool *seen;
  size_t name_count;
  size_t unseen;
  xmlChar **entities;
  size_t entity_count;
  xmlEntity entity;
  haplo_xml_problem problem;
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

static long column(xmlParserCtxtPtr context, int code, bool is_end, long characters);

// MARK: Fields

static void see(haplo_xml *file, const xmlChar *name) {
  for (size_t i = 0; i < file->name_count; i++) {
    if (!file->seen[i] && strcmp(file->names[i], (const char *)name) == 0) {
      file->seen[i] = true;
      file->unseen--;
      return;
    }
  }
}

static void stop_at_depth(haplo_xml *file) {
  if (file->problem.code != 0) return;
  file->problem.code = XML_ERR_INTERNAL_ERROR;
  file->problem.is_limit = true;
  file->problem.line = file->context->input->line;
  file->problem.column = column(file->context, 0, false, 1);
  snprintf(file->problem.message, sizeof file->problem.message, "nested deeper than %d", DEEPEST);
}

static void start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int namespace_count, const xmlChar **namespaces, int attribute_count,
                          int defaulted_count, const xmlChar **attributes) {
  (void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted_count;
  haplo_xml *file = data;
  file->has_element = true;
  if (++file->depth > DEEPEST) return stop_at_depth(file);
  if (file->unseen == 0) return;
  if (!file->fields_are_attributes) {
    if (file->depth == file->record_depth + 1) see(file, name);
  } else if (file->depth == file->record_depth) {
    // Of each attribute: local name, prefix, URI, begin and end of the value.
    for (int i = 0; i < attribute_count; i++) see(file, attributes[5 * i]);
  }
}

static void end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  (void)name, (void)prefix, (void)uri;
  ((haplo_xml *)data)->depth--;
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

// MARK: Problems

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
  return error->message ? error->message : "not well-formed";
}

static bool is_limit(const xmlError *error) {
  if (error->code == XML_ERR_NO_MEMORY || error->code == XML_ERR_NAME_TOO_LONG) return true;
  const char *words = error->message ? error->message : "";
  // Of these libxml2 says only that an internal error happened.
  return error->code == XML_ERR_INTERNAL_ERROR || strstr(words, "XML_PARSE_HUGE") || strstr(words, "too long") ||
         strstr(words, "Huge input lookup") || strstr(words, "too large");
}

static void note(void *data, xmlErrorPtr error) {
  haplo_xml *file = data;
  if (error->level < XML_ERR_ERROR || file->problem.code != 0) return;
  // What is declared outside the file cannot be known, and the server does not ask either.
  if (error->code == XML_WAR_UNDECLARED_ENTITY) return;
  // A namespace may have any name; only one without a declaration is an error for the server's parser.
  if (error->domain == XML_FROM_NAMESPACE && error->code < XML_NS_ERR_XML_NAMESPACE) return;
  file->problem.code = error->code;
  file->problem.is_limit = is_limit(error);
  file->problem.line = error->line > 0 ? error->line : 1;
  // Too early an end is at the end; what follows the outermost element is where libxml2 stopped.
  bool is_end = error->code == XML_ERR_DOCUMENT_END && (!file->has_element || file->depth > 0);
  if (is_end && file->context && file->context->input) file->problem.line += lines_left(file->context);
  file->problem.column = file->context ? column(file->context, error->code, is_end, error->int2) : 1;
  const char *words = words_for(file, error);
  size_t length = strcspn(words, "\n");
  if (length >= sizeof file->problem.message) length = sizeof file->problem.message - 1;
  while (length > 0 && words[length - 1] == ' ') length--;
  memcpy(file->problem.message, words, length);
  file->problem.message[length] = 0;
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
  handler.serror = note;
  return handler;
}

haplo_xml *haplo_xml_begin(bool fields_are_attributes, bool is_single_record) {
  pthread_once(&started, xmlInitParser);
  haplo_xml *file = calloc(1, sizeof *file);
  if (!file) return NULL;
  file->fields_are_attributes = fields_are_attributes;
  file->record_depth = is_single_record ? 1 : 2;
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

bool haplo_xml_look_for(haplo_xml *file, const char *name) {
  size_t count = file->name_count + 1;
  char **names = realloc(file->names, count * sizeof *names);
  if (names) file->names = names;
  bool *seen = realloc(file->seen, count * sizeof *seen);
  if (seen) file->seen = seen;
  char *copy = names && seen ? strdup(name) : NULL;
  if (!copy) return false;
  file->names[file->name_count] = copy;
  file->seen[file->name_count++] = false;
  file->unseen++;
  return true;
}

bool haplo_xml_take(haplo_xml *file, const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0 && file->problem.code == 0) {
    int length = count < PIECE ? (int)count : PIECE;
    xmlParseChunk(file->context, at, length, 0);
    at += length;
    count -= (size_t)length;
  }
  return file->problem.code == 0;
}

haplo_xml_problem haplo_xml_finish(haplo_xml *file) {
  if (file->problem.code == 0) xmlParseChunk(file->context, NULL, 0, 1);
  return file->problem;
}

bool haplo_xml_has_seen(const haplo_xml *file, size_t number) { return file->seen[number]; }

void haplo_xml_free(haplo_xml *file) {
  if (file->context) {
    // In SAX mode libxml2 keeps declarations in a document that is the caller's to free.
    if (file->context->myDoc) xmlFreeDoc(file->context->myDoc);
    file->context->myDoc = NULL;
    xmlFreeParserCtxt(file->context);
  }
  for (size_t i = 0; i < file->name_count; i++) free(file->names[i]);
  for (size_t i = 0; i < file->entity_count; i++) xmlFree(file->entities[i]);
  free(file->names);
  free(file->seen);
  free(file->entities);
  free(file);
}
