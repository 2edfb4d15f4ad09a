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

/// What a guarded transfer says that may not connect.
extern const char *const ccurl_forbidden_address;

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

/// How a transfer ends whose time is over.
extern const int ccurl_late;

/// What happens to a transfer. All are called on the one thread of the transfers, and must not block it.
typedef struct {
    /// A line of the answer's head, its line end included; the first is the status line. Interim answers (1xx) come, too.
    /// Not 0 when the head is complete with it.
    int (*on_head_line)(void *context, const char *line, size_t length);
    /// Bytes of the answer's body. 0 when there is no room for them: they come again after ccurl_resume_transfer.
    int (*on_body)(void *context, const void *bytes, size_t length);
    /// Fills `target` with bytes of the request's body from `offset` on. How many these are; negative when they cannot be
    /// read, which ends the transfer.
    long (*read_body)(void *context, int64_t offset, void *target, size_t capacity);
    /// The last call. `code` is 0 when the whole answer came, `ccurl_late` when its time was over, else a CURLcode; `reason`
    /// is libcurl's own.
    void (*on_end)(void *context, int code, const char *reason);
} ccurl_transfer_events;

struct curl_slist;

/// `headers`, which may be NULL, with `Name: value` at its end; an empty value takes away what libcurl would send. NULL when
/// there is no memory, and then `headers` are freed.
struct curl_slist *ccurl_add_header(struct curl_slist *headers, const char *line);

/// A request over HTTP/1.1. Strings end with NUL and are only read during the call that starts it.
typedef struct {
    const char *method;
    /// http:// or https://, sent as it is written.
    const char *url;
    /// From ccurl_add_header, or NULL. Belongs to the transfer from then on, whatever comes of it.
    struct curl_slist *headers;
    /// Bytes of the body; negative for a request without one.
    int64_t body_length;
    /// File of trusted certificates, or NULL for the system's.
    const char *certificate_authorities;
    /// Seconds for the connection, and without a byte in either direction.
    long connect_timeout;
    long idle_timeout;
    /// Seconds until the head of the answer must be there, and from then on until all of it must; 0 for no limit. They are
    /// looked at a few times a second.
    long answer_timeout;
    long body_timeout;
    /// Whether only addresses of the public internet may be connected to, and of the networks; these are copied.
    int is_guarded;
    const ccurl_network *networks;
    size_t network_count;
    void *context;
    ccurl_transfer_events events;
} ccurl_transfer;

/// Starts a transfer beside all others; connections are kept and used again. Does not wait for anything.
/// What the transfer is called from now on; 0 when there is no memory, no thread, or libcurl knows an option not, in which
/// case none of its events is called.
uint64_t ccurl_start_transfer(const ccurl_transfer *transfer);
/// Lets body bytes come again that had no room. Nothing happens when the transfer is over. Safe from any thread.
void ccurl_resume_transfer(uint64_t identifier);
/// Ends a transfer; `on_end` is still called. Nothing happens when it is over. Safe from any thread.
void ccurl_cancel_transfer(uint64_t identifier);

#endif
