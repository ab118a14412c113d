/// libcurl for Swift. `curl_easy_setopt` and its relatives are variadic and cannot be imported;
/// here stands one typed function for each kind of argument, and each callback that is used has a
/// setter of its own, so that a function of the wrong shape does not compile.
#ifndef HAPLO_CCURL_H
#define HAPLO_CCURL_H
#include <curl/curl.h>
#include <stdint.h>

/// curl_global_init(3), whose flags are macros with casts. Not needed to be undone: the process ends.
CURLcode haplo_curl_start(void);

/// curl_easy_setopt(3) for options that take a long.
CURLcode haplo_curl_set_long(CURL *handle, CURLoption option, long value);

/// curl_easy_setopt(3) for options that take a curl_off_t.
CURLcode haplo_curl_set_offset(CURL *handle, CURLoption option, int64_t value);

/// curl_easy_setopt(3) for options that take text, which is copied; NULL puts the option back.
CURLcode haplo_curl_set_text(CURL *handle, CURLoption option, const char *value);

/// curl_easy_setopt(3) for CURLOPT_COPYPOSTFIELDS with a body of `size` bytes, which is copied.
CURLcode haplo_curl_set_form(CURL *handle, const void *body, int64_t size);

/// A POST of `size` bytes that are read while they are sent: CURLOPT_READFUNCTION, and CURLOPT_SEEKFUNCTION for going
/// back. `context` must outlive the transfer.
CURLcode haplo_curl_set_source(CURL *handle, curl_read_callback read, curl_seek_callback seek, void *context,
                               int64_t size);

/// curl_easy_setopt(3) for CURLOPT_HTTPHEADER; the list must outlive the transfer.
CURLcode haplo_curl_set_headers(CURL *handle, struct curl_slist *headers);

/// curl_easy_setopt(3) for CURLOPT_ERRORBUFFER: CURL_ERROR_SIZE bytes that outlive the transfer.
CURLcode haplo_curl_set_error_buffer(CURL *handle, char *buffer);

/// curl_easy_setopt(3) for the HTTP rules whose values are macros with casts: HTTP/1.1 only, basic
/// authentication sent at once, TLS 1.2 or later.
CURLcode haplo_curl_set_protocol_rules(CURL *handle);

/// CURLOPT_PREREQFUNCTION: asked each time a request is about to be sent; 0 lets it go.
typedef int (*haplo_curl_prerequest)(
    void *context, char *peer, char *local, int peer_port, int local_port);
/// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
typedef size_t (*haplo_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

CURLcode haplo_curl_set_prerequest(CURL *handle, haplo_curl_prerequest function, void *context);
CURLcode haplo_curl_set_body_receiver(CURL *handle, haplo_curl_receiver function, void *context);
CURLcode haplo_curl_set_header_receiver(CURL *handle, haplo_curl_receiver function, void *context);

/// CURLOPT_CLOSESOCKETFUNCTION: closes a connection's socket, whichever transfer used it last. It stays
/// with the connection, so that `context` must outlive the multi handle.
CURLcode haplo_curl_set_closer(CURL *handle, curl_closesocket_callback function, void *context);

/// CURLOPT_SOCKOPTFUNCTION: called with each socket before it connects, and never refuses one. `context` must outlive the
/// multi handle.
CURLcode haplo_curl_set_opener(CURL *handle, curl_sockopt_callback function, void *context);

/// CURLOPT_DEBUGFUNCTION with CURLOPT_VERBOSE: among others, called with each message of a TLS handshake.
CURLcode haplo_curl_set_observer(CURL *handle, curl_debug_callback function, void *context);

/// tcp_info of a connection, whose newer members only <linux/tcp.h> has: how many bytes of ours the peer has acknowledged,
/// and whether it has closed its side before anything else ended the connection. 0, or -1 when that is not known.
int haplo_tcp_progress(int socket, uint64_t *acknowledged, int *peer_has_closed);

/// curl_easy_getinfo(3) for longs; 0 when there is none.
long haplo_curl_get_long(CURL *handle, CURLINFO info);

/// curl_easy_getinfo(3) for curl_off_t; -1 when there is none.
int64_t haplo_curl_get_offset(CURL *handle, CURLINFO info);

/// curl_multi_setopt(3) for options that take a long.
CURLMcode haplo_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// 1 when libcurl has a connection to attend to though no transfer needs it, such as one that it is closing; curl_multi_fdset(3)
/// takes sets that are made by macros.
int haplo_curl_multi_is_busy(CURLM *multi);

/// Takes the next finished transfer and its result; NULL when there is none. CURLMsg holds a union,
/// of which only one member counts.
CURL *haplo_curl_multi_next_done(CURLM *multi, CURLcode *result);

#endif
