// A small WebSocket load generator for one machine: opens connections to a server on the loopback, keeps messages under way,
// and prints what that cost the server as one line of JSON. bench/README.md says what the figures mean.
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "connection.h"
#include "measure.h"

static const char USAGE[] =
    "wsload -p PORT -i PID [options]\n"
    "  -m echo|fanout|idle|clock  each connection sends and awaits its echo; one connection sends and all await the\n"
    "         answers; connections are held; only prints the server's CPU time in ns for each line of input  (echo)\n"
    "  -n N   connections (100)             -P N   messages in flight on each (1)     -s N   bytes of a message (64)\n"
    "  -w N   seconds before measuring (1)  -d N   seconds measured (3)               -k N   fanout: messages a turn (1)\n"
    "  -r     TCP without WebSocket         -f FILE   compressed messages to send, see train.h\n"
    "  -u /PATH?QUERY of the handshake (/)  -g N   fanout: how many get each message (all)\n"
    "  -e     sessions of Engine.IO v4 on the connections\n"
    "  -c     sockets of Socket.IO v5 in sessions, each in the main namespace\n"
    "  -t TEXT  the message, with a % where its letters go; -x TEXT  the one that comes; -a N  bytes of the binary\n"
    "         message that follows each, both ways\n";

#define HANDSHAKES_AT_ONCE 200
#define OPEN_TIMEOUT_S 45
#define SETTLE_S 1

static enum { ECHO, FANOUT, IDLE, CLOCK } mode = ECHO;
static int connections = 100, turn_messages = 1, receivers;
static double warm_up_s = 1, measured_s = 3;
static pid_t server;

static connection *clients;
static int started, open_count;

/** What was seen of the server at a moment. */
typedef struct {
    uint64_t at, cpu;
    uint64_t messages;
} sample;

static uint64_t messages;
static sample begin, end;
static uint64_t turn_began, turn_left; // fanout: when this turn was asked for, deliveries that are still to come

static sample take_sample(void)
{
    return (sample){now_ns(), cpu_ns(server), messages};
}

static void on_open(connection *c)
{
    (void)c;
    open_count++;
}

static void send_trigger(void)
{
    turn_began = now_ns();
    turn_left = (uint64_t)receivers * (uint64_t)turn_messages;
    connection_send(&clients[0], 1);
}

/** Begins to measure when the warm-up is over, and ends when the time is up. Returns whether it goes on. */
static int advance(uint64_t now)
{
    static uint64_t first;
    if (first == 0) first = now;
    if (begin.at == 0 && now - first >= (uint64_t)(warm_up_s * 1e9)) {
        latency_reset();
        begin = take_sample();
    } else if (begin.at != 0 && now - begin.at >= (uint64_t)(measured_s * 1e9)) {
        end = take_sample();
    }
    return end.at == 0;
}

static void on_echo(connection *c, size_t count, uint64_t now)
{
    messages += count;
    if (advance(now)) connection_send(c, count);
}

/** Only between turns, when all has arrived, is the measuring begun and ended: so it sees whole turns. */
static void on_delivery(connection *c, size_t count, uint64_t now)
{
    (void)c;
    messages += count;
    if (count > turn_left) give_up(1, "The server sent more messages than it should.", "");
    turn_left -= count;
    if (turn_left > 0) return;
    latency_add(now - turn_began);
    if (advance(now)) send_trigger();
}

static void poll_once(int timeout_ms)
{
    static struct epoll_event events[512];
    int count = epoll_wait(the_load.epoll, events, 512, timeout_ms);
    for (int i = 0; i < count && end.at == 0; i++) connection_ready(events[i].data.ptr, events[i].events);
}

static void open_all(void)
{
    uint64_t deadline = now_ns() + OPEN_TIMEOUT_S * 1000000000ull;
    clients = calloc((size_t)connections, sizeof *clients);
    while (open_count < connections) {
        while (started < connections && started - open_count < HANDSHAKES_AT_ONCE) connection_start(&clients[started++]);
        poll_once(100);
        if (now_ns() > deadline) give_up(1, "Not all connections opened in time.", "");
    }
}

/** Lets the server finish what opening left it with, until its clock stands nearly still. */
static void settle(void)
{
    uint64_t before;
    uint64_t deadline = now_ns() + 10 * 1000000000ull;
    do {
        before = cpu_ns(server);
        for (uint64_t until = now_ns() + SETTLE_S * 1000000000ull; now_ns() < until;) poll_once(20);
    } while (cpu_ns(server) - before > SETTLE_S * 50000000ull && now_ns() < deadline);
}

static void run_messages(void)
{
    // Without a handshake, a connection is open here before the server has accepted it.
    if (the_load.raw) settle();
    if (mode == FANOUT) send_trigger();
    else for (int i = 0; i < connections; i++) connection_send(&clients[i], the_load.in_flight);
    while (end.at == 0) poll_once(1000);
}

