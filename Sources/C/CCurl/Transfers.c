#include "CCurl.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "Guard.h"
#include "Initialization.h"

// One thread runs all transfers. Others reach it through a list of orders; nobody else touches libcurl's handles.

typedef struct running {
    uint64_t identifier;
    CURL *curl;
    struct curl_slist *headers;
    void *context;
    ccurl_transfer_events events;
    int64_t read_offset;
    int is_paused;
    /// By `now_milliseconds`; 0 for none.
    int64_t deadline;
    long body_timeout;
    /// Of a guarded transfer.
    ccurl_network *networks;
    size_t network_count;
    char reason[CURL_ERROR_SIZE];
    /// Whether the guard has refused an address; libcurl's own words for it only say that there is no connection.
    int is_forbidden;
    struct running *next;
} running;

typedef enum { order_start, order_resume, order_cancel } order_kind;

typedef struct order {
    order_kind kind;
    uint64_t identifier;
    /// What to start; NULL for other orders.
    running *transfer;
    struct order *next;
} order;

static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static CURLM *multi = NULL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/// Guarded by the lock, as are the three below.
static order *first_order = NULL;
static order **end_of_orders = &first_order;
static uint64_t last_identifier = 0;
/// Of the thread alone.
static running *transfers = NULL;
static int64_t deadlines_seen_at = 0;

const int ccurl_late = -1;

/// How often deadlines are looked at.
static const int deadline_interval_milliseconds = 250;

static int64_t now_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// So many seconds from now; 0 for none.
static int64_t deadline_in(long seconds) { return seconds > 0 ? now_milliseconds() + (int64_t)seconds * 1000 : 0; }

// ---- what libcurl calls

static size_t pass_head_line(char *line, size_t size, size_t count, void *context) {
    running *transfer = context;
    if (transfer->events.on_head_line(transfer->context, line, size * count)) {
        transfer->deadline = deadline_in(transfer->body_timeout);
    }
    return size * count;
}

static size_t pass_body(char *bytes, size_t size, size_t count, void *context) {
    running *transfer = context;
    if (transfer->events.on_body(transfer->context, bytes, size * count)) return size * count;
    transfer->is_paused = 1;
    return CURL_WRITEFUNC_PAUSE;
}

static size_t pass_request(char *target, size_t size, size_t count, void *context) {
    running *transfer = context;
    long length = transfer->events.read_body(transfer->context, transfer->read_offset, target, size * count);
    if (length < 0) return CURL_READFUNC_ABORT;
    transfer->read_offset += length;
    return (size_t)length;
}

/// A kept connection that turns out to be closed is replaced, and the body begins anew.
static int rewind_request(void *context, curl_off_t offset, int origin) {
    running *transfer = context;
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    transfer->read_offset = offset;
    return CURL_SEEKFUNC_OK;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    running *transfer = context;
    curl_socket_t opened = ccurl_open_guarded(purpose, address, transfer->networks, transfer->network_count);
    if (opened == CURL_SOCKET_BAD) transfer->is_forbidden = 1;
    return opened;
}

/// A kept connection may be one that a transfer without guard has opened.
static int check_connection(void *context, char *address, char *own_address, int port, int own_port) {
    (void)own_address, (void)port, (void)own_port;
    running *transfer = context;
    if (ccurl_may_connect(address, transfer->networks, transfer->network_count)) return CURL_PREREQFUNC_OK;
    transfer->is_forbidden = 1;
    return CURL_PREREQFUNC_ABORT;
}

// ---- the thread

static void release(running *transfer) {
    free(transfer->networks);
    if (transfer->curl != NULL) curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->headers);
    free(transfer);
}

static void end(running *transfer, int code) {
    for (running **place = &transfers; *place != NULL; place = &(*place)->next) {
        if (*place != transfer) continue;
        *place = transfer->next;
        break;
    }
    curl_multi_remove_handle(multi, transfer->curl);
    const char *reason = transfer->reason[0] != 0 ? transfer->reason : code >= 0 ? curl_easy_strerror((CURLcode)code) : "";
    // Another address of the same name may have been reached all the same.
    int is_refused = transfer->is_forbidden && (code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK);
    transfer->events.on_end(transfer->context, code, is_refused ? ccurl_forbidden_address : reason);
    release(transfer);
}

static void start(running *transfer) {
    transfer->next = transfers;
    transfers = transfer;
    if (curl_multi_add_handle(multi, transfer->curl) != CURLM_OK) end(transfer, CURLE_FAILED_INIT);
}

static void follow(const order *given) {
    if (given->kind == order_start) {
        start(given->transfer);
        return;
    }
    running *transfer = transfers;
    while (transfer != NULL && transfer->identifier != given->identifier) transfer = transfer->next;
    if (transfer == NULL) return;
    if (given->kind == order_cancel) {
        end(transfer, CURLE_ABORTED_BY_CALLBACK);
    } else if (transfer->is_paused) {
        transfer->is_paused = 0;
        // What it kept back comes during this call.
        CURLcode code = curl_easy_pause(transfer->curl, CURLPAUSE_CONT);
        if (code != CURLE_OK) end(transfer, code);
    }
}

static void follow_orders(void) {
    pthread_mutex_lock(&lock);
    order *given = first_order;
    first_order = NULL;
    end_of_orders = &first_order;
    pthread_mutex_unlock(&lock);
    while (given != NULL) {
        order *next = given->next;
        follow(given);
        free(given);
        given = next;
    }
}

