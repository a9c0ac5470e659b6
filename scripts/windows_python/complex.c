/* Functions of complex numbers, which numpy calls and Wine's C library lacks: MinGW's, compiled for
 * one of the two types. Microsoft's long double is a double.
 */
#include <errno.h>
#include "complex_internal.h"

#undef __FLT_RPT_DOMAIN
#undef __FLT_RPT_ERANGE
#define __FLT_RPT_DOMAIN(name, first, second, result) (errno = EDOM)
#define __FLT_RPT_ERANGE(name, first, second, result, over) (errno = ERANGE)

/* The compiler makes one call of these two, and must not where that one is made of them. */
#pragma clang optimize off
#ifdef _NEW_COMPLEX_FLOAT
float hypotf(float x, float y)
{
    return (float)hypot(x, y);
}

void sincosf(float x, float *sine, float *cosine)
{
    *sine = sinf(x);
    *cosine = cosf(x);
}
#else
void sincos(double x, double *sine, double *cosine)
{
    *sine = sin(x);
    *cosine = cos(x);
}
#endif
#pragma clang optimize on

#include "cabs.def.h"
#include "carg.def.h"
#include "ccos.def.h"
#include "ccosh.def.h"
#include "cexp.def.h"
#include "cimag.def.h"
#include "clog.def.h"
#include "cpow.def.h"
#include "creal.def.h"
#include "csin.def.h"
#include "csinh.def.h"
#include "csqrt.def.h"
#include "ctan.def.h"
#include "ctanh.def.h"