/** For a load that is not written in C, and so can't read this clock. */
static void run_clock(void)
{
    for (int c; (c = getchar()) != EOF;) {
        if (c != '\n') continue;
        printf("%llu\n", (unsigned long long)cpu_ns(server));
        fflush(stdout);
    }
}

static int mode_of(const char *name)
{
    static const char *const NAMES[] = {"echo", "fanout", "idle", "clock"};
    for (int i = ECHO; i <= CLOCK; i++)
        if (!strcmp(name, NAMES[i])) return i;
    give_up(2, USAGE, "");
}

static void read_options(int argc, char **argv)
{
    size_t size = 64;
    const char *file = NULL, *sent = NULL, *expected = NULL;
    the_load.in_flight = 1;
    the_load.path = "/";
    for (int option; (option = getopt(argc, argv, "m:n:P:s:w:d:k:g:p:i:rf:u:ect:x:a:")) > 0;) {
        switch (option) {
        case 'm': mode = mode_of(optarg); break;
        case 'n': connections = atoi(optarg); break;
        case 'P': the_load.in_flight = (size_t)atoi(optarg); break;
        case 's': size = (size_t)atoi(optarg); break;
        case 'w': warm_up_s = atof(optarg); break;
        case 'd': measured_s = atof(optarg); break;
        case 'k': turn_messages = atoi(optarg); break;
        case 'g': receivers = atoi(optarg); break;
        case 'p': the_load.port = atoi(optarg); break;
        case 'i': server = atoi(optarg); break;
        case 'r': the_load.raw = 1; break;
        case 'f': file = optarg; break;
        case 'u': the_load.path = optarg; break;
        case 'e': the_load.sessions = 1; break;
        case 'c': the_load.sessions = the_load.sockets = 1; break;
        case 't': sent = optarg; break;
        case 'x': expected = optarg; break;
        case 'a': the_load.attachment = (size_t)atoi(optarg); break;
        default: give_up(2, USAGE, "");
        }
    }
    if ((the_load.port == 0 && mode != CLOCK) || server == 0 || connections < 1 || the_load.in_flight < 1) give_up(2, USAGE, "");
    if (the_load.raw) {
        // Of a message, only its letters are left.
        the_load.sessions = the_load.sockets = 0;
        sent = expected = NULL;
    }
    the_load.echoes = mode == ECHO;
    the_load.compressed = file != NULL;
    if (receivers == 0) receivers = connections;
    the_load.on_open = on_open;
    the_load.on_messages = mode == FANOUT ? on_delivery : on_echo;
    if (sent == NULL) sent = mode == FANOUT ? "a" : "%";
    if (expected == NULL) expected = mode == FANOUT ? "%" : sent;
    const char *prefix = the_load.sessions ? "4" : "";
    char *text = text_of(prefix, sent, size), *answer = text_of(prefix, expected, size);
    the_load.expected_size = strlen(answer);
    the_load.train = file != NULL ? train_of_file(file, the_load.in_flight)
                                  : train_of_text(text, the_load.attachment, the_load.in_flight, the_load.raw);
    free(answer);
    free(text);
}

/** Never outlives its parent or its time, and may hold as many connections as the system lets it. */
static void set_bounds(void)
{
    struct rlimit files;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (mode == CLOCK) return;
    alarm((unsigned)(OPEN_TIMEOUT_S + 15 + warm_up_s + 2 * measured_s));
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < (rlim_t)connections + 16) give_up(1, "The limit of open files is too low (ulimit -n).", "");
}

static void report_idle(long kb, uint64_t accept_cpu)
{
    printf("{\"accept_us\":%.2f,\"idle_kb\":%.3f}\n", (double)accept_cpu / 1e3 / connections, (double)kb / connections);
}

static void report_messages(void)
{
    double seconds = (double)(end.at - begin.at) / 1e9;
    double count = (double)(end.messages - begin.messages);
    double cpu_us = (double)(end.cpu - begin.cpu) / 1e3;
    printf("{\"cpu_us\":%.4f,\"rate\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"busy\":%.3f}\n", cpu_us / count, count / seconds,
           latency_us(0.5), latency_us(0.99), cpu_us / 1e6 / seconds);
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    set_bounds();
    if (mode == CLOCK) {
        run_clock();
        return 0;
    }
    the_load.epoll = epoll_create1(0);
    long kb = rss_kb(server);
    uint64_t cpu = cpu_ns(server);
    if (cpu == 0) give_up(1, "There is no such process to measure.", "");
    open_all();
    if (mode == IDLE) {
        settle();
        report_idle(rss_kb(server) - kb, cpu_ns(server) - cpu);
    } else {
        run_messages();
        report_messages();
    }
    return 0;
}
