#ifndef SEXTANT_CCURL_GUARD_H
#define SEXTANT_CCURL_GUARD_H

#include <curl/curl.h>

#include "CCurl.h"

/// A socket for an address that lies in the public internet or in one of the networks; CURL_SOCKET_BAD for any other. libcurl
/// asks for every connection with the address that it will really go to: no later lookup can change that.
curl_socket_t ccurl_open_guarded(
    curlsocktype purpose, struct curl_sockaddr *address, const ccurl_network *networks, size_t network_count
);

#endif
