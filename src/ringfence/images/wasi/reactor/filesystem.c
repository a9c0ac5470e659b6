/* See filesystem.h. Nothing here knows of descriptors or of WASI's calls, only of its error numbers. */
#include "filesystem.h"

#include <stdlib.h>
#include <string.h>

static node root_node = {
    .kind = __WASI_FILETYPE_DIRECTORY, .links = 1, .number = 1, .folder = {.parent = &root_node}};
static uint64_t numbers = 1;
static uint64_t bytes_left, nodes_left;

node *fs_root(void) { return &root_node; }

void fs_limit(uint64_t bytes, uint64_t nodes) {
    bytes_left = bytes;
    nodes_left = nodes;
}

/* --- nodes -------------------------------------------------------------------------------- */

static node *make_node(__wasi_filetype_t kind, bool writable) {
    node *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->kind = kind;
    made->writable = writable;
    made->number = ++numbers;
    made->accessed = made->modified = made->changed = fs_now();
    return made;
}

static void free_unused(node *it) {
    if (it->links > 0 || it->opens > 0) return;
    if (it->kind == __WASI_FILETYPE_REGULAR_FILE) {
        if (it->writable) bytes_left += it->file.size;
        if (it->file.capacity > 0) free(it->file.data);
    } else if (it->kind == __WASI_FILETYPE_SYMBOLIC_LINK) {
        free(it->link.target);
    } else {
        free(it->folder.entries);
    }
    if (it->writable) nodes_left++;
    free(it);
}

void fs_open(node *opened) { opened->opens++; }

void fs_close(node *closed) {
    closed->opens--;
    free_unused(closed);
}

static void touch(node *it) { it->modified = it->changed = fs_now(); }

/* --- folders ------------------------------------------------------------------------------ */

static entry *find_entry(node *folder, const char *name, uint32_t length) {
    for (uint32_t i = 0; i < folder->folder.count; i++) {
        entry *it = &folder->folder.entries[i];
        if (it->length == length && memcmp(it->name, name, length) == 0) return it;
    }
    return NULL;
}

node *fs_look_up(node *folder, const char *name, uint32_t length) {
    entry *it = find_entry(folder, name, length);
    return it == NULL ? NULL : it->node;
}

static __wasi_errno_t add_entry(node *folder, const char *name, uint32_t length, node *target) {
    if (folder->folder.count == folder->folder.capacity) {
        uint32_t capacity = folder->folder.capacity ? folder->folder.capacity * 2 : 4;
        entry *entries = realloc(folder->folder.entries, capacity * sizeof(entry));
        if (entries == NULL) return __WASI_ERRNO_NOMEM;
        folder->folder.entries = entries;
        folder->folder.capacity = capacity;
    }
    char *copy = malloc(length);
    if (copy == NULL) return __WASI_ERRNO_NOMEM;
    memcpy(copy, name, length);
    entry *it = &folder->folder.entries[folder->folder.count++];
    *it = (entry){copy, length, ++folder->folder.orders, target};
    target->links++;
    if (target->kind == __WASI_FILETYPE_DIRECTORY) target->folder.parent = folder;
    touch(folder);
    return __WASI_ERRNO_SUCCESS;
}

static void remove_entry(node *folder, entry *it) {
    node *target = it->node;
    free(it->name);
    entry *end = folder->folder.entries + folder->folder.count--;
    memmove(it, it + 1, (size_t)((char *)end - (char *)(it + 1)));
    touch(folder);
    target->links--;
    target->changed = folder->changed;
    free_unused(target);
}

/* --- paths -------------------------------------------------------------------------------- */

/* Where a walk is: a path, and what is left of it. Links put their target in front of the rest. */
typedef struct {
    char path[FS_PATH_MOST];
    uint32_t at, end;
    int links;
} walk;

static __wasi_errno_t begin(walk *w, const char *path, uint32_t length) {
    if (length == 0) return __WASI_ERRNO_NOENT;
    if (length > FS_PATH_MOST) return __WASI_ERRNO_NAMETOOLONG;
    if (memchr(path, 0, length) != NULL) return __WASI_ERRNO_INVAL;
    memcpy(w->path, path, length);
    w->at = 0;
    w->end = length;
    w->links = 0;
    return __WASI_ERRNO_SUCCESS;
}

static void skip_slashes(walk *w) {
    while (w->at < w->end && w->path[w->at] == '/') w->at++;
}

