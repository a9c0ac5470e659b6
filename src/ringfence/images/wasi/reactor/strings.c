/* Comparing and searching eight bytes at a time.
 *
 * The C library does it byte by byte, and here each load is checked and each round of a loop asks
 * whether its time is over. CPython finds, compares and measures text with these.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>

#define WORD sizeof(uint64_t)
#define EVERY(byte) (0x0101010101010101ULL * (uint8_t)(byte))
#define NO_CALL_OF_ITSELF __attribute__((no_builtin))

static inline uint64_t load(const void *from) {
    uint64_t word;
    __builtin_memcpy(&word, from, WORD);
    return word;
}

/* The highest bit of each byte that is zero, and nothing else. */
static inline uint64_t find_zeros(uint64_t word) {
    uint64_t low = EVERY(0x7f);
    return ~(((word & low) + low) | word | low);
}

/* Whether a byte is zero: cheaper, and says not which. */
static inline uint64_t has_zero(uint64_t word) { return (word - EVERY(1)) & ~word & EVERY(0x80); }

NO_CALL_OF_ITSELF int memcmp(const void *left, const void *right, size_t size) {
    const uint8_t *a = left, *b = right;
    for (; size >= 4 * WORD; a += 4 * WORD, b += 4 * WORD, size -= 4 * WORD) {
        uint64_t first = (load(a) ^ load(b)) | (load(a + WORD) ^ load(b + WORD));
        uint64_t second = (load(a + 2 * WORD) ^ load(b + 2 * WORD)) |
                          (load(a + 3 * WORD) ^ load(b + 3 * WORD));
        if (first | second) break;
    }
    for (; size >= WORD; a += WORD, b += WORD, size -= WORD) {
        uint64_t x = load(a), y = load(b);
        if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
    }
    for (; size > 0; a++, b++, size--)
        if (*a != *b) return *a - *b;
    return 0;
}

NO_CALL_OF_ITSELF int bcmp(const void *left, const void *right, size_t size) {
    return memcmp(left, right, size);
}

NO_CALL_OF_ITSELF void *memchr(const void *where, int byte, size_t size) {
    const uint8_t *at = where;
    uint64_t wanted = EVERY(byte);
    for (; size >= 4 * WORD; at += 4 * WORD, size -= 4 * WORD) {
        uint64_t found = has_zero(load(at) ^ wanted) | has_zero(load(at + WORD) ^ wanted) |
                         has_zero(load(at + 2 * WORD) ^ wanted) |
                         has_zero(load(at + 3 * WORD) ^ wanted);
        if (found) break;
    }
    for (; size >= WORD; at += WORD, size -= WORD) {
        uint64_t found = find_zeros(load(at) ^ wanted);
        if (found) return (void *)(at + __builtin_ctzll(found) / 8);
    }
    for (; size > 0; at++, size--)
        if (*at == (uint8_t)byte) return (void *)at;
    return NULL;
}

NO_CALL_OF_ITSELF void *memrchr(const void *where, int byte, size_t size) {
    const uint8_t *start = where;
    uint64_t wanted = EVERY(byte);
    for (; size >= WORD; size -= WORD) {
        uint64_t found = find_zeros(load(start + size - WORD) ^ wanted);
        if (found) return (void *)(start + size - 1 - __builtin_clzll(found) / 8);
    }
    for (; size > 0; size--)
        if (start[size - 1] == (uint8_t)byte) return (void *)(start + size - 1);
    return NULL;
}

NO_CALL_OF_ITSELF size_t strlen(const char *text) {
    const char *at = text;
    for (; (uintptr_t)at % (4 * WORD) != 0; at++)
        if (*at == 0) return (size_t)(at - text);
    for (;; at += 4 * WORD) { /* aligned: what begins in memory ends in it */
        uint64_t found = has_zero(load(at)) | has_zero(load(at + WORD)) |
                         has_zero(load(at + 2 * WORD)) | has_zero(load(at + 3 * WORD));
        if (found) break;
    }
    for (;; at += WORD) {
        uint64_t found = find_zeros(load(at));
        if (found) return (size_t)(at - text) + (size_t)__builtin_ctzll(found) / 8;
    }
}

NO_CALL_OF_ITSELF size_t strnlen(const char *text, size_t most) {
    const char *end = memchr(text, 0, most);
    return end == NULL ? most : (size_t)(end - text);
}

NO_CALL_OF_ITSELF char *strncpy(char *restrict to, const char *restrict from, size_t size) {
    size_t length = strnlen(from, size);
    memcpy(to, from, length);
    memset(to + length, 0, size - length);
    return to;
}
