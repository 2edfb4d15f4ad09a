#include "CCurl.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "Initialization.h"

static pthread_once_t initialized = PTHREAD_ONCE_INIT;
static CURLcode initialization = CURLE_FAILED_INIT;

static void initialize(void) { initialization = curl_global_init(CURL_GLOBAL_DEFAULT); }

int ccurl_initialize(void) {
    pthread_once(&initialized, initialize);
    return initialization == CURLE_OK;
}

typedef struct {
    const char *bytes;
    size_t left;
} reading;

static size_t read_message(char *target, size_t size, size_t count, void *context) {
    reading *source = context;
    size_t length = size * count;
    if (length > source->left) length = source->left;
    memcpy(target, source->bytes, length);
    source->bytes += length;
    source->left -= length;
    return length;
}

/// Server replies arrive here, a line each. The one to QUIT comes after the one that decided, and is not kept.
static size_t keep_reply(char *line, size_t size, size_t count, void *context) {
    ccurl_mail_result *result = context;
    size_t length = size * count;
    if (length >= 3 && memcmp(line, "221", 3) == 0) return length;
    size_t kept = length < sizeof result->reply - 1 ? length : sizeof result->reply - 1;
    while (kept > 0 && (line[kept - 1] == '\r' || line[kept - 1] == '\n')) kept -= 1;
    memcpy(result->reply, line, kept);
    result->reply[kept] = 0;
    return length;
}

void ccurl_send_mail(const ccurl_mail *mail, ccurl_mail_result *result) {
    memset(result, 0, sizeof *result);
    CURL *curl = ccurl_initialize() ? curl_easy_init() : NULL;
    if (curl == NULL) {
        result->code = CURLE_FAILED_INIT;
        snprintf(result->error, sizeof result->error, "libcurl could not be initialized");
        return;
    }
    struct curl_slist *recipients = NULL;
    for (size_t index = 0; index < mail->recipient_count; index += 1) {
        struct curl_slist *longer = curl_slist_append(recipients, mail->recipients[index]);
        if (longer == NULL) {
            result->code = CURLE_OUT_OF_MEMORY;
            curl_slist_free_all(recipients);
            curl_easy_cleanup(curl);
            return;
        }
        recipients = longer;
    }
    reading source = {mail->message, mail->message_length};
    long tls = mail->tls == ccurl_tls_required       ? CURLUSESSL_ALL
               : mail->tls == ccurl_tls_when_offered ? CURLUSESSL_TRY
                                                     : CURLUSESSL_NONE;

    // Any option that this libcurl does not know ends the attempt: a message must not go out less protected than asked.
    CURLcode code = CURLE_OK;
#define SET(option, value) \
    if (code == CURLE_OK) code = curl_easy_setopt(curl, option, value)
    SET(CURLOPT_ERRORBUFFER, result->error);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_URL, mail->url);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_USE_SSL, tls);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (mail->certificate_authorities != NULL) SET(CURLOPT_CAINFO, mail->certificate_authorities);
    if (mail->user != NULL) {
        SET(CURLOPT_USERNAME, mail->user);
        SET(CURLOPT_PASSWORD, mail->password != NULL ? mail->password : "");
    }
    SET(CURLOPT_MAIL_FROM, mail->sender);
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, read_message);
    SET(CURLOPT_READDATA, &source);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->message_length);
    SET(CURLOPT_HEADERFUNCTION, keep_reply);
    SET(CURLOPT_HEADERDATA, result);
    SET(CURLOPT_CONNECTTIMEOUT, mail->connect_timeout);
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, mail->response_timeout);
    SET(CURLOPT_TIMEOUT, mail->total_timeout);
#undef SET
    if (code == CURLE_OK) code = curl_easy_perform(curl);
    result->code = (int)code;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &result->reply_code);
    if (code != CURLE_OK && result->error[0] == 0) {
        snprintf(result->error, sizeof result->error, "%s", curl_easy_strerror(code));
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(recipients);
}

ccurl_failure ccurl_failure_kind(int code) {
    switch ((CURLcode)code) {
        case CURLE_USE_SSL_FAILED:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR: return ccurl_failure_tls;
        case CURLE_LOGIN_DENIED:
        case CURLE_AUTH_ERROR: return ccurl_failure_login;
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_NOT_BUILT_IN:
        case CURLE_UNKNOWN_OPTION:
        case CURLE_BAD_FUNCTION_ARGUMENT: return ccurl_failure_configuration;
        default: return ccurl_failure_connection;
    }
}
