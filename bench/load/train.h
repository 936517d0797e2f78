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

/** A text: `prefix`, then `pattern` with so many letters where its `%` is. The caller frees it. */
char *text_of(const char *prefix, const char *pattern, size_t letters);

/**
 * Frames that carry a text each; with `attachment`, each is two: the text, and a binary one of so many bytes; with `raw`, the
 * text alone. Runs of up to `run` of them lie in one piece.
 */
train train_of_text(const char *text, size_t attachment, size_t run, int raw);

/**
 * Frames with RSV1 from a file of compressed messages, each after its length in four bytes (little-endian). The messages
 * were compressed one after the other by one stream, so that each is understood behind the one before; the first is
 * understood behind any, and so they can go round and round.
 */
train train_of_file(const char *path, size_t run);

#endif
