/* What the host lends to this module: all of its imports, and nothing else is imported.
 *
 * A negative result is a WASI error number, negated. HOST_INTERRUPTED means that the host asks the
 * turn to stop. Every call may end the guest for good.
 */
#ifndef RINGFENCE_HOST_H
#define RINGFENCE_HOST_H

#include <stdint.h>

#define HOST_IMPORT(symbol) __attribute__((import_module("ringfence"), import_name(#symbol)))

#define HOST_INTERRUPTED (-27) /* -__WASI_ERRNO_INTR */

enum host_clock { HOST_REALTIME = 0, HOST_MONOTONIC = 1, HOST_PROCESSOR = 2 };

/* Write some of these bytes to the channel; returns how many. Waits for room. */
HOST_IMPORT(send) int32_t host_send(const void *data, int32_t size);

/* Read some bytes from the channel, at least one; 0: the host is gone. */
HOST_IMPORT(receive) int32_t host_receive(void *buffer, int32_t size);

/* Wait for at most `nanoseconds` (negative: without end); with `channel`, no longer than until it
 * has something to read. Returns 1 if it has, 0 if the time is over. */
HOST_IMPORT(wait) int32_t host_wait(int64_t nanoseconds, int32_t channel);

/* Nanoseconds of a clock. */
HOST_IMPORT(clock) int64_t host_clock(int32_t clock);

/* Fill with random bytes. */
HOST_IMPORT(entropy) void host_entropy(void *buffer, int32_t size);

/* Something for the log of the host: what C code prints that knows of no turn. */
HOST_IMPORT(log) void host_log(const void *text, int32_t size);

#define HOST_OUT_OF_MEMORY 256

/* End the guest with a code, 0 to 255, or because it has no memory to go on with. Does not return. */
HOST_IMPORT(leave) _Noreturn void host_leave(int32_t code);

#endif
