#define _GNU_SOURCE
#include "train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HEADER 14
#define FIN_TEXT 0x81
#define FIN_BINARY 0x82
#define PLACE_OF_LETTERS '%'
#define RSV1 0x40
#define MASKED 0x80

// Any key is as good as another for a test; servers unmask all of them alike.
static const uint8_t KEY[4] = {0x37, 0xfa, 0x21, 0x3d};

/** Writes a client's frame (RFC 6455 §5.2) and returns its size. */
static size_t write_frame(uint8_t *out, uint8_t first, const uint8_t *payload, size_t size)
{
    size_t at = 0;
    out[at++] = first;
    int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
    out[at++] = MASKED | (uint8_t)(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127);
    for (int i = length_bytes - 1; i >= 0; i--) out[at++] = (uint8_t)((uint64_t)size >> (8 * i));
    memcpy(out + at, KEY, 4);
    at += 4;
    for (size_t i = 0; i < size; i++) out[at++] = payload[i] ^ KEY[i & 3];
    return at;
}

/** Repeats the first frames behind the last, as often as it takes for `run` more. */
static void extend(train *t, size_t run)
{
    size_t *offsets = t->offsets = realloc(t->offsets, (t->frames + run + 1) * sizeof *offsets);
    for (size_t i = t->frames; i < t->frames + run; i++) {
        size_t source = i % t->frames;
        offsets[i + 1] = offsets[i] + offsets[source + 1] - offsets[source];
    }
    t->bytes = realloc(t->bytes, offsets[t->frames + run]);
    for (size_t i = t->frames; i < t->frames + run; i++)
        memcpy(t->bytes + offsets[i], t->bytes + offsets[i % t->frames], offsets[i + 1] - offsets[i]);
}

static void write_letters(uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = (uint8_t)('a' + i % 26);
}

char *text_of(const char *prefix, const char *pattern, size_t letters)
{
    char *text = malloc(strlen(prefix) + strlen(pattern) + letters + 1);
    char *end = stpcpy(text, prefix);
    for (; *pattern != 0; pattern++) {
        if (*pattern != PLACE_OF_LETTERS) {
            *end++ = *pattern;
            continue;
        }
        write_letters((uint8_t *)end, letters);
        end += letters;
    }
    *end = 0;
    return text;
}

train train_of_text(const char *text, size_t attachment, size_t run, int raw)
{
    size_t size = strlen(text);
    train t = {malloc(size + attachment + 2 * MAX_HEADER), calloc(2, sizeof(size_t)), 1};
    if (raw) memcpy(t.bytes, text, size);
    t.offsets[1] = raw ? size : write_frame(t.bytes, FIN_TEXT, (const uint8_t *)text, size);
    if (attachment > 0) {
        uint8_t *letters = malloc(attachment);
        write_letters(letters, attachment);
        t.offsets[1] += write_frame(t.bytes + t.offsets[1], FIN_BINARY, letters, attachment);
        free(letters);
    }
    extend(&t, run);
    return t;
}

train train_of_file(const char *path, size_t run)
{
    train t = {NULL, calloc(1, sizeof(size_t)), 0};
    FILE *file = fopen(path, "rb");
    uint8_t size_bytes[4];
    while (file != NULL && fread(size_bytes, 4, 1, file) == 1) {
        size_t size = size_bytes[0] | size_bytes[1] << 8 | size_bytes[2] << 16 | (size_t)size_bytes[3] << 24;
        uint8_t *payload = malloc(size + 1);
        if (fread(payload, 1, size, file) != size) break;
        size_t end = t.offsets[t.frames];
        t.bytes = realloc(t.bytes, end + size + MAX_HEADER);
        t.offsets = realloc(t.offsets, (t.frames + 2) * sizeof *t.offsets);
        t.offsets[++t.frames] = end + write_frame(t.bytes + end, FIN_TEXT | RSV1, payload, size);
        free(payload);
    }
    if (t.frames == 0) {
        fprintf(stderr, "There are no messages in %s.\n", path);
        exit(1);
    }
    fclose(file);
    extend(&t, run);
    return t;
}