/* The next part of the path; false when there is none. */
static bool next_part(walk *w, const char **name, uint32_t *length) {
    skip_slashes(w);
    if (w->at == w->end) return false;
    uint32_t start = w->at;
    while (w->at < w->end && w->path[w->at] != '/') w->at++;
    *name = w->path + start;
    *length = w->at - start;
    return true;
}

/* Put a link's target in front of what is left of the path. */
static __wasi_errno_t follow_link(walk *w, node *link, node **here) {
    if (++w->links > FS_LINKS_MOST) return __WASI_ERRNO_LOOP;
    uint32_t rest = w->end - w->at, length = link->link.length;
    if (length + 1 + rest > FS_PATH_MOST) return __WASI_ERRNO_NAMETOOLONG;
    memmove(w->path + length + (rest ? 1 : 0), w->path + w->at, rest);
    memcpy(w->path, link->link.target, length);
    if (rest) w->path[length] = '/';
    w->at = 0;
    w->end = length + (rest ? 1 + rest : 0);
    if (w->path[0] == '/') *here = &root_node;
    return __WASI_ERRNO_SUCCESS;
}

static bool is_dot(const char *name, uint32_t length) { return length == 1 && name[0] == '.'; }

static bool is_dots(const char *name, uint32_t length) {
    return length == 2 && name[0] == '.' && name[1] == '.';
}

/* One step of a walk from `here`: the node that a part names. Links are not followed. */
static __wasi_errno_t step(node *here, const char *name, uint32_t length, node **found) {
    if (here->kind != __WASI_FILETYPE_DIRECTORY) return __WASI_ERRNO_NOTDIR;
    if (length > FS_NAME_MOST) return __WASI_ERRNO_NAMETOOLONG;
    if (is_dot(name, length)) {
        *found = here;
    } else if (is_dots(name, length)) {
        *found = here->folder.parent ? here->folder.parent : here;
    } else {
        *found = fs_look_up(here, name, length);
    }
    return *found == NULL ? __WASI_ERRNO_NOENT : __WASI_ERRNO_SUCCESS;
}

