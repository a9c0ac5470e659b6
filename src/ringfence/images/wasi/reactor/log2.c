/* The C library's log2 is not exact for powers of two, and far off for the smallest numbers. */
#include <math.h>

double log2(double x) {
    if (!(x > 0) || isinf(x)) return log(x);
    int exponent;
    double part = frexp(x, &exponent); /* from 0.5 to 1: its logarithm and the exponent cancel */
    if (x > 1) return log(2 * part) / M_LN2 + (exponent - 1); /* nothing where x is near to 1 */
    return log(part) / M_LN2 + exponent;
}