static void end_late_ones(void) {
    int64_t now = now_milliseconds();
    if (now < deadlines_seen_at + deadline_interval_milliseconds) return;
    deadlines_seen_at = now;
    for (running *next, *transfer = transfers; transfer != NULL; transfer = next) {
        next = transfer->next;
        if (transfer->deadline != 0 && transfer->deadline <= now) end(transfer, ccurl_late);
    }
}

static void *run(void *unused) {
    (void)unused;
    for (;;) {
        follow_orders();
        int count = 0;
        curl_multi_perform(multi, &count);
        CURLMsg *message;
        while ((message = curl_multi_info_read(multi, &count)) != NULL) {
            if (message->msg != CURLMSG_DONE) continue;
            CURLcode code = message->data.result;
            running *transfer = NULL;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            if (transfer != NULL) end(transfer, code);
        }
        end_late_ones();
        // Orders wake it up, and libcurl's own timers. Trouble, such as no memory, must not make it spin.
        int milliseconds = transfers != NULL ? deadline_interval_milliseconds : 60000;
        if (curl_multi_poll(multi, NULL, 0, milliseconds, NULL) != CURLM_OK) usleep(100000);
    }
    return NULL;
}

static void prepare(void) {
    if (!ccurl_initialize()) return;
    CURLM *made = curl_multi_init();
    if (made == NULL) return;
    multi = made;
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) == 0) {
        pthread_detach(thread);
    } else {
        multi = NULL;
        curl_multi_cleanup(made);
    }
}

// ---- what others call

/// Takes `given` over. Its transfer gets the name that is returned.
static uint64_t give(order *given) {
    pthread_mutex_lock(&lock);
    if (given->transfer != NULL) {
        last_identifier += 1;
        given->identifier = last_identifier;
        given->transfer->identifier = last_identifier;
    }
    uint64_t identifier = given->identifier;
    *end_of_orders = given;
    end_of_orders = &given->next;
    pthread_mutex_unlock(&lock);
    curl_multi_wakeup(multi);
    return identifier;
}

static void give_about(order_kind kind, uint64_t identifier) {
    order *given = calloc(1, sizeof *given);
    // Without memory for an order the transfer ends by its idle timeout.
    if (given == NULL) return;
    given->kind = kind;
    given->identifier = identifier;
    give(given);
}

void ccurl_resume_transfer(uint64_t identifier) { give_about(order_resume, identifier); }

void ccurl_cancel_transfer(uint64_t identifier) { give_about(order_cancel, identifier); }

static CURLcode set_method(CURL *curl, const ccurl_transfer *asked) {
    if (strcmp(asked->method, "HEAD") == 0) return curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    CURLcode code = CURLE_OK;
    if (asked->body_length >= 0) {
        code = curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        if (code == CURLE_OK) {
            code = curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)asked->body_length);
        }
    }
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, asked->method);
    return code;
}

/// Any option that this libcurl does not know ends the attempt: none of them may be missing.
static CURLcode set_options(running *transfer, const ccurl_transfer *asked) {
    CURL *curl = transfer->curl;
    CURLcode code = CURLE_OK;
#define SET(option, value) \
    if (code == CURLE_OK) code = curl_easy_setopt(curl, option, value)
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->reason);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (asked->certificate_authorities != NULL) SET(CURLOPT_CAINFO, asked->certificate_authorities);
    SET(CURLOPT_URL, asked->url);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, asked->connect_timeout);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, asked->idle_timeout);
    // Room for much costs as much to make and to give back as a short message costs to send.
    SET(CURLOPT_BUFFERSIZE, asked->is_guarded ? 16L * 1024L : 128L * 1024L);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, asked->body_length > 64 * 1024 ? 128L * 1024L : 16L * 1024L);
    SET(CURLOPT_HEADERFUNCTION, pass_head_line);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, pass_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_READFUNCTION, pass_request);
    SET(CURLOPT_READDATA, transfer);
    SET(CURLOPT_SEEKFUNCTION, rewind_request);
    SET(CURLOPT_SEEKDATA, transfer);
    if (asked->is_guarded) {
        SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
        SET(CURLOPT_OPENSOCKETDATA, transfer);
        SET(CURLOPT_PREREQFUNCTION, check_connection);
        SET(CURLOPT_PREREQDATA, transfer);
    }
#undef SET
    if (code == CURLE_OK) code = set_method(curl, asked);
    return code;
}

struct curl_slist *ccurl_add_header(struct curl_slist *headers, const char *line) {
    struct curl_slist *longer = curl_slist_append(headers, line);
    if (longer == NULL) curl_slist_free_all(headers);
    return longer;
}

uint64_t ccurl_start_transfer(const ccurl_transfer *asked) {
    pthread_once(&prepared, prepare);
    order *given = calloc(1, sizeof *given);
    running *transfer = calloc(1, sizeof *transfer);
    if (multi == NULL || given == NULL || transfer == NULL) {
        curl_slist_free_all(asked->headers);
        free(given);
        free(transfer);
        return 0;
    }
    transfer->headers = asked->headers;
    transfer->context = asked->context;
    transfer->events = asked->events;
    transfer->deadline = deadline_in(asked->answer_timeout);
    transfer->body_timeout = asked->body_timeout;
    if (asked->network_count > 0) {
        transfer->networks = calloc(asked->network_count, sizeof *transfer->networks);
        if (transfer->networks != NULL) {
            memcpy(transfer->networks, asked->networks, asked->network_count * sizeof *transfer->networks);
            transfer->network_count = asked->network_count;
        }
    }
    transfer->curl = curl_easy_init();
    if (transfer->curl == NULL || set_options(transfer, asked) != CURLE_OK) {
        release(transfer);
        free(given);
        return 0;
    }
    given->kind = order_start;
    given->transfer = transfer;
    return give(given);
}
