/// OpenSSL's libcrypto for Swift: message digests.
#ifndef HAPLO_CCRYPTO_H
#define HAPLO_CCRYPTO_H
#include <openssl/evp.h>
#endif
