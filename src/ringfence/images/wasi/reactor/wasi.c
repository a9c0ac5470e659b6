/* WASI preview 1, implemented inside the module over filesystem.c and the few calls of host.h.
 *
 * wasi-libc imports these functions; a module that defines them imports none of them. So whatever
 * implements WASI on the host is out of a guest's reach, and a guest's open files are part of its
 * memory. The names are those that wasi-libc gives its imports.
 *
 * https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#include "filesystem.h"
#include "host.h"
#include "interrupt.h"

#define WASI(name) int32_t __imported_wasi_snapshot_preview1_##name
#define OK __WASI_ERRNO_SUCCESS
#define AT(type, address) ((type *)(uintptr_t)(uint32_t)(address))
#define DESCRIPTORS 256
#define FIRST_FOLDER 3 /* where wasi-libc looks for the folders that it starts with */
#define EVERY_RIGHT ((__wasi_rights_t)0x1fffffff)
#define SECOND 1000000000ULL

typedef struct {
    node *node; /* NULL: free, or a stream */
    bool stream;
    bool open;
    uint16_t flags; /* __wasi_fdflags_t */
    __wasi_rights_t rights;
    uint64_t offset;
} descriptor;

/* wasi-libc takes a stream that says that it cannot be sought in for a terminal. */
#define NO_TERMINAL (__WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL)

static descriptor table[DESCRIPTORS] = {
    {.stream = true, .open = true, .rights = __WASI_RIGHTS_FD_READ | NO_TERMINAL},
    {.stream = true, .open = true, .rights = __WASI_RIGHTS_FD_WRITE | NO_TERMINAL},
    {.stream = true, .open = true, .rights = __WASI_RIGHTS_FD_WRITE | NO_TERMINAL},
};

uint64_t fs_now(void) { return (uint64_t)host_clock(HOST_REALTIME); }

__attribute__((constructor(1))) static void open_root(void) {
    node *root = fs_root();
    fs_open(root);
    table[FIRST_FOLDER] = (descriptor){.node = root, .open = true, .rights = EVERY_RIGHT};
}

static descriptor *get(int32_t number) {
    if ((uint32_t)number >= DESCRIPTORS || !table[number].open) return NULL;
    return &table[number];
}

static __wasi_errno_t get_file(int32_t number, __wasi_rights_t right, descriptor **found) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    if (it->stream) return __WASI_ERRNO_SPIPE;
    if (it->node->kind == __WASI_FILETYPE_DIRECTORY) return __WASI_ERRNO_ISDIR;
    if (!(it->rights & right)) return __WASI_ERRNO_BADF;
    *found = it;
    return OK;
}

static __wasi_errno_t get_folder(int32_t number, node **found) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    if (it->stream || it->node->kind != __WASI_FILETYPE_DIRECTORY) return __WASI_ERRNO_NOTDIR;
    *found = it->node;
    return OK;
}

/* --- the program -------------------------------------------------------------------------- */

WASI(args_get)(int32_t pointers, int32_t buffer) { return OK; }

WASI(args_sizes_get)(int32_t count, int32_t size) {
    *AT(uint32_t, count) = *AT(uint32_t, size) = 0;
    return OK;
}

WASI(environ_get)(int32_t pointers, int32_t buffer) { return OK; }

WASI(environ_sizes_get)(int32_t count, int32_t size) {
    *AT(uint32_t, count) = *AT(uint32_t, size) = 0;
    return OK;
}

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t code) { host_leave(code & 0xff); }

WASI(sched_yield)(void) { return OK; }

WASI(random_get)(int32_t buffer, int32_t size) {
    host_entropy(AT(void, buffer), size);
    return OK;
}

/* --- time --------------------------------------------------------------------------------- */

static __wasi_errno_t find_clock(int32_t id, int32_t *clock) {
    switch (id) {
    case __WASI_CLOCKID_REALTIME: *clock = HOST_REALTIME; return OK;
    case __WASI_CLOCKID_MONOTONIC: *clock = HOST_MONOTONIC; return OK;
    case 2: /* process_cputime_id, thread_cputime_id: preview 1 has both, later headers neither */
    case 3: *clock = HOST_PROCESSOR; return OK;
    default: return __WASI_ERRNO_INVAL;
    }
}

WASI(clock_res_get)(int32_t id, int32_t resolution) {
    int32_t clock;
    __wasi_errno_t error = find_clock(id, &clock);
    if (!error) *AT(uint64_t, resolution) = 1;
    return error;
}

