#define _GNU_SOURCE
#include "measure.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t to_ns(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return to_ns(t);
}

uint64_t cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) return 0;
    return to_ns(t);
}

long rss_kb(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    long kb = 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kb) == 1) break;
    fclose(file);
    return kb;
}

// A histogram whose buckets grow with the value: 64 to each power of two, of tenths of a microsecond.
#define SUB 64
#define SUB_BITS 6
#define BUCKETS (SUB * 58)
static uint64_t histogram[BUCKETS];

void latency_add(uint64_t ns)
{
    uint64_t value = ns / 100;
    int top = 63 - __builtin_clzll(value | 1);
    int bucket = (int)value;
    if (top >= SUB_BITS) bucket = (top - SUB_BITS + 1) * SUB + (int)((value >> (top - SUB_BITS)) & (SUB - 1));
    if (bucket < BUCKETS) histogram[bucket]++;
}

double latency_us(double share)
{
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < BUCKETS; i++) total += histogram[i];
    for (int i = 0; i < BUCKETS; i++) {
        seen += histogram[i];
        if (seen <= (uint64_t)((double)total * share)) continue;
        if (i < SUB) return i * 0.1;
        return (double)((SUB + (uint64_t)(i % SUB)) << (i / SUB - 1)) * 0.1;
    }
    return 0;
}

void latency_reset(void)
{
    memset(histogram, 0, sizeof histogram);
}
