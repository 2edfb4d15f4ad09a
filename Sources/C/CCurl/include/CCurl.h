#ifndef SEXTANT_CCURL_H
#define SEXTANT_CCURL_H

#include <stddef.h>
#include <stdint.h>

/// How a connection is protected.
typedef enum {
    /// Never encrypted.
    ccurl_tls_none = 0,
    /// Encrypted with STARTTLS when the server offers it.
    ccurl_tls_when_offered = 1,
    /// Encrypted with STARTTLS, or not at all used.
    ccurl_tls_required = 2
} ccurl_tls;

/// One message and the way it goes. Strings are UTF-8, end with NUL, and are only read during the call.
typedef struct {
    /// smtp://HOST:PORT/NAME or smtps://HOST:PORT/NAME; NAME is what the client calls itself.
    const char *url;
    /// NULL to send without authentication.
    const char *user;
    const char *password;
    ccurl_tls tls;
    /// File of trusted certificates, or NULL for the system's.
    const char *certificate_authorities;
    /// Envelope addresses.
    const char *sender;
    const char *const *recipients;
    size_t recipient_count;
    /// The message with CRLF line ends; dots at line starts are doubled on the way.
    const void *message;
    size_t message_length;
    /// Limits in seconds: for the connection, for each answer of the server, for everything.
    long connect_timeout;
    long response_timeout;
    long total_timeout;
} ccurl_mail;

/// What came of it.
typedef struct {
    /// 0 when the server took the message, else a CURLcode.
    int code;
    /// The server's last reply code, 0 before the first.
    long reply_code;
    /// The server's last reply line, cut to fit, without its line end.
    char reply[512];
    /// What libcurl says about the failure.
    char error[256];
} ccurl_mail_result;

/// What a failure means for whoever wants to send again.
typedef enum {
    ccurl_failure_connection = 0,
    ccurl_failure_tls = 1,
    ccurl_failure_login = 2,
    ccurl_failure_configuration = 3
} ccurl_failure;

/// Sends one message and returns when that is done or has failed. Blocks; safe to call from several threads.
void ccurl_send_mail(const ccurl_mail *mail, ccurl_mail_result *result);

/// The kind of a result's non-zero code.
ccurl_failure ccurl_failure_kind(int code);

/// A network, such as 10.0.0.0/8: the bytes of its first address and how many of their bits count.
typedef struct {
    /// 4 or 16 bytes are used.
    uint8_t address[16];
    int is_ipv6;
    int prefix_length;
} ccurl_network;

/// Reads 10.0.0.0/8, fd00::/8 or a lone address. 0 when it is none.
int ccurl_parse_network(const char *text, ccurl_network *network);

/// Whether the address lies in the public internet or in one of the networks. 0 for what is no address.
int ccurl_may_connect(const char *address, const ccurl_network *networks, size_t network_count);

/// A page and the limits of fetching it.
typedef struct {
    /// http:// or https://
    const char *url;
    const char *user_agent;
    /// Networks that may be reached besides the public internet.
    const ccurl_network *networks;
    size_t network_count;
    /// What is longer is cut off here.
    size_t maximum_bytes;
    long maximum_redirects;
    long total_timeout;
} ccurl_fetch;

/// What came of it.
typedef struct {
    /// 0 when the page came, whatever its status; else a CURLcode.
    int code;
    /// Whether the address, or one it redirects to, lies in a network that may not be reached.
    int is_forbidden;
    long status;
    /// Freed by ccurl_free_page.
    char *body;
    size_t body_length;
    char error[256];
} ccurl_page;

/// Fetches a page. Every address that is connected to is checked, after any redirect and name lookup. Blocks.
void ccurl_fetch_page(const ccurl_fetch *fetch, ccurl_page *page);
void ccurl_free_page(ccurl_page *page);

#endif
