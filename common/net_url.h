// net_url — what an address of ZeroMQ says, without asking libzmq.
#ifndef DC_COMMON_NET_URL_H
#define DC_COMMON_NET_URL_H

#include "common/buf.h"

// What addresses look like, for those who are told that theirs is none.
#define DC_NET_ADDRESS_FORMS "tcp://HOST:PORT or ipc:///path"

// Can only this machine reach it: ipc, inproc, or tcp on loopback? Names other than `localhost` may
// become any address, so they count as public, as do wildcards.
bool dc_net_is_local(const char *url);

// Does it begin as an address does: with a transport that is used here, and something behind it?
bool dc_net_is_address(const char *url);

// Where it is a tcp address, has it a port: `*`, or a number that is one? libzmq takes any number,
// and of 99999 makes 34463 without a word. True for all others.
bool dc_net_has_port(const char *url);

// For a table of options: is it an address, with a port? What is wrong is appended to `message`.
bool dc_net_check_address(const char *url, dc_buf_t *message);

// Copy the host of a tcp address, a name or a number, without brackets; it ends in NUL then. False
// for other transports, and where it does not fit.
bool dc_net_get_host(const char *url, char *host, size_t capacity);

// Is it an ipc address at which somebody listens already?
bool dc_net_is_ipc_taken(const char *url);

// Likewise of any address of this machine. Does not wait: where it is not known at once, no.
bool dc_net_is_taken(const char *url);

#endif
