// One WebSocket client of the load generator: opens, sends frames of the train, counts what comes back.
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#include "train.h"

typedef struct connection {
    int fd;
    // OPENING: with `sessions`, until the open packet has come; JOINING: with `sockets`, until CONNECT was answered
    enum { CONNECTING, HANDSHAKE, OPENING, JOINING, OPEN } state;
    char *response; // what came of the handshake's answer, until it is whole
    size_t response_size;

    // Receiving: the header that is arriving, then what is missing of its payload.
    uint8_t header[10];
    int header_fill;
    uint64_t payload_size, payload_left;
    uint8_t packet[3];  // how the payload begins: with `sessions`, which packet it is; with `sockets`, also which one inside, and what follows
    uint64_t raw_bytes; // with `raw`: of the message that is arriving
    size_t messages;    // that came in the read that is being handled

    // Sending: the next frame of the train, and the bytes before it that are not out yet.
    size_t next_frame, position, unsent;
    int waits_for_write;
    int pong_due; // with `sessions`: a ping came while a frame was half out

    uint64_t *sent_at; // when each message in flight was sent, oldest first, in a ring
    uint32_t sent, answered;
} connection;

/** What all connections have in common. */
typedef struct {
    int port;
    const char *path;     // of the handshake, with its query
    int raw;              // TCP alone: what is sent and received are bytes
    int sessions;         // speaks Engine.IO v4 on the connections: each message is a packet of type 4
    int sockets;          // speaks Socket.IO v5 in the sessions: joins the main namespace
    int compressed;       // asks for permessage-deflate, and every message must be compressed
    size_t expected_size; // of each message that comes, in bytes; ignored if compressed
    size_t attachment;    // with `sockets`: the size of the binary message that follows each, and is part of it; or 0
    size_t in_flight;
    int echoes;           // each message that is sent is answered: the time this takes is counted
    train train;
    int epoll;
    void (*on_open)(connection *);
    void (*on_messages)(connection *, size_t count, uint64_t now); // called once a read
} load;

extern load the_load;

/** Begins to connect. */
void connection_start(connection *c);

/** Handles what epoll reported. */
void connection_ready(connection *c, uint32_t events);

/** Sends the next `count` messages of the train; at most `in_flight` may be under way. */
void connection_send(connection *c, size_t count);

/** Ends the program: a load that lost a connection or got a wrong answer measures nothing. */
_Noreturn void give_up(int code, const char *reason, const char *detail);

#define EXIT_NOT_NEGOTIATED 3

#endif