WASI(clock_time_get)(int32_t id, int64_t precision, int32_t time) {
    int32_t clock;
    __wasi_errno_t error = find_clock(id, &clock);
    if (!error) *AT(uint64_t, time) = (uint64_t)host_clock(clock);
    return error;
}

/* Files are always ready, and so is standard input, which is at its end. What waits for nothing at
 * all waits for the host to interrupt it. */
WASI(poll_oneoff)(int32_t in, int32_t out, int32_t count, int32_t happened) {
    const __wasi_subscription_t *wanted = AT(__wasi_subscription_t, in);
    __wasi_event_t *events = AT(__wasi_event_t, out);
    uint32_t found = 0;
    uint64_t shortest = UINT64_MAX;
    if (count < 0) return __WASI_ERRNO_INVAL;
    for (int32_t i = 0; i < count; i++) {
        const __wasi_subscription_t *it = &wanted[i];
        if (it->u.tag != __WASI_EVENTTYPE_CLOCK) {
            int32_t number = (int32_t)it->u.u.fd_read.file_descriptor;
            __wasi_event_t event = {.userdata = it->userdata, .type = it->u.tag};
            if (get(number) == NULL) event.error = __WASI_ERRNO_BADF;
            else event.fd_readwrite.nbytes = 1;
            events[found++] = event;
            continue;
        }
        int32_t clock;
        if (find_clock((int32_t)it->u.u.clock.id, &clock)) return __WASI_ERRNO_INVAL;
        uint64_t time = it->u.u.clock.timeout;
        if (it->u.u.clock.flags & __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) {
            uint64_t now = (uint64_t)host_clock(clock);
            time = time > now ? time - now : 0;
        }
        if (time < shortest) shortest = time;
    }
    if (found == 0) {
        int64_t time = shortest <= INT64_MAX ? (int64_t)shortest : -1;
        int32_t outcome = host_wait(time, 0);
        if (outcome == HOST_INTERRUPTED) {
            take_interrupt();
            if (count > 0) return __WASI_ERRNO_INTR;
            *AT(uint32_t, happened) = 0; /* of nothing to wait for, wasi-libc takes no error */
            return OK;
        }
        if (outcome < 0) return -outcome;
        for (int32_t i = 0; i < count; i++) {
            const __wasi_subscription_t *it = &wanted[i];
            int32_t clock;
            find_clock((int32_t)it->u.u.clock.id, &clock);
            bool absolute = it->u.u.clock.flags & __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
            bool over = absolute ? (uint64_t)host_clock(clock) >= it->u.u.clock.timeout
                                 : it->u.u.clock.timeout <= shortest;
            if (over) events[found++] = (__wasi_event_t){.userdata = it->userdata};
        }
        if (found == 0) return __WASI_ERRNO_INTR; /* woken too early: the caller asks again */
    }
    *AT(uint32_t, happened) = found;
    return OK;
}

/* --- descriptors -------------------------------------------------------------------------- */

WASI(fd_advise)(int32_t number, int64_t offset, int64_t size, int32_t advice) {
    return get(number) == NULL ? __WASI_ERRNO_BADF : OK;
}

WASI(fd_allocate)(int32_t number, int64_t offset, int64_t size) {
    descriptor *it;
    __wasi_errno_t error = get_file(number, __WASI_RIGHTS_FD_WRITE, &it);
    if (error) return error;
    if (offset < 0 || size <= 0 || offset > INT64_MAX - size) return __WASI_ERRNO_INVAL;
    uint64_t end = (uint64_t)(offset + size);
    return end > it->node->file.size ? fs_resize(it->node, end) : OK;
}

WASI(fd_close)(int32_t number) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    node *closed = it->node;
    *it = (descriptor){0};
    if (closed != NULL) fs_close(closed);
    return OK;
}

/* Zig's own part of the C library has another name for it. */
int32_t zig_fd_close(int32_t number) __asm__("fd_close|wasi_snapshot_preview1");
int32_t zig_fd_close(int32_t number) { return __imported_wasi_snapshot_preview1_fd_close(number); }

WASI(fd_datasync)(int32_t number) { return get(number) == NULL ? __WASI_ERRNO_BADF : OK; }

WASI(fd_sync)(int32_t number) { return get(number) == NULL ? __WASI_ERRNO_BADF : OK; }

