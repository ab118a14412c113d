/// OpenSSL's libcrypto for Swift: message digests, the end of a certificate's validity, and what TLS will make of PEM files.
#ifndef HAPLO_CCRYPTO_H
#define HAPLO_CCRYPTO_H
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

/// When a certificate in DER expires, in seconds since 1970; -1 if the bytes are none. ASN1_TIME has no function that Swift could
/// import without its struct tm.
int64_t haplo_certificate_expiry_der(const void *bytes, size_t size);

/// Expiry of the first certificate of a text in PEM.
int64_t haplo_certificate_expiry_pem(const void *bytes, size_t size);

/// Returns how many certificates and revocation lists a file of trusted ones has (PEM), read as SSL_CTX_load_verify_file(3)
/// reads it: one block that cannot be read spoils the file, which then has 0.
int haplo_count_trusted(const void *bytes, size_t size);

/// Returns 1 if the private key belongs to the first certificate (both PEM, perhaps the same file), 0 if it does not, -1 if
/// there is no certificate that can be read, -2 if there is no private key that can be read without a pass phrase.
int haplo_compare_key(const void *certificate, size_t certificate_size, const void *key, size_t key_size);
#endif
