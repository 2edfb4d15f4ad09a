// OpenSSL would have digests made through EVP, which looks the method up and allocates for each, and may fail. These
// functions are the same code beneath it: they work on a plain value and cannot fail. Deprecated means discouraged for
// those who choose among methods; they are part of OpenSSL 3 and 4.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "CCrypto.h"

void ccrypto_sha256_start(ccrypto_sha256 *hash) { SHA256_Init(&hash->context); }

void ccrypto_sha256_feed(ccrypto_sha256 *hash, const void *bytes, size_t count) {
    if (count > 0) SHA256_Update(&hash->context, bytes, count);
}

void ccrypto_sha256_finish(ccrypto_sha256 *hash, uint8_t digest[ccrypto_digest_length]) {
    SHA256_Final(digest, &hash->context);
}

enum { block_length = 64 };

static void start_with_block(ccrypto_sha256 *hash, uint8_t block[block_length], uint8_t mask) {
    for (size_t index = 0; index < block_length; index += 1) block[index] ^= mask;
    ccrypto_sha256_start(hash);
    ccrypto_sha256_feed(hash, block, block_length);
}

void ccrypto_hmac_start(ccrypto_hmac *code, const void *key, size_t count) {
    uint8_t block[block_length] = {0};
    if (count > block_length) {
        ccrypto_sha256 hash;
        ccrypto_sha256_start(&hash);
        ccrypto_sha256_feed(&hash, key, count);
        ccrypto_sha256_finish(&hash, block);
        ccrypto_wipe(&hash, sizeof hash);
    } else if (count > 0) {
        memcpy(block, key, count);
    }
    start_with_block(&code->inner, block, 0x36);
    start_with_block(&code->outer, block, 0x36 ^ 0x5C);
    ccrypto_wipe(block, sizeof block);
}

void ccrypto_hmac_feed(ccrypto_hmac *code, const void *bytes, size_t count) {
    ccrypto_sha256_feed(&code->inner, bytes, count);
}

void ccrypto_hmac_finish(ccrypto_hmac *code, uint8_t result[ccrypto_digest_length]) {
    ccrypto_sha256_finish(&code->inner, result);
    ccrypto_sha256_feed(&code->outer, result, ccrypto_digest_length);
    ccrypto_sha256_finish(&code->outer, result);
    ccrypto_wipe(code, sizeof *code);
}

int ccrypto_is_equal(const void *left, const void *right, size_t count) { return CRYPTO_memcmp(left, right, count) == 0; }

void ccrypto_wipe(void *bytes, size_t count) { OPENSSL_cleanse(bytes, count); }

int ccrypto_hmac_sha1(
    const void *key, size_t key_count, const void *bytes, size_t count, uint8_t result[ccrypto_sha1_length]) {
    unsigned int length = ccrypto_sha1_length;
    return HMAC(EVP_sha1(), key, (int)key_count, bytes, count, result, &length) != NULL;
}
