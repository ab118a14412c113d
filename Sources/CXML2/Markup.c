#include "Markup.h"
#include <string.h>

// Limits of the server's XML parser. Deep nesting kills its only import worker.
enum { MOST_ATTRIBUTES = 10000, LONGEST_NAME = 1000, DEEPEST = 4096 };
enum { OTHER = 0x80 };

static bool is_space(unsigned c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static void exceed(haplo_markup *markup, const char *limit) {
  if (!markup->limit) markup->limit = limit;
}

// A comment, processing instruction or DOCTYPE that is the document's first node is all that the server looks into.
static void note_prolog(haplo_markup *markup, const char *what) {
  if (markup->has_root || markup->prolog) return;
  markup->prolog = what;
  markup->prolog_line = markup->start_line;
  markup->prolog_column = markup->start_column;
}

static void begin_tag(haplo_markup *markup) {
  markup->state = MARKUP_TAG;
  markup->has_root = markup->is_declared = true;
  markup->attributes = 0;
  markup->name_length = 0;
  markup->quote = 0;
  if (++markup->depth > DEEPEST) exceed(markup, "nested deeper than 4096, which kills the server's import worker");
}

static void read_version(haplo_markup *markup) {
  markup->declaration[markup->declaration_count] = 0;
  const char *at = strstr(markup->declaration, "version");
  if (!at) return;
  at = strpbrk(at, "\"'");
  if (!at) return;
  const char *end = strchr(at + 1, *at);
  size_t length = end ? (size_t)(end - at - 1) : sizeof markup->version;
  if (length >= sizeof markup->version) length = sizeof markup->version - 1;
  memcpy(markup->version, at + 1, length);
  markup->version[length] = 0;
}

// True if the processing instruction is the XML declaration: the first bytes of the file.
static bool is_declaration(const haplo_markup *markup) {
  return markup->declaration_count >= 4 && memcmp(markup->declaration, "xml", 3) == 0 &&
         is_space((unsigned char)markup->declaration[3]) && markup->start_line == 1 &&
         markup->start_column <= 5;
}

static void take_instruction(haplo_markup *markup, unsigned c) {
  if (!markup->is_declared) {
    if (markup->declaration_count < sizeof markup->declaration - 1)
      markup->declaration[markup->declaration_count++] = (char)c;
    if (markup->declaration_count == 4 && !is_declaration(markup)) {
      markup->is_declared = true;
      note_prolog(markup, "processing instruction");
    }
  }
  if (c == '>' && markup->last == '?') {
    if (!markup->is_declared) {
      if (is_declaration(markup)) read_version(markup);
      else note_prolog(markup, "processing instruction");
    }
    markup->is_declared = true;
    markup->state = markup->outer;
  }
}

static void begin_instruction(haplo_markup *markup, haplo_markup_state outer) {
  markup->state = MARKUP_INSTRUCTION;
  markup->outer = outer;
  if (markup->is_declared && outer == MARKUP_TEXT) note_prolog(markup, "processing instruction");
}

static void begin_comment(haplo_markup *markup, haplo_markup_state outer) {
  markup->state = MARKUP_COMMENT;
  markup->outer = outer;
  markup->matched = 0;
  if (outer == MARKUP_TEXT) note_prolog(markup, "comment");
}

// Ends a comment at `-->` and a CDATA section at `]]>`.
static void take_until(haplo_markup *markup, unsigned c, unsigned sign, haplo_markup_state next) {
  if (c == '>' && markup->matched >= 2) markup->state = next;
  markup->matched = c == sign ? markup->matched + 1 : 0;
}

static void take_tag(haplo_markup *markup, unsigned c) {
  if (markup->quote) {
    if (c == markup->quote) markup->quote = 0;
    return;
  }
  switch (c) {
  case '"': case '\'': markup->quote = c; break;
  case '=':
    if (++markup->attributes > MOST_ATTRIBUTES)
      exceed(markup, "more than 10000 attributes on an element, which the server's parser refuses");
    break;
  case '>':
    if (markup->last == '/') markup->depth--;
    markup->state = MARKUP_TEXT;
    break;
  default: break;
  }
  bool ends_name = is_space(c) || c == '/' || c == '=' || c == '>' || c == ':' || c == '"' || c == '\'';
  markup->name_length = ends_name ? 0 : markup->name_length + 1;
  if (markup->name_length > LONGEST_NAME)
    exceed(markup, "a name of more than 1000 characters, which the server's parser refuses");
}

static void take_doctype(haplo_markup *markup, unsigned c) {
  if (markup->quote) {
    if (c == markup->quote) markup->quote = 0;
    return;
  }
  switch (c) {
  case '"': case '\'': markup->quote = c; break;
  case '[': markup->is_subset = true; break;
  case ']': markup->is_subset = false; break;
  case '<': markup->state = MARKUP_DOCTYPE_OPEN; break;
  case '>':
    if (!markup->is_subset) markup->state = MARKUP_TEXT;
    break;
  default: break;
  }
}

static void take_character(haplo_markup *markup, unsigned c) {
  switch (markup->state) {
  case MARKUP_TEXT:
    if (c != '<') break;
    markup->state = MARKUP_OPEN;
    markup->start_line = markup->line;
    markup->start_column = markup->column;
    break;
  case MARKUP_OPEN:
    if (c == '!') markup->state = MARKUP_BANG;
    else if (c == '?') begin_instruction(markup, MARKUP_TEXT);
    else if (c == '/') markup->state = MARKUP_END_TAG, markup->is_declared = true;
    else begin_tag(markup), take_tag(markup, c);
    break;
  case MARKUP_BANG:
    markup->is_declared = true;
    markup->matched = 0;
    if (c == '-') markup->state = MARKUP_DASH;
    else if (c == '[') markup->state = MARKUP_CDATA;
    else markup->state = MARKUP_DOCTYPE, note_prolog(markup, "DOCTYPE");
    break;
  case MARKUP_DASH: begin_comment(markup, MARKUP_TEXT); break;
  case MARKUP_COMMENT: take_until(markup, c, '-', markup->outer); break;
  case MARKUP_CDATA: take_until(markup, c, ']', MARKUP_TEXT); break;
  case MARKUP_INSTRUCTION: take_instruction(markup, c); break;
  case MARKUP_DOCTYPE: take_doctype(markup, c); break;
  case MARKUP_DOCTYPE_OPEN:
    if (c == '?') begin_instruction(markup, MARKUP_DOCTYPE);
    else markup->state = c == '!' ? MARKUP_DOCTYPE_BANG : MARKUP_DOCTYPE;
    break;
  case MARKUP_DOCTYPE_BANG: markup->state = c == '-' ? MARKUP_DOCTYPE_DASH : MARKUP_DOCTYPE; break;
  case MARKUP_DOCTYPE_DASH:
    if (c == '-') begin_comment(markup, MARKUP_DOCTYPE);
    else markup->state = MARKUP_DOCTYPE;
    break;
  case MARKUP_TAG: take_tag(markup, c); break;
  case MARKUP_END_TAG:
    if (c == '>') markup->state = MARKUP_TEXT, markup->depth--;
    break;
  }
  markup->last = c;
}

// The first four bytes tell the width of a character, as XML's appendix F says.
static void find_width(haplo_markup *markup) {
  const unsigned char *b = markup->unit;
  bool wide_little = (b[0] == 0xFF && b[1] == 0xFE) || (b[0] != 0 && b[1] == 0);
  bool wide_big = (b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0 && b[1] != 0);
  markup->is_little = wide_little;
  if (wide_little) markup->width = b[2] == 0 && b[3] == 0 ? 4 : 2;
  else if (wide_big) markup->width = 2;
  else markup->width = b[0] == 0 && b[1] == 0 ? 4 : 1;
}

static void take_unit(haplo_markup *markup, const unsigned char *bytes) {
  int last = markup->width - 1;
  unsigned c = bytes[markup->is_little ? 0 : last];
  for (int i = 0; i <= last; i++) {
    if (i != (markup->is_little ? 0 : last) && bytes[i] != 0) c = OTHER;
  }
  if (c > OTHER && markup->width > 1) c = OTHER;
  // In UTF-8 the bytes after the first are no characters of their own.
  if (markup->width > 1 || c < 0x80 || c >= 0xC0) take_character(markup, c);
  markup->column += markup->width;
  if (c == '\n') markup->line++, markup->column = 1;
}

static void take_byte(haplo_markup *markup, unsigned char byte) {
  if (markup->width == 1) return take_unit(markup, &byte);
  markup->unit[markup->unit_count++] = byte;
  if (markup->width == 0) {
    if (markup->unit_count < 4) return;
    find_width(markup);
    markup->unit_count = 0;
    for (int i = 0; i < 4; i += markup->width) take_unit(markup, markup->unit + i);
  } else if (markup->unit_count == markup->width) {
    markup->unit_count = 0;
    take_unit(markup, markup->unit);
  }
}

// Skips text, of which only line ends matter.
static size_t skip_text(haplo_markup *markup, const unsigned char *bytes, size_t count) {
  size_t at = 0;
  long column = markup->column;
  for (; at < count && bytes[at] != '<'; at++) {
    column++;
    if (bytes[at] == '\n') markup->line++, column = 1;
  }
  markup->column = column;
  return at;
}

size_t haplo_markup_take(haplo_markup *markup, const unsigned char *bytes, size_t count) {
  bool was_declared = markup->is_declared;
  size_t at = 0;
  while (at < count && !markup->limit && markup->is_declared == was_declared) {
    if (markup->width == 1 && markup->state == MARKUP_TEXT) at += skip_text(markup, bytes + at, count - at);
    if (at < count) take_byte(markup, bytes[at++]);
  }
  return at;
}
