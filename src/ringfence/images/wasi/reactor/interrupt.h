#ifndef RINGFENCE_INTERRUPT_H
#define RINGFENCE_INTERRUPT_H

/* The host asked the turn to stop: the interpreter calls its handler of SIGINT as soon as it can. */
void take_interrupt(void);

#endif
