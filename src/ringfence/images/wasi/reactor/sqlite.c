/* How SQLite locks its files.
 *
 * Without being told it makes a file beside the database that lets in one connection at a time. Its
 * usual way asks the system about other processes only, and knows of its own connections by itself: here
 * there are no others, so what the system would say is known.
 */
#ifdef RINGFENCE_SQLITE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>

#include "sqlite.h"

/* As SQLite calls them where the C library does not. */
#define GET_LOCK 12
#define UNLOCKED 2

/* fcntl(2), of which SQLite uses the locks: of those whom they would keep out, nobody is there. */
static int lock_out_nobody(int descriptor, int command, ...) {
    if (command != GET_LOCK) return 0;
    va_list given;
    va_start(given, command);
    va_arg(given, struct flock *)->l_type = UNLOCKED;
    va_end(given);
    return 0;
}

bool use_own_locks(void) {
    sqlite3_vfs *files = sqlite3_vfs_find("unix");
    if (files == NULL) return false;
    sqlite3_syscall_ptr replacement = (sqlite3_syscall_ptr)lock_out_nobody;
    return files->xSetSystemCall(files, "fcntl", replacement) == SQLITE_OK &&
           sqlite3_vfs_register(files, 1) == SQLITE_OK;
}
#endif
