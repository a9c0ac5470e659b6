#ifndef RINGFENCE_MEMORY_H
#define RINGFENCE_MEMORY_H

/* Let the interpreter's small allocations fall back on a pool; once, before it starts. */
void use_pool(void);

/* A turn begins: let allocations fail again, if there is room. */
void close_pool(void);

/* Take the gaps between what is allocated out of the heap; once, before the image is frozen. A guest's
 * objects would be put there, one on each page, and each of these pages would be its own. They are put
 * behind one another then, on new ones. When the heap is full it has the gaps again. */
void fill_gaps(void);

#endif
