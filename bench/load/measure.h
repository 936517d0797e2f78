// What the load generator measures with: clocks, another process's CPU time and memory, latencies.
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>
#include <sys/types.h>

/** Monotonic time in nanoseconds. */
uint64_t now_ns(void);

/**
 * CPU time of a process in nanoseconds, user and system, all threads. The kernel's own clock of the process: /proc/PID/stat
 * would give the same in ticks of 10 ms.
 */
uint64_t cpu_ns(pid_t pid);

/** Resident memory of a process in KiB. */
long rss_kb(pid_t pid);

/** Counts one latency. */
void latency_add(uint64_t ns);

/** The latency below which a share (0 to 1) of the counted ones lie, in microseconds, within 2 %. */
double latency_us(double share);

/** Forgets the latencies counted so far. */
void latency_reset(void);

#endif
