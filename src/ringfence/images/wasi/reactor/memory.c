/* What is left when memory is used up.
 *
 * CPython makes a MemoryError without allocating, but handles it with small allocations, and with not
 * one byte left its evaluation loop looks for the handler again and again (Python/ceval.c, where it
 * makes an int of the place that the error came from). So there is a pool for small objects beside the
 * heap. The allocation that fails first fails; those behind it may have so many bytes of the pool, and
 * as many again behind the next that fails, until a turn begins with room in the heap. Who has used up
 * the whole pool, and gets nothing at all, would never end.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "memory.h"

#define POOL (1 << 20)
#define CHUNK (32 << 10) /* of the pool, for cells of one size */
#define SMALLEST 16
#define SIZES 12        /* 16, 32, … 32768 */
#define PAGE ((64 << 10) - 64) /* as malloc takes them for small objects, each for one size */
#define PAGES 16               /* that there must be in the heap when the pool is closed again */
#define SHARE (128 << 10)      /* of the pool, for what comes behind an allocation that failed */
#define HOPELESS 1000   /* allocations in a row that failed */

typedef struct cell {
    struct cell *next;
} cell;

static _Alignas(CHUNK) uint8_t pool[POOL];
static uint8_t sizes[POOL / CHUNK]; /* of the cells in each chunk, as a number */
static cell *unused[SIZES];
static int chunks, failures;
static size_t left; /* bytes of the pool that may be taken */
static bool exhausted;

/* --- gaps: what the image has free between its objects, taken out of the heap until it is full -- */

#define LARGEST (32 << 10) /* of what malloc puts beside its like; it has chunks of 2^n bytes, and */
#define HEAD 4             /* these are its own */

static cell *gaps;

void fill_gaps(void) {
    const char *end = sbrk(0);
    for (size_t size = SMALLEST; size <= LARGEST; size *= 2) {
        char *chunk;
        while ((chunk = malloc(size - HEAD)) != NULL && chunk < end) {
            cell *gap = (cell *)chunk;
            gap->next = gaps;
            gaps = gap;
        }
        free(chunk);
    }
}

/* Give them back to the heap, if that was not done yet and it is full; that there is no room for
 * something large does not tell. */
static bool open_gaps(size_t size) {
    if (gaps == NULL) return false;
    void *page = size > LARGEST ? malloc(PAGE) : NULL;
    free(page);
    if (page != NULL) return false;
    while (gaps != NULL) {
        cell *gap = gaps;
        gaps = gap->next;
        free(gap);
    }
    return true;
}

/* --- the pool ----------------------------------------------------------------------------- */

static bool is_pooled(const void *memory) {
    return (uintptr_t)memory - (uintptr_t)pool < POOL;
}

static size_t size_of(const void *pooled) {
    return (size_t)SMALLEST << sizes[((uintptr_t)pooled - (uintptr_t)pool) / CHUNK];
}

static void put(void *pooled) {
    cell *it = pooled;
    int number = sizes[((uintptr_t)pooled - (uintptr_t)pool) / CHUNK];
    it->next = unused[number];
    unused[number] = it;
}

static void give_back(void *pooled) {
    left += size_of(pooled);
    put(pooled);
}

static void grant(void) {
    if (left < SHARE) left = SHARE;
}

static void *take(size_t size) {
    int number = 0;
    while (number < SIZES && (size_t)SMALLEST << number < size) number++;
    if (number == SIZES || (size_t)SMALLEST << number > left) return NULL;
    if (unused[number] == NULL && chunks < POOL / CHUNK) {
        uint8_t *chunk = pool + chunks * CHUNK;
        sizes[chunks++] = (uint8_t)number;
        for (size_t at = 0; at < CHUNK; at += (size_t)SMALLEST << number) put(chunk + at);
    }
    cell *it = unused[number];
    if (it == NULL) return NULL;
    unused[number] = it->next;
    left -= (size_t)SMALLEST << number;
    return it;
}

/* The heap has nothing: what the pool has instead. */
static void *fall_back(size_t size) {
    void *memory = exhausted ? take(size) : NULL;
    exhausted = true;
    if (memory != NULL) {
        failures = 0;
        return memory;
    }
    grant();
    if (++failures >= HOPELESS) host_leave(HOST_OUT_OF_MEMORY);
    return NULL;
}

static void *allocate_one(void *context, size_t size) {
    if (size == 0) size = 1;
    void *memory = malloc(size);
    if (memory == NULL && open_gaps(size)) memory = malloc(size);
    return memory != NULL ? memory : fall_back(size);
}

static void *allocate_zeroed(void *context, size_t count, size_t size) {
    if (count == 0 || size == 0) count = size = 1;
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole)) return NULL;
    void *memory = calloc(count, size);
    if (memory == NULL && open_gaps(whole)) memory = calloc(count, size);
    if (memory != NULL) return memory;
    memory = fall_back(whole);
    return memory == NULL ? NULL : memset(memory, 0, whole);
}

static void release(void *context, void *memory) {
    if (is_pooled(memory)) give_back(memory);
    else free(memory);
}

static void *resize(void *context, void *memory, size_t size) {
    if (!is_pooled(memory)) {
        if (size == 0) size = 1;
        void *resized = realloc(memory, size);
        if (resized == NULL && open_gaps(size)) resized = realloc(memory, size);
        if (resized != NULL || memory == NULL) return resized != NULL ? resized : fall_back(size);
        return fall_back(SIZE_MAX); /* its size is not known here, so it stays where it is */
    }
    size_t old = size_of(memory);
    if (size <= old) return memory;
    void *moved = allocate_one(context, size);
    if (moved == NULL) return NULL;
    memcpy(moved, memory, old);
    give_back(memory);
    return moved;
}

/* Where the interpreter has the frames of functions. */
static void *map(void *context, size_t size) {
    void *memory = malloc(size);
    return memory == NULL && open_gaps(size) ? malloc(size) : memory;
}

static void unmap(void *context, void *memory, size_t size) { free(memory); }

void use_pool(void) {
    PyObjectArenaAllocator frames = {NULL, map, unmap};
    PyObject_SetArenaAllocator(&frames);
    PyMemAllocatorEx allocator = {NULL, allocate_one, allocate_zeroed, resize, release};
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &allocator);
    PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &allocator);
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &allocator);
}

void close_pool(void) {
    if (!exhausted) return;
    void *pages[PAGES];
    int found = 0;
    while (found < PAGES && (pages[found] = malloc(PAGE)) != NULL) found++;
    exhausted = found < PAGES;
    grant();
    while (found > 0) free(pages[--found]);
}
