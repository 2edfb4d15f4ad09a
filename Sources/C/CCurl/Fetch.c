#include "CCurl.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Guard.h"
#include "Initialization.h"

// ---- which addresses may be connected to

const char *const ccurl_forbidden_address =
    "the address is not in the public internet, and the server's operator has not allowed its network";

/// Everything that IANA's registries of special-purpose addresses keep from the public internet (RFC 6890 and later).
static const char *const special_ipv4[] = {
    "0.0.0.0/8",       "10.0.0.0/8",    "100.64.0.0/10",   "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12",   "192.0.0.0/24",  "192.0.2.0/24",    "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24",  "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",  "198.51.100.0/24",
    "203.0.113.0/24",  "224.0.0.0/4",   "240.0.0.0/4",
};

/// Global unicast addresses are 2000::/3; these parts of them are not, or wrap an IPv4 address of any kind.
static const char *const special_ipv6[] = {"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};

static int contains(const ccurl_network *network, const uint8_t *address, int is_ipv6) {
    if (network->is_ipv6 != is_ipv6) return 0;
    int whole = network->prefix_length / 8;
    int rest = network->prefix_length % 8;
    if (memcmp(network->address, address, (size_t)whole) != 0) return 0;
    if (rest == 0) return 1;
    uint8_t mask = (uint8_t)(0xFF << (8 - rest));
    return (network->address[whole] & mask) == (address[whole] & mask);
}

static int is_listed(const char *const *list, size_t count, const uint8_t *address, int is_ipv6) {
    for (size_t index = 0; index < count; index += 1) {
        ccurl_network network;
        if (ccurl_parse_network(list[index], &network) && contains(&network, address, is_ipv6)) return 1;
    }
    return 0;
}

static int may_connect(
    const uint8_t *address, int is_ipv6, const ccurl_network *networks, size_t network_count
) {
    for (size_t index = 0; index < network_count; index += 1) {
        if (contains(&networks[index], address, is_ipv6)) return 1;
    }
    if (is_ipv6) {
        if ((address[0] & 0xE0) != 0x20) return 0;
        return !is_listed(special_ipv6, sizeof special_ipv6 / sizeof *special_ipv6, address, 1);
    }
    return !is_listed(special_ipv4, sizeof special_ipv4 / sizeof *special_ipv4, address, 0);
}

/// 4 or 6 for an address in text, whose bytes it puts into `bytes`; 0 for anything else.
static int parse_address(const char *text, uint8_t bytes[16]) {
    if (inet_pton(AF_INET, text, bytes) == 1) return 4;
    if (inet_pton(AF_INET6, text, bytes) == 1) return 6;
    return 0;
}

int ccurl_parse_network(const char *text, ccurl_network *network) {
    char address[64];
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
    if (length >= sizeof address) return 0;
    memcpy(address, text, length);
    address[length] = 0;
    memset(network, 0, sizeof *network);
    int family = parse_address(address, network->address);
    if (family == 0) return 0;
    network->is_ipv6 = family == 6;
    long bits = family == 6 ? 128 : 32;
    network->prefix_length = (int)bits;
    if (slash != NULL) {
        char *end = NULL;
        long prefix = strtol(slash + 1, &end, 10);
        if (slash[1] < '0' || slash[1] > '9' || *end != 0 || prefix < 0 || prefix > bits) return 0;
        network->prefix_length = (int)prefix;
    }
    return 1;
}

int ccurl_may_connect(const char *address, const ccurl_network *networks, size_t network_count) {
    uint8_t bytes[16];
    int family = parse_address(address, bytes);
    return family != 0 && may_connect(bytes, family == 6, networks, network_count);
}

curl_socket_t ccurl_open_guarded(
    curlsocktype purpose, struct curl_sockaddr *address, const ccurl_network *networks, size_t network_count
) {
    int is_allowed = 0;
    if (purpose == CURLSOCKTYPE_IPCXN && address->family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)&address->addr;
        is_allowed = may_connect((const uint8_t *)&ipv4->sin_addr, 0, networks, network_count);
    } else if (purpose == CURLSOCKTYPE_IPCXN && address->family == AF_INET6) {
        const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&address->addr;
        is_allowed = may_connect((const uint8_t *)&ipv6->sin6_addr, 1, networks, network_count);
    }
    if (!is_allowed) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype, address->protocol);
}

// ---- fetching

typedef struct {
    const ccurl_fetch *fetch;
    ccurl_page *page;
    int is_cut;
} fetching;

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    fetching *state = context;
    curl_socket_t opened =
        ccurl_open_guarded(purpose, address, state->fetch->networks, state->fetch->network_count);
    if (opened == CURL_SOCKET_BAD) state->page->is_forbidden = 1;
    return opened;
}

static size_t keep_body(char *bytes, size_t size, size_t count, void *context) {
    fetching *state = context;
    ccurl_page *page = state->page;
    size_t length = size * count;
    size_t left = state->fetch->maximum_bytes - page->body_length;
    size_t kept = length < left ? length : left;
    char *longer = realloc(page->body, page->body_length + kept + 1);
    if (longer == NULL) return 0;
    memcpy(longer + page->body_length, bytes, kept);
    page->body = longer;
    page->body_length += kept;
    if (kept < length) state->is_cut = 1;
    return kept;
}

void ccurl_fetch_page(const ccurl_fetch *fetch, ccurl_page *page) {
    memset(page, 0, sizeof *page);
    CURL *curl = ccurl_initialize() ? curl_easy_init() : NULL;
    if (curl == NULL) {
        page->code = CURLE_FAILED_INIT;
        snprintf(page->error, sizeof page->error, "libcurl could not be initialized");
        return;
    }
    fetching state = {fetch, page, 0};
    // Any option that this libcurl does not know ends the attempt: none of them may be missing.
    CURLcode code = CURLE_OK;
#define SET(option, value) \
    if (code == CURLE_OK) code = curl_easy_setopt(curl, option, value)
    SET(CURLOPT_ERRORBUFFER, page->error);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_URL, fetch->url);
    SET(CURLOPT_USERAGENT, fetch->user_agent);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, fetch->maximum_redirects > 0 ? 1L : 0L);
    SET(CURLOPT_MAXREDIRS, fetch->maximum_redirects);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, &state);
    SET(CURLOPT_WRITEFUNCTION, keep_body);
    SET(CURLOPT_WRITEDATA, &state);
    SET(CURLOPT_TIMEOUT, fetch->total_timeout);
#undef SET
    if (code == CURLE_OK) code = curl_easy_perform(curl);
    // A page that is longer than asked for was fetched as far as asked for.
    if (code == CURLE_WRITE_ERROR && state.is_cut) code = CURLE_OK;
    page->code = (int)code;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &page->status);
    if (code != CURLE_OK && page->error[0] == 0) {
        snprintf(page->error, sizeof page->error, "%s", curl_easy_strerror(code));
    }
    curl_easy_cleanup(curl);
}

void ccurl_free_page(ccurl_page *page) {
    free(page->body);
    page->body = NULL;
    page->body_length = 0;
}
