#ifndef RINGFENCE_MEMORY_H
#define RINGFENCE_MEMORY_H

/* Let the interpreter's small allocations fall back on a pool; once, before it starts. */
void use_pool(void);

/* A turn begins: let allocations fail again, if there is room. */
void close_pool(void);

/* Use up the gaps between what is allocated, for good; once, before the image is frozen. A guest's
 * objects would be put there, one on each page, and each of these pages would be its own. They are put
 * behind one another then, on new ones. */
void fill_gaps(void);

#endif
