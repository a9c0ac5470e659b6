/* What SQLite is told before the first guest: see sqlite.c. */
#ifndef RINGFENCE_SQLITE_H
#define RINGFENCE_SQLITE_H

#include <stdbool.h>

/* Let the connections of one guest share a database as they do elsewhere. False: they cannot. */
bool use_own_locks(void);

#endif
