/* A worker that waits gives back the pages that are as they were.
 *
 * To use an object is to count a reference in it, so a worker that has done no more than run its
 * interpreter has written to hundreds of pages that it shared with all others, and half of them are as
 * they were when it has done so. To see that by running the interpreter is to write to them. This code
 * runs none: it compares such a page with its original and drops it, in one go, while nothing else in
 * the process can write.
 *
 * That holds because the process has two threads. The one that gives pages back holds the
 * interpreter's lock and is in give_back(). The other one has to be in await_order(), which writes to
 * its own stack alone, and does not return before the first one is done. (A third one would have to
 * wait in some such place as well.) The kernel writes to a thread's block of its own (rseq(2)) when it
 * schedules it, so that of the waiting thread is left alone, like both stacks.
 *
 * Nothing of the system is used but the kernel: the same file serves every libc.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096ul
#define ENTRIES 512 /* of pagemap, read at once: a page of them */
#define GAP 16      /* pages that nobody wrote to: with fewer between them, two runs are one */
#define LINE 8      /* words that are compared at once */
#define DEAD 64     /* pages below a stack's pointer that may have been used: a guest's thread has more */

/* --- the kernel ---------------------------------------------------------------------------------- */

#if defined(__x86_64__)
enum { PREAD = 17, PWRITE = 18, MMAP = 9, MADVISE = 28, FUTEX = 202, PPOLL = 271 };

static long ask(long number, long a, long b, long c, long d, long e, long f) {
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    register long sixth __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return number;
}
#elif defined(__aarch64__)
enum { PREAD = 67, PWRITE = 68, MMAP = 222, MADVISE = 233, FUTEX = 98, PPOLL = 73 };

static long ask(long number, long a, long b, long c, long d, long e, long f) {
    register long which __asm__("x8") = number;
    register long first __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long fourth __asm__("x3") = d;
    register long fifth __asm__("x4") = e;
    register long sixth __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(first)
                     : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "memory");
    return first;
}
#else
#error "no system calls are known for this machine"
#endif

enum { READ = 1, WRITE = 2, PRIVATE = 2, FIXED = 0x10, DONTNEED = 4, POLLIN = 1, WAIT = 0, WAKE = 1 };

static bool map(uintptr_t at, size_t size, int access, int file, size_t from) {
    return ask(MMAP, at, size, access, PRIVATE | FIXED, file, from) == (long)at;
}

static void drop(uintptr_t at, size_t size) { ask(MADVISE, at, size, DONTNEED, 0, 0, 0); }

/* --- the book ------------------------------------------------------------------------------------ */

/* Of the process, made by its Python: ringfence/_engines/wasi/originals.py. */
struct span {
    uint64_t at, size, original;
};

enum { AWAY, LISTENING, GIVING };

struct book {
    _Atomic uint32_t state; /* of the thread that listens */
    uint32_t most;          /* spans that there is room for */
    uint64_t size;          /* bytes of the book */
    uint64_t room, length;  /* addresses for the originals, and how many bytes that is */
    uint64_t listener;      /* the waiting thread's block */
    uint64_t kept, count;   /* spans whose originals are ours, and all: the others are of the module */
    struct span spans[];
};

static void note(struct book *book, uint64_t at, uint64_t size, uint64_t original) {
    struct span *span = &book->spans[book->count++];
    span->at = at;
    span->size = size;
    span->original = original;
}

/* Which pages from `at` on are the process's own; as many as one reading tells, 0 if none does.
 * proc_pid_pagemap(5): bit 63, it is there; bit 62, it is swapped out; bit 61, it is a file's. */
static size_t look(int pagemap, uint64_t at, size_t pages, uint64_t *entries) {
    if (pages > ENTRIES)
        pages = ENTRIES;
    long got = ask(PREAD, pagemap, (long)entries, pages * 8, at / PAGE * 8, 0, 0);
    return got == (long)(pages * 8) ? pages : 0;
}

static bool is_own(uint64_t entry) { return entry >> 62 && !(entry >> 61 & 1); }

/* --- in the zygote, before its first fork -------------------------------------------------------- */

/* Have a run of pages be a copy of a file that has what they have. */
static bool keep_run(struct book *book, uint64_t at, size_t size, int file, size_t *used) {
    if (book->count == book->most || *used + size > book->length)
        return false;
    for (size_t done = 0; done < size;) {
        long put = ask(PWRITE, file, (long)(at + done), size - done, *used + done, 0, 0);
        if (put <= 0)
            return false;
        done += (size_t)put;
    }
    if (!map(at, size, READ | WRITE, file, *used))
        return false;
    note(book, at, size, book->room + *used);
    *used += size;
    return true;
}

static void keep_place(struct book *book, const struct span *place, int file, int pagemap, size_t *used) {
    uint64_t entries[ENTRIES], begin = 0, end = 0;
    uint64_t behind = place->at + place->size;
    for (uint64_t at = place->at; at < behind;) {
        size_t seen = look(pagemap, at, (behind - at) / PAGE, entries);
        if (!seen)
            return;
        for (size_t k = 0; k < seen; k++, at += PAGE) {
            bool mine = at >= (uint64_t)book && at < (uint64_t)book + book->size;
            if (end && (mine || at - end >= GAP * PAGE)) {
                if (!keep_run(book, begin, end - begin, file, used))
                    return;
                end = 0;
            }
            if (is_own(entries[k]) && !mine) {
                if (!end)
                    begin = at;
                end = at + PAGE;
            }
        }
    }
    if (end)
        keep_run(book, begin, end - begin, file, used);
}

