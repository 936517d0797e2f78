// What a connection sends: an endless train of frames, made once and shared by all connections.
#ifndef TRAIN_H
#define TRAIN_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *bytes;  // `frames` different frames, then the first ones again, so that any run of them lies in one piece
    size_t *offsets; // where each begins; one more than there are
    size_t frames;
} train;

/**
 * Frames that carry a text of so many letters each, behind `prefix`; with `raw`, the text alone. Runs of up to `run` frames
 * lie in one piece.
 */
train train_of_text(const char *prefix, size_t letters, size_t run, int raw);

/**
 * Frames with RSV1 from a file of compressed messages, each after its length in four bytes (little-endian). The messages
 * were compressed one after the other by one stream, so that each is understood behind the one before; the first is
 * understood behind any, and so they can go round and round.
 */
train train_of_file(const char *path, size_t run);

#endif
