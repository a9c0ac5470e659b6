/* A file system in the guest's own memory.
 *
 * Everything a guest can open lives in its linear memory, so a copy of that memory is a copy of its
 * files and of its open descriptors as well: forks and snapshots are exact without knowing of files.
 *
 * Two trees in one: what an archive brought (read-only, its bytes are used where they lie), and one
 * folder that the guest may write to, bounded in bytes and in number.
 *
 * Errors are WASI's (<wasi/api.h>); 0 is success.
 */
#ifndef RINGFENCE_FILESYSTEM_H
#define RINGFENCE_FILESYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasi/api.h>

typedef struct node node;

typedef struct {
    char *name;
    uint32_t length;
    uint64_t order; /* grows with each new entry of the folder: what a reader goes on behind */
    node *node;
} entry;

struct node {
    __wasi_filetype_t kind; /* DIRECTORY, REGULAR_FILE or SYMBOLIC_LINK */
    bool writable;          /* beneath the guest's folder */
    uint32_t links;         /* entries that name it */
    uint32_t opens;         /* descriptors on it */
    uint64_t number;        /* of the inode */
    uint64_t accessed, modified, changed; /* nanoseconds since 1970 */
    union {
        struct {
            uint8_t *data;
            uint64_t size;
            uint64_t capacity; /* 0: the bytes are the archive's */
        } file;
        struct {
            entry *entries;
            uint32_t count, capacity;
            uint64_t orders;
            node *parent;
        } folder;
        struct {
            char *target;
            uint32_t length;
        } link;
    };
};

/* The most a path may have: bytes, and symbolic links that are followed. */
#define FS_PATH_MOST 4096
#define FS_NAME_MOST 255
#define FS_LINKS_MOST 40

node *fs_root(void);

/* What the guest may write: bytes of file contents, and files, folders and links. */
void fs_limit(uint64_t bytes, uint64_t nodes);

/* Add `name` (its folders are made) with these bytes, which stay where they are. A name that ends with
 * a slash, without bytes, is a folder. */
__wasi_errno_t fs_mount(const char *name, uint32_t length, const uint8_t *data, uint64_t size);

/* Add a symbolic link to the root folder; the texts stay where they are. */
__wasi_errno_t fs_mount_link(const char *name, const char *target);

/* Make the folder that the guest may write to. */
__wasi_errno_t fs_make_writable(const char *path, uint32_t length);

/* Follow `path` from `base`. With `follow`, a link at its end is followed as well. */
__wasi_errno_t fs_find(node *base, const char *path, uint32_t length, bool follow, node **found);

/* The folder that the last part of `path` lies in, and that part. With `follow`, of a link at its end
 * it is where the link leads. */
__wasi_errno_t fs_find_parent(node *base, const char *path, uint32_t length, bool follow,
                              node **folder, const char **name, uint32_t *name_length);

/* The entry `name` of a folder, or NULL. */
node *fs_look_up(node *folder, const char *name, uint32_t length);

/* Make something new in a writable folder; `target` is a link's. */
__wasi_errno_t fs_make(node *folder, const char *name, uint32_t length, __wasi_filetype_t kind,
                       const char *target, uint32_t target_length, node **made);

__wasi_errno_t fs_add_link(node *folder, const char *name, uint32_t length, node *target);
__wasi_errno_t fs_remove(node *folder, const char *name, uint32_t length, bool is_folder);
__wasi_errno_t fs_rename(node *from, const char *old, uint32_t old_length, node *to,
                         const char *new, uint32_t new_length);

uint64_t fs_read(node *file, uint64_t offset, uint8_t *buffer, uint64_t size);
__wasi_errno_t fs_write(node *file, uint64_t offset, const uint8_t *data, uint64_t size);
__wasi_errno_t fs_resize(node *file, uint64_t size);

void fs_open(node *opened);
void fs_close(node *closed);

/* Nanoseconds since 1970; given by the one who knows the time. */
uint64_t fs_now(void);

#endif
