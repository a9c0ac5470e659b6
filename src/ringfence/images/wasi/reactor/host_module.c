/* `ringfence_guest._host`: the host's channel, as Python code of the guest's side sees it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <errno.h>

#include "host.h"
#include "interrupt.h"

#define MOST (1 << 30)

/* What the host answered, as a number or an exception. */
static PyObject *outcome(int32_t result) {
    if (result >= 0) return PyLong_FromLong(result);
    if (result == HOST_INTERRUPTED) {
        take_interrupt();
        if (PyErr_CheckSignals() < 0) return NULL;
        return PyLong_FromLong(0);
    }
    errno = -result;
    return PyErr_SetFromErrno(PyExc_OSError);
}

static PyObject *module_send(PyObject *module, PyObject *data) {
    Py_buffer view;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) return NULL;
    Py_ssize_t size = view.len < MOST ? view.len : MOST;
    int32_t sent = size ? host_send(view.buf, (int32_t)size) : 0;
    PyBuffer_Release(&view);
    return outcome(sent);
}

static PyObject *module_receive(PyObject *module, PyObject *buffer) {
    Py_buffer view;
    if (PyObject_GetBuffer(buffer, &view, PyBUF_WRITABLE) < 0) return NULL;
    Py_ssize_t size = view.len < MOST ? view.len : MOST;
    int32_t received = host_receive(view.buf, (int32_t)size);
    PyBuffer_Release(&view);
    return outcome(received);
}

static PyObject *module_wait(PyObject *module, PyObject *nanoseconds) {
    long long time = PyLong_AsLongLong(nanoseconds);
    if (time == -1 && PyErr_Occurred()) return NULL;
    return outcome(host_wait(time, 1));
}

static PyObject *module_leave(PyObject *module, PyObject *code) {
    host_leave((int32_t)PyLong_AsLong(code) & 0xff);
}

static PyMethodDef methods[] = {
    {"send", module_send, METH_O, "Write some of these bytes to the host; returns how many."},
    {"receive", module_receive, METH_O, "Read some bytes; returns how many, 0: the host is gone."},
    {"wait", module_wait, METH_O,
     "Wait for something to read, at most so many nanoseconds (negative: without end).\n\n"
     "Returns 1 if it is there; 0 if not, or if the wait was interrupted."},
    {"leave", module_leave, METH_O, "End this guest."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "ringfence_guest._host", "The channel to the host.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__host(void) { return PyModuleDef_Init(&definition); }
