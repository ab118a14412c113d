/// libxml2's push parser of HTML for Swift, for one purpose: to see elements and text of a page as they arrive.
#ifndef HAPLO_CHTML_H
#define HAPLO_CHTML_H
#include <stddef.h>

/// A page that is being read.
typedef struct haplo_html haplo_html;

/// Told of an element's begin. `attributes` are names and values in turn up to a NULL, or NULL; a value may be NULL.
typedef void (*haplo_html_starter)(void *context, const char *name, const char *const *attributes);
/// Told of an element's end, also where the page leaves it out.
typedef void (*haplo_html_ender)(void *context, const char *name);
/// Told of a piece of text in UTF-8, entities replaced.
typedef void (*haplo_html_teller)(void *context, const char *bytes, size_t count);

/// Begins a page in UTF-8. Nothing outside of it is ever read, and no tree is built. NULL: no memory.
haplo_html *haplo_html_begin(void *context, haplo_html_starter starter, haplo_html_ender ender,
                             haplo_html_teller teller);

/// Takes the next piece.
void haplo_html_take(haplo_html *page, const void *bytes, size_t count);

/// Ends the page, all of which was given.
void haplo_html_finish(haplo_html *page);

/// Frees all.
void haplo_html_free(haplo_html *page);
#endif
