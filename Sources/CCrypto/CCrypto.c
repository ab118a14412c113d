#define _GNU_SOURCE
#include "CCrypto.h"
#include <limits.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

/// Takes the certificate.
static int64_t expiry(X509 *certificate) {
  struct tm end;
  int64_t seconds = -1;
  if (certificate && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1) seconds = timegm(&end);
  X509_free(certificate);
  return seconds;
}

int64_t haplo_certificate_expiry_der(const void *bytes, size_t size) {
  const unsigned char *at = bytes;
  return size > LONG_MAX ? -1 : expiry(d2i_X509(NULL, &at, (long)size));
}

int64_t haplo_certificate_expiry_pem(const void *bytes, size_t size) {
  BIO *text = size > INT_MAX ? NULL : BIO_new_mem_buf(bytes, (int)size);
  int64_t seconds = text ? expiry(PEM_read_bio_X509(text, NULL, NULL, (void *)"")) : -1;
  BIO_free(text);
  return seconds;
}
