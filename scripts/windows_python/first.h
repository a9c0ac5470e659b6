/* Before everything of CPython's: what its sources expect of Microsoft's headers. */
#ifndef __ASSEMBLER__
#define _CRT_RAND_S
#include <process.h>
#include <stdlib.h>

_invalid_parameter_handler _set_thread_local_invalid_parameter_handler(_invalid_parameter_handler);
#endif
