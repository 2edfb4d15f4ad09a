#ifndef SEXTANT_CCRYPTO_H
#define SEXTANT_CCRYPTO_H

#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

/// What a digest, and an authentication code, is long.
enum { ccrypto_digest_length = 32 };

/// SHA-256 of what has been fed so far. A plain value: a copy goes on by itself.
typedef struct {
    SHA256_CTX context;
} ccrypto_sha256;

void ccrypto_sha256_start(ccrypto_sha256 *hash);
void ccrypto_sha256_feed(ccrypto_sha256 *hash, const void *bytes, size_t count);
void ccrypto_sha256_finish(ccrypto_sha256 *hash, uint8_t digest[ccrypto_digest_length]);

/// HMAC-SHA256 (RFC 2104). Holds what the key opens: wipe it when it is done.
typedef struct {
    ccrypto_sha256 inner;
    ccrypto_sha256 outer;
} ccrypto_hmac;

void ccrypto_hmac_start(ccrypto_hmac *code, const void *key, size_t count);
void ccrypto_hmac_feed(ccrypto_hmac *code, const void *bytes, size_t count);
/// Wipes `code`.
void ccrypto_hmac_finish(ccrypto_hmac *code, uint8_t result[ccrypto_digest_length]);

/// HMAC-SHA1 (RFC 2104) of bytes that are in memory as a whole: for one-time codes only, whose apps know no other.
enum { ccrypto_sha1_length = 20 };
/// 0 when the library refuses.
int ccrypto_hmac_sha1(
    const void *key, size_t key_count, const void *bytes, size_t count, uint8_t result[ccrypto_sha1_length]);

/// Lengths of AES-256-GCM as it is used here, in bytes.
enum { ccrypto_key_length = 32, ccrypto_nonce_length = 12, ccrypto_tag_length = 16 };

/// A text and what it belongs to: the context is authenticated along with it, and not part of the result.
typedef struct {
    const void *bytes;
    size_t count;
    const void *context;
    size_t context_count;
} ccrypto_sealing;

/// Encrypts under a key of `ccrypto_key_length` bytes. `sealed` takes nonce, ciphertext and tag: 28 bytes more than the text. 0 when libcrypto refuses.
int ccrypto_seal(
    const ccrypto_sealing *text, const void *key, const uint8_t nonce[ccrypto_nonce_length], uint8_t *sealed);
/// Decrypts what `ccrypto_seal` made. `text` takes 28 bytes less than what is sealed, and is left empty (zeros) where
/// the result is 0: key, context or a byte is another, or fewer than 28 bytes are sealed.
int ccrypto_open(const ccrypto_sealing *sealed, const void *key, uint8_t *text);

/// Whether all bytes are the same, in a time that does not depend on where they differ.
int ccrypto_is_equal(const void *left, const void *right, size_t count);
/// Overwrites; unlike memset it is never optimised away.
void ccrypto_wipe(void *bytes, size_t count);

#endif