/* Note the parts of a place that are as its original, which is there already. Who freezes a guest writes
 * down the pages that are its own: one that this process has changed must stay one of those, whatever
 * becomes of it, for the next process may not have changed it in the same way. */
static void note_place(struct book *book, const struct span *place, int pagemap) {
    uint64_t entries[ENTRIES], begin = 0;
    uint64_t behind = place->at + place->size;
    for (uint64_t at = place->at; at < behind;) {
        size_t seen = look(pagemap, at, (behind - at) / PAGE, entries);
        for (size_t k = 0; k < seen; k++, at += PAGE) {
            bool own = is_own(entries[k]);
            if (!own && !begin)
                begin = at;
            if (begin && (own || at + PAGE == behind) && book->count < book->most) {
                uint64_t end = own ? at : behind;
                note(book, begin, end - begin, place->original + (begin - place->at));
            }
            if (own)
                begin = 0;
        }
        if (!seen)
            return;
    }
}

/* Keep the originals of what was written to in these places, in a file that is large enough; a place
 * that has an original already is left as it is. By the only thread. Bytes that were kept: fewer where
 * the kernel or the book had no room, or a place is gone; what is not kept is not given back. */
long keep(struct book *book, const struct span *places, size_t count, int file, int pagemap) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (!places[i].original)
            keep_place(book, &places[i], file, pagemap, &used);
    if (used && !map(book->room, used, READ, file, 0)) {
        book->count = 0;
        return 0;
    }
    book->kept = book->count;
    for (size_t i = 0; i < count; i++)
        if (places[i].original)
            note_place(book, &places[i], pagemap);
    return (long)used;
}

/* --- in a guest's worker ------------------------------------------------------------------------- */

/* Wait for something to read, on the thread that listens and without the interpreter's lock. */
void await_order(struct book *book, int descriptor) {
    struct {
        int descriptor;
        short wanted, found;
    } poll = {descriptor, POLLIN, 0};
    uint32_t expected;
    book->listener = (uint64_t)__builtin_thread_pointer();
    atomic_store(&book->state, LISTENING);
    do {
        ask(PPOLL, (long)&poll, 1, 0, 0, 0, 0);
        while (atomic_load(&book->state) == GIVING)
            ask(FUTEX, (long)&book->state, WAIT, GIVING, 0, 0, 0);
        expected = LISTENING;
    } while (!atomic_compare_exchange_strong(&book->state, &expected, AWAY));
}

static bool is_same(uint64_t at, uint64_t original) {
    const uint64_t *mine = (const uint64_t *)at, *first = (const uint64_t *)original;
    for (size_t k = 0; k < PAGE / sizeof *mine; k += LINE) {
        uint64_t changes = 0;
        for (size_t word = k; word < k + LINE; word++)
            changes |= mine[word] ^ first[word];
        if (changes)
            return false;
    }
    return true;
}

/* What is in use between two looks: a stack, and what is the kernel's to write to. */
struct used {
    uint64_t stack, top, block;
};

static bool is_used(const struct used *used, uint64_t at) {
    return (at >= used->stack && at < used->top) ||
           (at >= used->block - 2 * PAGE && at <= used->block + 2 * PAGE);
}

static long give_span(const struct span *span, const struct used *used, int pagemap) {
    uint64_t entries[ENTRIES], begin = 0;
    long given = 0;
    for (uint64_t at = span->at, behind = at + span->size; at < behind;) {
        size_t seen = look(pagemap, at, (behind - at) / PAGE, entries);
        if (!seen)
            break;
        for (size_t k = 0; k <= seen; k++) {
            uint64_t page = at + k * PAGE;
            if (k < seen && is_own(entries[k]) && !is_used(used, page) &&
                is_same(page, span->original + (page - span->at))) {
                if (!begin)
                    begin = page;
            } else if (begin) {
                drop(begin, page - begin);
                given += (long)((page - begin) / PAGE);
                begin = 0;
            }
        }
        at += seen * PAGE;
    }
    drop(span->original, span->size); /* what was read for this is the file's, and not counted as ours */
    return given;
}

/* Give back what is as it was, with the interpreter's lock held, on a thread that runs guests: how many
 * pages; none unless the other thread listens. */
long give_back(struct book *book, int pagemap) {
    uint32_t expected = LISTENING;
    long given = 0;
    if (!book->count || !atomic_compare_exchange_strong(&book->state, &expected, GIVING))
        return 0;
    struct used used = {
        .stack = (uint64_t)__builtin_frame_address(0) / PAGE * PAGE - 4 * PAGE,
        .top = (uint64_t)__builtin_thread_pointer() + 16 * PAGE, /* a thread's block is above */
        .block = book->listener / PAGE * PAGE,
    };
    for (uint64_t i = 0; i < book->count; i++)
        given += give_span(&book->spans[i], &used, pagemap);
    drop(used.stack - DEAD * PAGE, DEAD * PAGE);
    atomic_store(&book->state, LISTENING);
    ask(FUTEX, (long)&book->state, WAKE, 1, 0, 0, 0);
    return given;
}

/* The same of the module's memory alone, wherever the other thread is: without the interpreter's lock
 * nobody writes to that. */
long give_back_memory(struct book *book, int pagemap) {
    struct used none = {.block = 2 * PAGE};
    long given = 0;
    for (uint64_t i = book->kept; i < book->count; i++)
        given += give_span(&book->spans[i], &none, pagemap);
    return given;
}
