#define _GNU_SOURCE
#include "CCrypto.h"
#include <limits.h>
#include <openssl/err.h>
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

static BIO *memory(const void *bytes, size_t size) {
  return size > INT_MAX ? NULL : BIO_new_mem_buf(bytes, (int)size);
}

int haplo_count_trusted(const void *bytes, size_t size) {
  BIO *text = memory(bytes, size);
  STACK_OF(X509_INFO) *blocks = text ? PEM_X509_INFO_read_bio(text, NULL, NULL, (void *)"") : NULL;
  int count = 0;
  for (int index = 0; index < sk_X509_INFO_num(blocks); index++) {
    X509_INFO *block = sk_X509_INFO_value(blocks, index);
    count += (block->x509 != NULL) + (block->crl != NULL);
  }
  sk_X509_INFO_pop_free(blocks, X509_INFO_free);
  BIO_free(text);
  ERR_clear_error();
  return count;
}

int haplo_compare_key(const void *certificate, size_t certificate_size, const void *key, size_t key_size) {
  BIO *certificates = memory(certificate, certificate_size);
  BIO *keys = memory(key, key_size);
  X509 *own = certificates ? PEM_read_bio_X509_AUX(certificates, NULL, NULL, (void *)"") : NULL;
  EVP_PKEY *secret = keys ? PEM_read_bio_PrivateKey(keys, NULL, NULL, (void *)"") : NULL;
  int result = !own ? -1 : !secret ? -2 : X509_check_private_key(own, secret) == 1;
  X509_free(own);
  EVP_PKEY_free(secret);
  BIO_free(certificates);
  BIO_free(keys);
  ERR_clear_error();
  return result;
}
