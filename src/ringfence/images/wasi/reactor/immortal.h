#ifndef RINGFENCE_IMMORTAL_H
#define RINGFENCE_IMMORTAL_H

/* Let nobody count references to what is there now. 0 is success. */
int make_all_immortal(void);

#endif
