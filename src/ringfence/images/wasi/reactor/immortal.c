/* Immortal objects (PEP 683): all that is in the image.
 *
 * A reference is counted in the object itself, so to use one is to write to its page, which is then a
 * guest's own. What is immortal is never written to for that. It lives as long as the image, which
 * it does in any case.
 */
#define Py_BUILD_CORE 1
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "immortal.h"

static PyObject **pending; /* made immortal, and what they refer to is not yet */
static size_t count, room;
static int full;

static int make_immortal(PyObject *object, void *unused) {
    (void)unused;
    if (object == NULL || _Py_IsImmortal(object)) return 0;
    if (count == room) {
        size_t more = room ? 2 * room : 1 << 16;
        PyObject **grown = realloc(pending, more * sizeof *pending);
        if (grown == NULL) {
            full = 1;
            return 1;
        }
        pending = grown;
        room = more;
    }
    object->ob_refcnt = _Py_IMMORTAL_REFCNT;
    pending[count++] = object;
    return 0;
}

static int visit_tracked(PyObject *object, void *unused) {
    make_immortal(object, unused);
    return !full; /* 1: go on */
}

/* Code is not tracked, and has no function that names what it refers to. */
static void visit_code(PyCodeObject *code) {
    PyObject *parts[] = {code->co_consts,           code->co_names,
                         code->co_exceptiontable,   code->co_localsplusnames,
                         code->co_localspluskinds,  code->co_filename,
                         code->co_name,             code->co_qualname,
                         code->co_linetable};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) make_immortal(parts[i], NULL);
}

static void visit_names(PyHeapTypeObject *type) {
    make_immortal(type->ht_name, NULL);
    make_immortal(type->ht_qualname, NULL);
    make_immortal(type->ht_slots, NULL);
}

int make_all_immortal(void) {
    PyUnstable_GC_VisitObjects(visit_tracked, NULL);
    while (count && !full) {
        PyObject *object = pending[--count];
        if (PyCode_Check(object)) visit_code((PyCodeObject *)object);
        if (PyType_Check(object) && PyType_HasFeature((PyTypeObject *)object, Py_TPFLAGS_HEAPTYPE))
            visit_names((PyHeapTypeObject *)object);
        traverseproc traverse = Py_TYPE(object)->tp_traverse;
        if (traverse != NULL && PyObject_IS_GC(object)) traverse(object, make_immortal, NULL);
    }
    memset(pending, 0, room * sizeof *pending); /* pages without anything in them are not stored */
    free(pending);
    return full;
}
