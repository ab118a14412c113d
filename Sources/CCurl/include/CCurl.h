/// libcurl for Swift. `curl_easy_setopt` and its relatives are variadic and cannot be imported;
/// here stands one typed function for each kind of argument.
#ifndef HAPLO_CCURL_H
#define HAPLO_CCURL_H
#include <curl/curl.h>
#endif
