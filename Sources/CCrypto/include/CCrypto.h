/// OpenSSL's libcrypto for Swift: message digests, and the end of a certificate's validity.
#ifndef HAPLO_CCRYPTO_H
#define HAPLO_CCRYPTO_H
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

/// When a certificate in DER expires, in seconds since 1970; -1 if the bytes are none. ASN1_TIME has no function that Swift could
/// import without its struct tm.
int64_t haplo_certificate_expiry_der(const void *bytes, size_t size);

/// The same for the first certificate of a text in PEM.
int64_t haplo_certificate_expiry_pem(const void *bytes, size_t size);
#endif
