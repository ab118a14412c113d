#include "CHTML.h"
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// libxml2 is given no more at once than this: it keeps what it was given in a buffer of its own.
enum { HTML_PIECE = 16 * 1024 };

struct haplo_html {
  htmlParserCtxtPtr parser;
  xmlSAXHandler handler;
  void *context;
  haplo_html_starter starter;
  haplo_html_ender ender;
  haplo_html_teller teller;
};

static pthread_once_t html_started = PTHREAD_ONCE_INIT;

static void started(void *page, const xmlChar *name, const xmlChar **attributes) {
  haplo_html *html = page;
  html->starter(html->context, (const char *)name, (const char *const *)attributes);
}

static void ended(void *page, const xmlChar *name) {
  haplo_html *html = page;
  html->ender(html->context, (const char *)name);
}

static void told(void *page, const xmlChar *bytes, int count) {
  haplo_html *html = page;
  if (count > 0) html->teller(html->context, (const char *)bytes, (size_t)count);
}

haplo_html *haplo_html_begin(void *context, haplo_html_starter starter, haplo_html_ender ender,
                             haplo_html_teller teller) {
  pthread_once(&html_started, xmlInitParser);
  haplo_html *page = calloc(1, sizeof *page);
  if (!page) return NULL;
  page->context = context;
  page->starter = starter;
  page->ender = ender;
  page->teller = teller;
  page->handler.startElement = started;
  page->handler.endElement = ended;
  page->handler.characters = told;
  page->handler.ignorableWhitespace = told;
  page->handler.cdataBlock = NULL;
  page->parser = htmlCreatePushParserCtxt(&page->handler, page, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
  if (!page->parser) {
    free(page);
    return NULL;
  }
  htmlCtxtUseOptions(page->parser,
                     HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER);
  return page;
}

void haplo_html_take(haplo_html *page, const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0) {
    size_t length = count < HTML_PIECE ? count : HTML_PIECE;
    htmlParseChunk(page->parser, at, (int)length, 0);
    at += length;
    count -= length;
  }
}

void haplo_html_finish(haplo_html *page) { htmlParseChunk(page->parser, NULL, 0, 1); }

void haplo_html_free(haplo_html *page) {
  if (page->parser->myDoc) xmlFreeDoc(page->parser->myDoc);
  page->parser->myDoc = NULL;
  htmlFreeParserCtxt(page->parser);
  free(page);
}