WASI(fd_fdstat_get)(int32_t number, int32_t result) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    *AT(__wasi_fdstat_t, result) = (__wasi_fdstat_t){
        .fs_filetype = it->stream ? __WASI_FILETYPE_CHARACTER_DEVICE : it->node->kind,
        .fs_flags = it->flags,
        .fs_rights_base = it->rights,
        .fs_rights_inheriting = EVERY_RIGHT,
    };
    return OK;
}

WASI(fd_fdstat_set_flags)(int32_t number, int32_t flags) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    it->flags = (uint16_t)flags;
    return OK;
}

WASI(fd_fdstat_set_rights)(int32_t number, int64_t base, int64_t inheriting) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    it->rights &= (__wasi_rights_t)base;
    return OK;
}

static void describe(const node *it, __wasi_filestat_t *result) {
    uint64_t size = it->kind == __WASI_FILETYPE_REGULAR_FILE     ? it->file.size
                    : it->kind == __WASI_FILETYPE_SYMBOLIC_LINK ? it->link.length
                                                                : 0;
    *result = (__wasi_filestat_t){
        .dev = 1,
        .ino = it->number,
        .filetype = it->kind,
        .nlink = it->links,
        .size = size,
        .atim = it->accessed,
        .mtim = it->modified,
        .ctim = it->changed,
    };
}

WASI(fd_filestat_get)(int32_t number, int32_t result) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    if (it->stream)
        *AT(__wasi_filestat_t, result) =
            (__wasi_filestat_t){.filetype = __WASI_FILETYPE_CHARACTER_DEVICE, .nlink = 1};
    else
        describe(it->node, AT(__wasi_filestat_t, result));
    return OK;
}

WASI(fd_filestat_set_size)(int32_t number, int64_t size) {
    descriptor *it;
    __wasi_errno_t error = get_file(number, __WASI_RIGHTS_FD_WRITE, &it);
    if (error) return error;
    return size < 0 ? __WASI_ERRNO_INVAL : fs_resize(it->node, (uint64_t)size);
}

static __wasi_errno_t set_times(node *it, int64_t accessed, int64_t modified, int32_t flags) {
    if (!it->writable) return __WASI_ERRNO_ROFS;
    uint64_t now = fs_now();
    if (flags & __WASI_FSTFLAGS_ATIM) it->accessed = (uint64_t)accessed;
    if (flags & __WASI_FSTFLAGS_ATIM_NOW) it->accessed = now;
    if (flags & __WASI_FSTFLAGS_MTIM) it->modified = (uint64_t)modified;
    if (flags & __WASI_FSTFLAGS_MTIM_NOW) it->modified = now;
    it->changed = now;
    return OK;
}

WASI(fd_filestat_set_times)(int32_t number, int64_t accessed, int64_t modified, int32_t flags) {
    descriptor *it = get(number);
    if (it == NULL || it->stream) return __WASI_ERRNO_BADF;
    return set_times(it->node, accessed, modified, flags);
}

static __wasi_errno_t read_at(descriptor *it, int32_t parts, int32_t count, uint64_t *offset,
                              int32_t result) {
    const __wasi_iovec_t *vector = AT(__wasi_iovec_t, parts);
    uint64_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        uint64_t got = fs_read(it->node, *offset, vector[i].buf, vector[i].buf_len);
        *offset += got;
        sum += got;
        if (got < vector[i].buf_len) break;
    }
    *AT(uint32_t, result) = (uint32_t)sum;
    return OK;
}

static __wasi_errno_t write_at(descriptor *it, int32_t parts, int32_t count, uint64_t *offset,
                               int32_t result) {
    const __wasi_ciovec_t *vector = AT(__wasi_ciovec_t, parts);
    uint64_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        __wasi_errno_t error = fs_write(it->node, *offset, vector[i].buf, vector[i].buf_len);
        if (error) {
            if (sum > 0) break; /* what was written is told first */
            return error;
        }
        *offset += vector[i].buf_len;
        sum += vector[i].buf_len;
    }
    *AT(uint32_t, result) = (uint32_t)sum;
    return OK;
}

WASI(fd_read)(int32_t number, int32_t parts, int32_t count, int32_t result) {
    descriptor *it = get(number);
    if (it != NULL && it->stream) { /* standard input is at its end; the others cannot be read */
        if (!(it->rights & __WASI_RIGHTS_FD_READ)) return __WASI_ERRNO_BADF;
        *AT(uint32_t, result) = 0;
        return OK;
    }
    __wasi_errno_t error = get_file(number, __WASI_RIGHTS_FD_READ, &it);
    return error ? error : read_at(it, parts, count, &it->offset, result);
}

