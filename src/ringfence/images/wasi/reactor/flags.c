/* How the host interrupts code that runs: by the flags that a handler of SIGINT would set.
 *
 * PyErr_SetInterruptEx(3) sets the same, in this order, and CPython looks at them in the middle of
 * whatever it does. The host sets them from another thread, in our memory.
 */
#define Py_BUILD_CORE 1
#include <Python.h>

#include <signal.h>
#include <stdint.h>

#include "internal/pycore_ceval.h"
#include "internal/pycore_runtime.h"

static struct {
    uint32_t count;
    struct {
        uint32_t address, bits;
    } flags[3];
} table;

_Static_assert(_PY_SIGNALS_PENDING_BIT < 1 << 8, "the flag is in the first byte");

__attribute__((export_name("flags"))) uint32_t flags(void) {
    table.count = 3;
    table.flags[0].address = (uint32_t)&_PyRuntime.signals.handlers[SIGINT].tripped;
    table.flags[0].bits = 1;
    table.flags[1].address = (uint32_t)&_PyRuntime.signals.is_tripped;
    table.flags[1].bits = 1;
    table.flags[2].address = (uint32_t)&_PyRuntime.main_tstate->eval_breaker;
    table.flags[2].bits = _PY_SIGNALS_PENDING_BIT;
    return (uint32_t)&table;
}
