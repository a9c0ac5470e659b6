#ifndef RINGFENCE_MEMORY_H
#define RINGFENCE_MEMORY_H

/* Let the interpreter's small allocations fall back on a pool; once, before it starts. */
void use_pool(void);

/* A turn begins: let allocations fail again, if there is room. */
void close_pool(void);

#endif