WASI(fd_pread)(int32_t number, int32_t parts, int32_t count, int64_t offset, int32_t result) {
    descriptor *it;
    __wasi_errno_t error = get_file(number, __WASI_RIGHTS_FD_READ, &it);
    if (error) return error;
    if (offset < 0) return __WASI_ERRNO_INVAL;
    uint64_t at = (uint64_t)offset;
    return read_at(it, parts, count, &at, result);
}

WASI(fd_write)(int32_t number, int32_t parts, int32_t count, int32_t result) {
    descriptor *it = get(number);
    if (it != NULL && it->stream) {
        if (!(it->rights & __WASI_RIGHTS_FD_WRITE)) return __WASI_ERRNO_BADF;
        const __wasi_ciovec_t *vector = AT(__wasi_ciovec_t, parts);
        uint32_t sum = 0;
        for (int32_t i = 0; i < count; i++) {
            host_log(vector[i].buf, (int32_t)vector[i].buf_len);
            sum += vector[i].buf_len;
        }
        *AT(uint32_t, result) = sum;
        return OK;
    }
    __wasi_errno_t error = get_file(number, __WASI_RIGHTS_FD_WRITE, &it);
    if (error) return error;
    if (it->flags & __WASI_FDFLAGS_APPEND) it->offset = it->node->file.size;
    return write_at(it, parts, count, &it->offset, result);
}

WASI(fd_pwrite)(int32_t number, int32_t parts, int32_t count, int64_t offset, int32_t result) {
    descriptor *it;
    __wasi_errno_t error = get_file(number, __WASI_RIGHTS_FD_WRITE, &it);
    if (error) return error;
    if (offset < 0) return __WASI_ERRNO_INVAL;
    uint64_t at = (uint64_t)offset;
    return write_at(it, parts, count, &at, result);
}

WASI(fd_seek)(int32_t number, int64_t offset, int32_t whence, int32_t result) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    if (it->stream) return __WASI_ERRNO_SPIPE;
    uint64_t size = it->node->kind == __WASI_FILETYPE_REGULAR_FILE ? it->node->file.size : 0;
    int64_t base = whence == __WASI_WHENCE_SET   ? 0
                   : whence == __WASI_WHENCE_CUR ? (int64_t)it->offset
                                                 : (int64_t)size;
    if (whence < 0 || whence > 2) return __WASI_ERRNO_INVAL;
    int64_t target;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) return __WASI_ERRNO_INVAL;
    *AT(uint64_t, result) = it->offset = (uint64_t)target;
    return OK;
}

WASI(fd_tell)(int32_t number, int32_t result) {
    descriptor *it = get(number);
    if (it == NULL) return __WASI_ERRNO_BADF;
    if (it->stream) return __WASI_ERRNO_SPIPE;
    *AT(uint64_t, result) = it->offset;
    return OK;
}

WASI(fd_renumber)(int32_t from, int32_t to) {
    descriptor *source = get(from), *target = get(to);
    if (source == NULL || target == NULL) return __WASI_ERRNO_BADF;
    if (from == to) return OK;
    node *closed = target->node;
    *target = *source;
    *source = (descriptor){0};
    if (closed != NULL) fs_close(closed);
    return OK;
}

WASI(fd_prestat_get)(int32_t number, int32_t result) {
    if (number != FIRST_FOLDER || get(number) == NULL) return __WASI_ERRNO_BADF;
    *AT(__wasi_prestat_t, result) =
        (__wasi_prestat_t){.tag = __WASI_PREOPENTYPE_DIR, .u.dir.pr_name_len = 1};
    return OK;
}

WASI(fd_prestat_dir_name)(int32_t number, int32_t path, int32_t size) {
    if (number != FIRST_FOLDER || get(number) == NULL) return __WASI_ERRNO_BADF;
    if (size < 1) return __WASI_ERRNO_NAMETOOLONG;
    *AT(char, path) = '/';
    return OK;
}