/* Walk until nothing is left, or, with `parent`, until one part is left. */
static __wasi_errno_t go(walk *w, node **here, bool follow, bool parent) {
    bool folder_wanted = w->end > 0 && w->path[w->end - 1] == '/';
    while (true) {
        const char *name;
        uint32_t length, start;
        skip_slashes(w);
        start = w->at;
        if (!next_part(w, &name, &length)) break;
        uint32_t after = w->at;
        skip_slashes(w);
        bool last = w->at == w->end;
        node *found;
        __wasi_errno_t error = step(*here, name, length, &found);
        bool through = follow && !error && found->kind == __WASI_FILETYPE_SYMBOLIC_LINK;
        if (last && parent && !through) {
            w->at = start;
            w->end = after;
            break;
        }
        if (error) return error;
        if (found->kind == __WASI_FILETYPE_SYMBOLIC_LINK && (!last || follow || folder_wanted)) {
            error = follow_link(w, found, here);
            if (error) return error;
            continue;
        }
        *here = found;
    }
    if (!parent && folder_wanted && (*here)->kind != __WASI_FILETYPE_DIRECTORY)
        return __WASI_ERRNO_NOTDIR;
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t fs_find(node *base, const char *path, uint32_t length, bool follow, node **found) {
    walk w;
    __wasi_errno_t error = begin(&w, path, length);
    if (error) return error;
    node *here = path[0] == '/' ? &root_node : base;
    error = go(&w, &here, follow, false);
    *found = here;
    return error;
}

__wasi_errno_t fs_find_parent(node *base, const char *path, uint32_t length, bool follow,
                              node **folder, const char **name, uint32_t *name_length) {
    static walk w; /* the name that is returned lies in it, until the next call */
    __wasi_errno_t error = begin(&w, path, length);
    if (error) return error;
    node *here = path[0] == '/' ? &root_node : base;
    error = go(&w, &here, follow, true);
    if (error) return error;
    if (here->kind != __WASI_FILETYPE_DIRECTORY) return __WASI_ERRNO_NOTDIR;
    *folder = here;
    *name = w.path + w.at;
    *name_length = w.end - w.at;
    if (*name_length > FS_NAME_MOST) return __WASI_ERRNO_NAMETOOLONG;
    if (*name_length == 0 || is_dot(*name, *name_length) || is_dots(*name, *name_length))
        return __WASI_ERRNO_INVAL; /* the root, or a name that every folder has */
    return __WASI_ERRNO_SUCCESS;
}

/* --- making and removing ------------------------------------------------------------------ */

__wasi_errno_t fs_make(node *folder, const char *name, uint32_t length, __wasi_filetype_t kind,
                       const char *target, uint32_t target_length, node **made) {
    if (!folder->writable) return __WASI_ERRNO_ROFS;
    if (folder->links == 0) return __WASI_ERRNO_NOENT; /* it was removed while it was open */
    if (fs_look_up(folder, name, length) != NULL) return __WASI_ERRNO_EXIST;
    if (nodes_left == 0) return __WASI_ERRNO_NOSPC;
    node *it = make_node(kind, true);
    if (it == NULL) return __WASI_ERRNO_NOMEM;
    if (kind == __WASI_FILETYPE_SYMBOLIC_LINK) {
        if (target_length == 0) {
            free(it);
            return __WASI_ERRNO_NOENT;
        }
        it->link.target = malloc(target_length);
        if (it->link.target == NULL) {
            free(it);
            return __WASI_ERRNO_NOMEM;
        }
        memcpy(it->link.target, target, target_length);
        it->link.length = target_length;
    }
    nodes_left--;
    __wasi_errno_t error = add_entry(folder, name, length, it);
    if (error) {
        free_unused(it);
        return error;
    }
    if (made != NULL) *made = it;
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t fs_add_link(node *folder, const char *name, uint32_t length, node *target) {
    if (!folder->writable || !target->writable) return __WASI_ERRNO_ROFS;
    if (target->kind == __WASI_FILETYPE_DIRECTORY) return __WASI_ERRNO_PERM;
    if (target->links == 0 || folder->links == 0) return __WASI_ERRNO_NOENT;
    if (fs_look_up(folder, name, length) != NULL) return __WASI_ERRNO_EXIST;
    return add_entry(folder, name, length, target);
}

__wasi_errno_t fs_remove(node *folder, const char *name, uint32_t length, bool is_folder) {
    entry *it = find_entry(folder, name, length);
    if (it == NULL) return __WASI_ERRNO_NOENT;
    if (!folder->writable) return __WASI_ERRNO_ROFS;
    if (is_folder) {
        if (it->node->kind != __WASI_FILETYPE_DIRECTORY) return __WASI_ERRNO_NOTDIR;
        if (it->node->folder.count > 0) return __WASI_ERRNO_NOTEMPTY;
        it->node->folder.parent = NULL;
    } else if (it->node->kind == __WASI_FILETYPE_DIRECTORY) {
        return __WASI_ERRNO_ISDIR;
    }
    remove_entry(folder, it);
    return __WASI_ERRNO_SUCCESS;
}

static bool is_beneath(node *it, node *folder) {
    while (true) {
        if (it == folder) return true;
        if (it == &root_node || it->folder.parent == NULL) return false;
        it = it->folder.parent;
    }
}

__wasi_errno_t fs_rename(node *from, const char *old, uint32_t old_length, node *to,
                         const char *new, uint32_t new_length) {
    entry *source = find_entry(from, old, old_length);
    if (source == NULL) return __WASI_ERRNO_NOENT;
    if (!from->writable || !to->writable) return __WASI_ERRNO_ROFS;
    if (to->links == 0) return __WASI_ERRNO_NOENT;
    node *moved = source->node;
    bool is_folder = moved->kind == __WASI_FILETYPE_DIRECTORY;
    if (is_folder && is_beneath(to, moved)) return __WASI_ERRNO_INVAL;
    entry *there = find_entry(to, new, new_length);
    if (there != NULL) {
        node *replaced = there->node;
        if (replaced == moved) return __WASI_ERRNO_SUCCESS; /* rename(2): two names of one file */
        if (replaced->kind == __WASI_FILETYPE_DIRECTORY) {
            if (!is_folder) return __WASI_ERRNO_ISDIR;
            if (replaced->folder.count > 0) return __WASI_ERRNO_NOTEMPTY;
            replaced->folder.parent = NULL;
        } else if (is_folder) {
            return __WASI_ERRNO_NOTDIR;
        }
        /* In place: a rename over a file needs no memory, and cannot fail half-way. */
        there->node = moved;
        moved->links++;
        replaced->links--;
        touch(to);
        free_unused(replaced);
    } else {
        __wasi_errno_t error = add_entry(to, new, new_length, moved);
        if (error) return error;
    }
    remove_entry(from, find_entry(from, old, old_length)); /* anew: the folder may have moved */
    if (is_folder) moved->folder.parent = to;
    return __WASI_ERRNO_SUCCESS;
}

/* --- bytes -------------------------------------------------------------------------------- */

uint64_t fs_read(node *file, uint64_t offset, uint8_t *buffer, uint64_t size) {
    if (offset >= file->file.size) return 0;
    if (size > file->file.size - offset) size = file->file.size - offset;
    memcpy(buffer, file->file.data + offset, size);
    return size;
}

/* Room for `size` bytes, of which those behind the old end are zero. */
static __wasi_errno_t make_room(node *file, uint64_t size) {
    uint64_t old = file->file.size;
    if (size > old && size - old > bytes_left) return __WASI_ERRNO_NOSPC;
    if (size > file->file.capacity) {
        uint64_t capacity = file->file.capacity + file->file.capacity / 2;
        if (capacity < size) capacity = size;
        if (capacity < 64) capacity = 64;
        if (capacity > SIZE_MAX) return __WASI_ERRNO_FBIG;
        uint8_t *data = realloc(file->file.data, (size_t)capacity);
        if (data == NULL && capacity > size) data = realloc(file->file.data, (size_t)(capacity = size));
        if (data == NULL) return __WASI_ERRNO_NOSPC;
        file->file.data = data;
        file->file.capacity = capacity;
    }
    if (size > old) {
        memset(file->file.data + old, 0, (size_t)(size - old));
        bytes_left -= size - old;
        file->file.size = size;
    }
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t fs_write(node *file, uint64_t offset, const uint8_t *data, uint64_t size) {
    if (!file->writable) return __WASI_ERRNO_ROFS;
    if (size == 0) return __WASI_ERRNO_SUCCESS;
    if (offset + size < offset) return __WASI_ERRNO_FBIG;
    if (offset + size > file->file.size) {
        __wasi_errno_t error = make_room(file, offset + size);
        if (error) return error;
    }
    memcpy(file->file.data + offset, data, (size_t)size);
    touch(file);
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t fs_resize(node *file, uint64_t size) {
    if (!file->writable) return __WASI_ERRNO_ROFS;
    if (size > file->file.size) {
        __wasi_errno_t error = make_room(file, size);
        if (error) return error;
    } else {
        bytes_left += file->file.size - size;
        file->file.size = size;
    }
    touch(file);
    return __WASI_ERRNO_SUCCESS;
}

/* --- before the first guest --------------------------------------------------------------- */

/* The folder that `path` leads to, made if it is not there. */
static node *make_folders(const char *path, uint32_t length) {
    node *here = &root_node;
    uint32_t at = 0;
    while (at < length) {
        while (at < length && path[at] == '/') at++;
        uint32_t start = at;
        while (at < length && path[at] != '/') at++;
        if (at == start) break;
        node *inner = fs_look_up(here, path + start, at - start);
        if (inner == NULL) {
            inner = make_node(__WASI_FILETYPE_DIRECTORY, false);
            if (inner == NULL || add_entry(here, path + start, at - start, inner)) return NULL;
        }
        if (inner->kind != __WASI_FILETYPE_DIRECTORY) return NULL;
        here = inner;
    }
    return here;
}

__wasi_errno_t fs_mount(const char *name, uint32_t length, const uint8_t *data, uint64_t size) {
    uint32_t cut = length;
    while (cut > 0 && name[cut - 1] != '/') cut--;
    node *folder = make_folders(name, cut);
    if (folder == NULL) return __WASI_ERRNO_NOTDIR;
    if (cut == length && size == 0) return __WASI_ERRNO_SUCCESS; /* a folder */
    if (cut == length || length - cut > FS_NAME_MOST) return __WASI_ERRNO_INVAL;
    if (fs_look_up(folder, name + cut, length - cut) != NULL) return __WASI_ERRNO_EXIST;
    node *file = make_node(__WASI_FILETYPE_REGULAR_FILE, false);
    if (file == NULL) return __WASI_ERRNO_NOMEM;
    file->file.data = (uint8_t *)data;
    file->file.size = size;
    return add_entry(folder, name + cut, length - cut, file);
}

__wasi_errno_t fs_mount_link(const char *name, const char *target) {
    node *link = make_node(__WASI_FILETYPE_SYMBOLIC_LINK, false);
    if (link == NULL) return __WASI_ERRNO_NOMEM;
    link->link.target = (char *)target;
    link->link.length = (uint32_t)strlen(target);
    return add_entry(&root_node, name, (uint32_t)strlen(name), link);
}

__wasi_errno_t fs_make_writable(const char *path, uint32_t length) {
    node *folder = make_folders(path, length);
    if (folder == NULL) return __WASI_ERRNO_NOTDIR;
    folder->writable = true;
    return __WASI_ERRNO_SUCCESS;
}
