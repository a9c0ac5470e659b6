/* CPython as a module that the host calls: what it exports.
 *
 * Before the image is frozen: allocate, mount, boot. Before the first guest: allocate and mount
 * again, for packages. In a guest: start once, then turn for each request; flags says how a running
 * turn is interrupted. Between two calls nothing of the module is on the stack, so its memory is all
 * of its state.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "filesystem.h"
#include "host.h"
#include "immortal.h"
#include "interrupt.h"
#include "memory.h"
#include "sqlite.h"

#define EXPORT(symbol) __attribute__((export_name(#symbol)))

PyMODINIT_FUNC PyInit__host(void);
PyMODINIT_FUNC PyInit_zlib(void);
#ifdef RINGFENCE_SQLITE
PyMODINIT_FUNC PyInit__sqlite3(void);
#endif

static PyObject *start_function, *turn_function, *compile_function;

/* Memory for what the host brings. */
EXPORT(allocate) void *allocate(int32_t size) { return malloc((size_t)size); }

/* Take files from an archive, which stays where it is. Of each: the lengths of its name and of its
 * bytes, four bytes each, little end first; then both. Returns a WASI error number. */
EXPORT(mount) int32_t mount(const uint8_t *archive, int32_t size) {
    const uint8_t *end = archive + size;
    while (archive < end) {
        uint32_t lengths[2];
        memcpy(lengths, archive, sizeof lengths);
        const char *name = (const char *)archive + sizeof lengths;
        const uint8_t *data = (const uint8_t *)name + lengths[0];
        __wasi_errno_t error = fs_mount(name, lengths[0], data, lengths[1]);
        if (error) return error;
        archive = data + lengths[1];
    }
    return 0;
}

static PyStatus configure(PyConfig *config) {
    PyPreConfig pre;
    PyPreConfig_InitIsolatedConfig(&pre);
    pre.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&pre);
    if (PyStatus_Exception(status)) return status;
    PyConfig_InitIsolatedConfig(config);
    config->site_import = 0;
    config->install_signal_handlers = 0;
    config->write_bytecode = 0;
    config->use_hash_seed = 1; /* the same in every guest of an image: hash_seed stays 0 */
    config->pathconfig_warnings = 0;
    config->module_search_paths_set = 1;
    status = PyWideStringList_Append(&config->module_search_paths, L"/lib/python3.13");
    if (PyStatus_Exception(status)) return status;
    status = PyWideStringList_Append(&config->module_search_paths, L"/ringfence");
    if (PyStatus_Exception(status)) return status;
    return PyWideStringList_Append(&config->module_search_paths, L"/packages");
}

/* Start the interpreter, and import all that guests start with. 0 is success. */
EXPORT(boot) int32_t boot(void) {
    static const char scratch[] = "/box/tmp";
    if (fs_make_writable(scratch, sizeof scratch - 1) || fs_mount_link("tmp", scratch)) return 1;
    fs_limit(1 << 20, 100);
    if (PyImport_AppendInittab("ringfence_guest._host", PyInit__host) < 0) return 2;
    if (PyImport_AppendInittab("zlib", PyInit_zlib) < 0) return 2;
#ifdef RINGFENCE_SQLITE
    if (PyImport_AppendInittab("_sqlite3", PyInit__sqlite3) < 0 || !use_own_locks()) return 2;
#endif
    use_pool();
    PyConfig config;
    PyStatus status = configure(&config);
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "the interpreter does not start: %s\n", status.err_msg);
        return 3;
    }
    PyConfig_Clear(&config);
    PyObject *module = PyImport_ImportModule("ringfence_guest.wasm");
    PyObject *done = module == NULL ? NULL : PyObject_CallMethod(module, "boot", NULL);
    if (done == NULL) {
        PyErr_Print();
        return 4;
    }
    Py_DECREF(done);
    start_function = PyObject_GetAttrString(module, "start");
    turn_function = PyObject_GetAttrString(module, "turn");
    compile_function = PyObject_GetAttrString(module, "compile_packages");
    Py_DECREF(module);
    if (start_function == NULL || turn_function == NULL || compile_function == NULL) return 5;
    if (make_all_immortal()) return 6;
    fill_gaps();
    return 0;
}

/* Call a function of the agent's: the number that it returns, or -1. */
static int32_t call(PyObject *function) {
    PyObject *result = PyObject_CallNoArgs(function);
    long number = result == NULL ? -1 : PyLong_AsLong(result);
    Py_XDECREF(result);
    if (PyErr_Occurred()) {
        PyErr_Print();
        return -1;
    }
    return (int32_t)number;
}

/* Compile the packages that were mounted, and send the byte code to the host, as an archive to mount; in
 * an instance that no guest is copied from. 0 is success. */
EXPORT(compile_packages) int32_t compile_packages(void) { return call(compile_function); }

/* Become a guest of one's own, with room for so many bytes and files. 0 is success. */
EXPORT(start) int32_t start(int64_t bytes, int64_t files) {
    fs_limit((uint64_t)bytes, (uint64_t)files);
    return call(start_function);
}

/* Answer one request. Returns how many are waiting that were read with it, or -1. */
EXPORT(turn) int32_t turn(void) {
    close_pool();
    return call(turn_function);
}

void take_interrupt(void) { PyErr_SetInterruptEx(SIGINT); }