/* Entries that fit; the last one may be cut off, which tells the reader to ask on from there. */
WASI(fd_readdir)(int32_t number, int32_t buffer, int32_t size, int64_t cookie, int32_t used) {
    node *folder;
    __wasi_errno_t error = get_folder(number, &folder);
    if (error) return error;
    uint8_t *out = AT(uint8_t, buffer);
    uint32_t room = (uint32_t)size, written = 0;
    for (uint32_t i = 0; i < folder->folder.count && written < room; i++) {
        entry *it = &folder->folder.entries[i];
        if (it->order <= (uint64_t)cookie) continue;
        __wasi_dirent_t head = {.d_next = it->order,
                                .d_ino = it->node->number,
                                .d_namlen = it->length,
                                .d_type = it->node->kind};
        uint32_t left = room - written, part = left < sizeof head ? left : sizeof head;
        memcpy(out + written, &head, part);
        written += part;
        left = room - written;
        part = left < it->length ? left : it->length;
        memcpy(out + written, it->name, part);
        written += part;
    }
    *AT(uint32_t, used) = written;
    return OK;
}

/* --- paths -------------------------------------------------------------------------------- */

#define PATH(pointer, length) AT(const char, pointer), (uint32_t)(length)

WASI(path_open)(int32_t number, int32_t lookup, int32_t path, int32_t length, int32_t how,
                int64_t rights, int64_t inheriting, int32_t flags, int32_t result) {
    node *base, *found = NULL;
    __wasi_errno_t error = get_folder(number, &base);
    if (error) return error;
    int32_t free = FIRST_FOLDER + 1;
    while (free < DESCRIPTORS && table[free].open) free++;
    if (free == DESCRIPTORS) return __WASI_ERRNO_MFILE;
    bool follow = lookup & __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW;
    error = fs_find(base, PATH(path, length), follow && !(how & __WASI_OFLAGS_EXCL), &found);
    bool made = false;
    if (error == __WASI_ERRNO_NOENT && (how & __WASI_OFLAGS_CREAT)) {
        node *folder;
        const char *name;
        uint32_t name_length;
        if (length > 0 && AT(char, path)[length - 1] == '/') return __WASI_ERRNO_ISDIR;
        bool through = follow && !(how & __WASI_OFLAGS_EXCL);
        error = fs_find_parent(base, PATH(path, length), through, &folder, &name, &name_length);
        if (error) return error;
        error = fs_make(folder, name, name_length, __WASI_FILETYPE_REGULAR_FILE, NULL, 0, &found);
        made = true;
    } else if (!error && (how & __WASI_OFLAGS_CREAT) && (how & __WASI_OFLAGS_EXCL)) {
        return __WASI_ERRNO_EXIST;
    }
    if (error) return error;
    bool writes = rights & (__WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_ALLOCATE);
    if (found->kind == __WASI_FILETYPE_SYMBOLIC_LINK) return __WASI_ERRNO_LOOP;
    if (found->kind == __WASI_FILETYPE_DIRECTORY) {
        if (how & (__WASI_OFLAGS_TRUNC | __WASI_OFLAGS_CREAT)) return __WASI_ERRNO_ISDIR;
        if (writes && !(rights & __WASI_RIGHTS_FD_READDIR)) return __WASI_ERRNO_ISDIR;
    } else {
        if (how & __WASI_OFLAGS_DIRECTORY) return __WASI_ERRNO_NOTDIR;
        if (writes && !found->writable) return __WASI_ERRNO_ROFS;
        if ((how & __WASI_OFLAGS_TRUNC) && !made) {
            error = fs_resize(found, 0);
            if (error) return error;
        }
    }
    fs_open(found);
    table[free] = (descriptor){.node = found,
                               .open = true,
                               .flags = (uint16_t)flags,
                               .rights = (__wasi_rights_t)rights};
    *AT(int32_t, result) = free;
    return OK;
}

WASI(path_filestat_get)(int32_t number, int32_t lookup, int32_t path, int32_t length,
                        int32_t result) {
    node *base, *found;
    __wasi_errno_t error = get_folder(number, &base);
    if (error) return error;
    error = fs_find(base, PATH(path, length), lookup & __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, &found);
    if (!error) describe(found, AT(__wasi_filestat_t, result));
    return error;
}

WASI(path_filestat_set_times)(int32_t number, int32_t lookup, int32_t path, int32_t length,
                              int64_t accessed, int64_t modified, int32_t flags) {
    node *base, *found;
    __wasi_errno_t error = get_folder(number, &base);
    if (error) return error;
    error = fs_find(base, PATH(path, length), lookup & __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, &found);
    return error ? error : set_times(found, accessed, modified, flags);
}

/* What a call that changes one entry needs. */
static __wasi_errno_t get_entry(int32_t number, int32_t path, int32_t length, node **folder,
                                const char **name, uint32_t *name_length) {
    node *base;
    __wasi_errno_t error = get_folder(number, &base);
    if (error) return error;
    return fs_find_parent(base, PATH(path, length), false, folder, name, name_length);
}

