#define _GNU_SOURCE
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

#define MAX_RESPONSE 4096
#define OPCODE_TEXT 1
#define OPCODE_BINARY 2
#define OPCODE_CLOSE 8
#define RSV1 0x40

// Packets of Engine.IO v4, by their first byte.
#define PACKET_OPEN '0'
#define PACKET_PING '2'
#define PACKET_MESSAGE '4'
#define PACKET_NOOP '6'
// The first byte of a packet of Socket.IO v5.
#define PACKET_CONNECT '0'
// The packets `3` and `40` in frames whose mask is zero: as good as any other, and they need not be masked.
static const uint8_t PONG_FRAME[] = {0x81, 0x81, 0, 0, 0, 0, '3'};
static const uint8_t CONNECT_FRAME[] = {0x81, 0x82, 0, 0, 0, 0, '4', '0'};

load the_load;

// Nothing that is received is kept, so one buffer does for all.
static uint8_t buffer[256 * 1024];

_Noreturn void give_up(int code, const char *reason, const char *detail)
{
    fprintf(stderr, "%s%s\n", reason, detail);
    exit(code);
}

static void watch(connection *c, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(the_load.epoll, operation, c->fd, &event);
}

void connection_start(connection *c)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)the_load.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) give_up(1, "Can't open a socket: ", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(c->fd, (void *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        give_up(1, "Can't connect: ", strerror(errno));
    c->state = CONNECTING;
    c->sent_at = calloc(the_load.in_flight, sizeof *c->sent_at);
    watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static void opened(connection *c)
{
    c->state = OPEN;
    the_load.on_open(c);
}

static void send_handshake(connection *c)
{
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
    if (the_load.raw) {
        opened(c);
        return;
    }
    char request[1024];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                        the_load.path, the_load.port,
                        the_load.compressed ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
    c->state = HANDSHAKE;
    c->response = malloc(MAX_RESPONSE + 1);
    if (send(c->fd, request, (size_t)size, MSG_NOSIGNAL) != size) give_up(1, "Can't send: ", strerror(errno));
}

/** With context takeover both ways, or else the messages of the train would not be understood. */
static void check_negotiation(const char *response)
{
    if (strcasestr(response, "\r\nSec-WebSocket-Extensions: permessage-deflate") == NULL)
        give_up(EXIT_NOT_NEGOTIATED, "The server did not agree to permessage-deflate.", "");
    if (strcasestr(response, "no_context_takeover") != NULL || strcasestr(response, "client_max_window_bits") != NULL)
        give_up(EXIT_NOT_NEGOTIATED, "The server wants no context takeover, or a smaller window.", "");
}

/** Takes bytes of the answer and returns how many; what is behind it are frames already. */
static size_t receive_response(connection *c, const uint8_t *bytes, size_t size)
{
    size_t had = c->response_size;
    size_t taken = size < MAX_RESPONSE - had ? size : MAX_RESPONSE - had;
    memcpy(c->response + had, bytes, taken);
    c->response_size += taken;
    c->response[c->response_size] = 0;
    char *end = strstr(c->response, "\r\n\r\n");
    if (end == NULL) {
        if (c->response_size == MAX_RESPONSE) give_up(1, "The answer to the handshake has no end.", "");
        return taken;
    }
    size_t used = (size_t)(end + 4 - c->response) - had;
    end[2] = 0;
    if (strncmp(c->response, "HTTP/1.1 101", 12) != 0) give_up(1, "Refused: ", c->response);
    if (the_load.compressed) check_negotiation(c->response);
    free(c->response);
    c->response = NULL;
    if (the_load.sessions) c->state = OPENING;
    else opened(c);
    return used;
}

static void message_received(connection *c, uint64_t now)
{
    c->messages++;
    if (!the_load.echoes || c->answered == c->sent) return;
    latency_add(now - c->sent_at[c->answered++ % the_load.in_flight]);
}

static int header_size(const connection *c)
{
    if (c->header_fill < 2) return 2;
    int length = c->header[1] & 0x7f;
    return length == 127 ? 10 : length == 126 ? 4 : 2;
}

/** An event that carries its offset is longer: by `@`, digits and a comma. */
static void check_size(uint64_t size, int has_offset)
{
    if (has_offset && size > the_load.expected_size + 2 && size < the_load.expected_size + 20) return;
    if (size != the_load.expected_size) give_up(1, "The server sent a message of a wrong length.", "");
}

/** Reads the header that is there, and checks that it is what was asked for. */
static void begin_payload(connection *c)
{
    int size = c->header_fill;
    uint64_t length = size == 2 ? c->header[1] : 0;
    for (int i = 2; i < size; i++) length = length << 8 | c->header[i];
    int opcode = c->header[0] & 0x0f;
    int is_message = opcode == OPCODE_TEXT || opcode == OPCODE_BINARY;
    if (opcode == OPCODE_CLOSE) give_up(1, "The server sent a close frame.", "");
    if (is_message && !the_load.compressed && !the_load.sessions) check_size(length, 0);
    if (is_message && !!(c->header[0] & RSV1) != the_load.compressed)
        give_up(1, the_load.compressed ? "The server did not compress." : "The server compressed unasked.", "");
    c->payload_size = c->payload_left = length;
    memset(c->packet, 0, sizeof c->packet);
}

/** Between two frames only; else when the one that is half out is out. */
static void send_pong(connection *c)
{
    c->pong_due = c->unsent > 0;
    if (c->pong_due) return;
    ssize_t size = send(c->fd, PONG_FRAME, sizeof PONG_FRAME, MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) c->pong_due = 1;
    else if (size != sizeof PONG_FRAME) give_up(1, "Can't send: ", size < 0 ? strerror(errno) : "a frame was cut");
}

static void receive_open_packet(connection *c)
{
    if (c->packet[0] != PACKET_OPEN) give_up(1, "The server did not begin with an open packet.", "");
    if (!the_load.sockets) {
        opened(c);
        return;
    }
    c->state = JOINING;
    if (send(c->fd, CONNECT_FRAME, sizeof CONNECT_FRAME, MSG_NOSIGNAL) != sizeof CONNECT_FRAME)
        give_up(1, "Can't send: ", strerror(errno));
}

static void receive_attachment(connection *c, uint64_t now)
{
    if (c->payload_size != the_load.attachment) give_up(1, "The server sent an attachment of a wrong length.", "");
    message_received(c, now);
}

static void receive_packet(connection *c, uint64_t now)
{
    uint8_t packet = c->packet[0];
    if (c->state == OPENING) {
        receive_open_packet(c);
    } else if (packet == PACKET_MESSAGE && c->state == JOINING) {
        if (c->packet[1] != PACKET_CONNECT) give_up(1, "The server did not let a client into the main namespace.", "");
        opened(c);
    } else if (packet == PACKET_MESSAGE) {
        check_size(c->payload_size, c->packet[2] == '@');
        if (the_load.attachment == 0) message_received(c, now);
    } else if (packet == PACKET_PING) {
        send_pong(c);
    } else if (packet != PACKET_NOOP) {
        give_up(1, "The server sent an unexpected packet.", "");
    }
}

static void end_payload(connection *c, uint64_t now)
{
    int opcode = c->header[0] & 0x0f;
    c->header_fill = 0;
    if (opcode != OPCODE_TEXT && opcode != OPCODE_BINARY) return;
    if (!the_load.sessions) message_received(c, now);
    else if (opcode == OPCODE_BINARY) receive_attachment(c, now);
    else receive_packet(c, now);
}

static void receive_frames(connection *c, const uint8_t *bytes, size_t size, uint64_t now)
{
    size_t at = 0;
    while (at < size) {
        if (c->payload_left > 0) {
            uint64_t here = size - at < c->payload_left ? size - at : c->payload_left;
            uint64_t before = c->payload_size - c->payload_left;
            for (uint64_t i = before; i < sizeof c->packet && i < before + here; i++) c->packet[i] = bytes[at + i - before];
            at += here;
            c->payload_left -= here;
        } else {
            c->header[c->header_fill++] = bytes[at++];
            if (c->header_fill < header_size(c)) continue;
            begin_payload(c);
        }
        if (c->payload_left == 0) end_payload(c, now);
    }
}

static void receive_raw(connection *c, size_t size, uint64_t now)
{
    c->raw_bytes += size;
    for (; c->raw_bytes >= the_load.expected_size; c->raw_bytes -= the_load.expected_size)
        message_received(c, now);
}

static void receive(connection *c)
{
    ssize_t size = recv(c->fd, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0) give_up(1, "Can't receive: ", strerror(errno));
    if (size == 0) give_up(1, "The server closed a connection.", "");
    uint64_t now = now_ns();
    size_t used = c->state == HANDSHAKE ? receive_response(c, buffer, (size_t)size) : 0;
    if (the_load.raw) receive_raw(c, (size_t)size, now);
    else receive_frames(c, buffer + used, (size_t)size - used, now);
    size_t messages = c->messages;
    c->messages = 0;
    if (messages > 0) the_load.on_messages(c, messages, now);
}

/** Writes what is queued; a full socket is tried again when epoll says so. */
static void flush(connection *c)
{
    const train *t = &the_load.train;
    while (c->unsent > 0) {
        ssize_t size = send(c->fd, t->bytes + c->position, c->unsent, MSG_NOSIGNAL);
        if (size < 0 && errno == EAGAIN) break;
        if (size < 0) give_up(1, "Can't send: ", strerror(errno));
        c->unsent -= (size_t)size;
        c->position = (c->position + (size_t)size) % t->offsets[t->frames];
    }
    int waits = c->unsent > 0;
    if (waits != c->waits_for_write) watch(c, EPOLL_CTL_MOD, EPOLLIN | (waits ? EPOLLOUT : 0));
    c->waits_for_write = waits;
    if (c->pong_due) send_pong(c);
}

void connection_send(connection *c, size_t count)
{
    const train *t = &the_load.train;
    uint64_t now = now_ns();
    for (size_t i = 0; i < count; i++) c->sent_at[c->sent++ % the_load.in_flight] = now;
    c->unsent += t->offsets[c->next_frame + count] - t->offsets[c->next_frame];
    c->next_frame = (c->next_frame + count) % t->frames;
    flush(c);
}

void connection_ready(connection *c, uint32_t events)
{
    if (c->state == CONNECTING && (events & EPOLLOUT)) send_handshake(c);
    else if (events & EPOLLOUT) flush(c);
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(c);
}
