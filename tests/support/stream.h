/* A pipe or terminal that a test reads line by line, as the lines come. */
#ifndef TESTS_STREAM_H
#define TESTS_STREAM_H

#include <stdbool.h>
#include <stddef.h>

enum { STREAM_MAX = 256 * 1024, AWAIT_MS = 60000 };

/* All that was read stays in `bytes`, terminated; `taken` is where the next search begins. */
struct stream {
    int fd; /* -1: at its end */
    size_t length, taken;
    char bytes[STREAM_MAX + 1];
};

/* Takes over FD, which becomes non-blocking and is closed by stream_close or at its end. */
void stream_open(struct stream *stream, int fd);
void stream_close(struct stream *stream);

/* Reads what is there now. */
void stream_drain(struct stream *stream);

/*
 * Waits for TEXT to come after what was taken before and takes all up to its end: a pointer to what follows TEXT, whole
 * up to the end of its line. Fails the test once nothing at all has come for AWAIT_MS.
 */
const char *stream_await(struct stream *stream, const char *text);

/* Whether TEXT comes within MS; nothing is taken. */
bool stream_comes(struct stream *stream, const char *text, int ms);

/* How often TEXT is in all that was read. */
size_t stream_count(const struct stream *stream, const char *text);

#endif