WASI(path_create_directory)(int32_t number, int32_t path, int32_t length) {
    node *folder;
    const char *name;
    uint32_t name_length;
    __wasi_errno_t error = get_entry(number, path, length, &folder, &name, &name_length);
    if (error == __WASI_ERRNO_INVAL) return __WASI_ERRNO_EXIST; /* mkdir("/"), mkdir(".") */
    if (error) return error;
    return fs_make(folder, name, name_length, __WASI_FILETYPE_DIRECTORY, NULL, 0, NULL);
}

WASI(path_remove_directory)(int32_t number, int32_t path, int32_t length) {
    node *folder;
    const char *name;
    uint32_t name_length;
    __wasi_errno_t error = get_entry(number, path, length, &folder, &name, &name_length);
    return error ? error : fs_remove(folder, name, name_length, true);
}

WASI(path_unlink_file)(int32_t number, int32_t path, int32_t length) {
    node *folder;
    const char *name;
    uint32_t name_length;
    __wasi_errno_t error = get_entry(number, path, length, &folder, &name, &name_length);
    if (error == __WASI_ERRNO_INVAL) return __WASI_ERRNO_ISDIR;
    return error ? error : fs_remove(folder, name, name_length, false);
}

WASI(path_rename)(int32_t from, int32_t old, int32_t old_length, int32_t to, int32_t new,
                  int32_t new_length) {
    node *old_folder, *new_folder;
    const char *name;
    uint32_t length, kept_length;
    static char kept[FS_NAME_MOST];
    __wasi_errno_t error = get_entry(from, old, old_length, &old_folder, &name, &kept_length);
    if (error) return error;
    memcpy(kept, name, kept_length);
    error = get_entry(to, new, new_length, &new_folder, &name, &length);
    if (error) return error;
    return fs_rename(old_folder, kept, kept_length, new_folder, name, length);
}

WASI(path_link)(int32_t from, int32_t lookup, int32_t old, int32_t old_length, int32_t to,
                int32_t new, int32_t new_length) {
    node *base, *target, *folder;
    const char *name;
    uint32_t length;
    __wasi_errno_t error = get_folder(from, &base);
    if (error) return error;
    bool follow = lookup & __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW;
    error = fs_find(base, PATH(old, old_length), follow, &target);
    if (error) return error;
    error = get_entry(to, new, new_length, &folder, &name, &length);
    return error ? error : fs_add_link(folder, name, length, target);
}

WASI(path_symlink)(int32_t target, int32_t target_length, int32_t number, int32_t path,
                   int32_t length) {
    node *folder;
    const char *name;
    uint32_t name_length;
    if ((uint32_t)target_length > FS_PATH_MOST) return __WASI_ERRNO_NAMETOOLONG;
    __wasi_errno_t error = get_entry(number, path, length, &folder, &name, &name_length);
    if (error) return error;
    return fs_make(folder, name, name_length, __WASI_FILETYPE_SYMBOLIC_LINK,
                   PATH(target, target_length), NULL);
}

WASI(path_readlink)(int32_t number, int32_t path, int32_t length, int32_t buffer, int32_t size,
                    int32_t used) {
    node *base, *found;
    __wasi_errno_t error = get_folder(number, &base);
    if (error) return error;
    error = fs_find(base, PATH(path, length), false, &found);
    if (error) return error;
    if (found->kind != __WASI_FILETYPE_SYMBOLIC_LINK) return __WASI_ERRNO_INVAL;
    uint32_t part = found->link.length < (uint32_t)size ? found->link.length : (uint32_t)size;
    memcpy(AT(char, buffer), found->link.target, part);
    *AT(uint32_t, used) = part;
    return OK;
}

/* --- sockets: there are none -------------------------------------------------------------- */

WASI(sock_accept)(int32_t number, int32_t flags, int32_t result) { return __WASI_ERRNO_NOTSUP; }

WASI(sock_recv)(int32_t number, int32_t parts, int32_t count, int32_t how, int32_t size,
                int32_t flags) {
    return __WASI_ERRNO_NOTSOCK;
}

WASI(sock_send)(int32_t number, int32_t parts, int32_t count, int32_t how, int32_t size) {
    return __WASI_ERRNO_NOTSOCK;
}

WASI(sock_shutdown)(int32_t number, int32_t how) { return __WASI_ERRNO_NOTSOCK; }
