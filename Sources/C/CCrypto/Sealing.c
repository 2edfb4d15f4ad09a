#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#include "CCrypto.h"

static pthread_once_t initialized = PTHREAD_ONCE_INIT;
/// AES-256-GCM, looked up once: that takes longer than sealing a secret. Kept as long as the process.
static EVP_CIPHER *method = NULL;

static void initialize(void) {
    // What libcrypto keeps is not taken down at exit, when threads of ours may still be using it.
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1) method = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

/// The context of one AES-256-GCM; NULL when there is none to be had.
static EVP_CIPHER_CTX *start(const void *key, const uint8_t *nonce, int encrypts) {
    pthread_once(&initialized, initialize);
    EVP_CIPHER_CTX *cipher = method == NULL ? NULL : EVP_CIPHER_CTX_new();
    if (cipher == NULL) return NULL;
    // The nonce has the length that GCM takes unless told otherwise.
    if (EVP_CipherInit_ex(cipher, method, NULL, key, nonce, encrypts) == 1) return cipher;
    EVP_CIPHER_CTX_free(cipher);
    return NULL;
}

/// Feeds bytes, which may be none. With `target` NULL they are only authenticated.
static int feed(EVP_CIPHER_CTX *cipher, uint8_t *target, const void *bytes, size_t count) {
    int written = 0;
    return count == 0 || EVP_CipherUpdate(cipher, target, &written, bytes, (int)count) == 1;
}

static int is_too_long(const ccrypto_sealing *input) {
    return input->count > INT_MAX / 2 || input->context_count > INT_MAX / 2;
}

int ccrypto_seal(
    const ccrypto_sealing *text, const void *key, const uint8_t nonce[ccrypto_nonce_length], uint8_t *sealed
) {
    EVP_CIPHER_CTX *cipher = is_too_long(text) ? NULL : start(key, nonce, 1);
    if (cipher == NULL) return 0;
    memcpy(sealed, nonce, ccrypto_nonce_length);
    uint8_t *target = sealed + ccrypto_nonce_length;
    uint8_t *tag = target + text->count;
    int rest = 0;
    int is_done = feed(cipher, NULL, text->context, text->context_count) &&
                  feed(cipher, target, text->bytes, text->count) && EVP_CipherFinal_ex(cipher, tag, &rest) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, ccrypto_tag_length, tag) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return is_done;
}

int ccrypto_open(const ccrypto_sealing *sealed, const void *key, uint8_t *text) {
    if (sealed->count < ccrypto_nonce_length + ccrypto_tag_length || is_too_long(sealed)) return 0;
    const uint8_t *nonce = sealed->bytes;
    const uint8_t *source = nonce + ccrypto_nonce_length;
    size_t count = sealed->count - ccrypto_nonce_length - ccrypto_tag_length;
    uint8_t tag[ccrypto_tag_length];
    memcpy(tag, source + count, sizeof tag);
    EVP_CIPHER_CTX *cipher = start(key, nonce, 0);
    if (cipher == NULL) return 0;
    int rest = 0;
    // What the final step would write goes nowhere: GCM leaves nothing over.
    uint8_t nothing[EVP_MAX_BLOCK_LENGTH];
    int is_genuine = EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
                     feed(cipher, NULL, sealed->context, sealed->context_count) &&
                     feed(cipher, text, source, count) && EVP_CipherFinal_ex(cipher, nothing, &rest) == 1;
    EVP_CIPHER_CTX_free(cipher);
    // Nobody may read what was not authenticated.
    if (!is_genuine && count > 0) ccrypto_wipe(text, count);
    return is_genuine;
}
