/* What programs and libraries are linked with beside Windows' own C library.
 *
 * MinGW has all of it and a thousand things more, which take minutes to compile. None of it is
 * written for speed: what the interpreter does often is in Windows' library, or inline.
 */
#include <corecrt_startup.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>
#include <windows.h>

/* --- variables of threads: what the loader is told of them --------------------------------- */

ULONG _tls_index;
static char tls_start __attribute__((section(".tls"), used)) = 0;
static char tls_end __attribute__((section(".tls$ZZZ"), used)) = 0;
static PIMAGE_TLS_CALLBACK first __attribute__((section(".CRT$XLA"), used)) = 0;
static PIMAGE_TLS_CALLBACK last __attribute__((section(".CRT$XLZ"), used)) = 0;
const IMAGE_TLS_DIRECTORY64 _tls_used __attribute__((section(".rdata$T"))) = {
    (ULONGLONG)&tls_start, (ULONGLONG)&tls_end, (ULONGLONG)&_tls_index, (ULONGLONG)(&first + 1),
};

/* --- how a program begins ------------------------------------------------------------------ */

void __main(void) {}  /* called by main: constructors of C++ */

#if defined(OF_A_PROGRAM)
int main(int, char **);

void mainCRTStartup(void)
{
    _set_app_type(_crt_console_app);
    _configure_narrow_argv(_crt_argv_unexpanded_arguments);
    _initialize_narrow_environment();
    exit(main(*__p___argc(), *__p___argv()));
}
#elif defined(OF_A_WIDE_PROGRAM)
int wmain(int, wchar_t **);

void wmainCRTStartup(void)
{
    _set_app_type(_crt_console_app);
    _configure_wide_argv(_crt_argv_unexpanded_arguments);
    _initialize_wide_environment();
    exit(wmain(*__p___argc(), *__p___wargv()));
}
#endif

int atexit(_PVFV function)
{
    return _crt_atexit(function);
}

/* A frame of more than a page touches each page of it in turn, as the stack grows by its guard. */
__asm__(
    ".globl ___chkstk_ms\n"
    "___chkstk_ms:\n"
    "    pushq %rcx\n"
    "    pushq %rax\n"
    "    cmpq $0x1000, %rax\n"
    "    leaq 24(%rsp), %rcx\n"
    "    jb 2f\n"
    "1:  subq $0x1000, %rcx\n"
    "    testq %rcx, (%rcx)\n"
    "    subq $0x1000, %rax\n"
    "    cmpq $0x1000, %rax\n"
    "    ja 1b\n"
    "2:  subq %rax, %rcx\n"
    "    testq %rcx, (%rcx)\n"
    "    popq %rax\n"
    "    popq %rcx\n"
    "    ret\n");

/* The processor divides no numbers of this size: bit by bit. */
static __uint128_t divide(__uint128_t number, __uint128_t by, __uint128_t *rest)
{
    __uint128_t quotient = 0, left = 0;

    for (int bit = 127; bit >= 0; bit--) {
        left = left << 1 | (number >> bit & 1);
        quotient <<= 1;
        if (left >= by) {
            left -= by;
            quotient |= 1;
        }
    }
    *rest = left;
    return quotient;
}

__uint128_t __udivti3(__uint128_t number, __uint128_t by)
{
    __uint128_t rest;

    return divide(number, by, &rest);
}

__uint128_t __umodti3(__uint128_t number, __uint128_t by)
{
    __uint128_t rest;

    divide(number, by, &rest);
    return rest;
}

/* --- printing: Windows' library has one function for each family --------------------------- */

#define OPTIONS _CRT_INTERNAL_LOCAL_PRINTF_OPTIONS
#define STANDARD (OPTIONS | _CRT_INTERNAL_PRINTF_STANDARD_SNPRINTF_BEHAVIOR)
#define FORWARD(call)                                                                              \
    va_list arguments;                                                                             \
    va_start(arguments, format);                                                                   \
    int written = call;                                                                            \
    va_end(arguments);                                                                             \
    return written;

unsigned __int64 *__local_stdio_printf_options(void)
{
    static unsigned __int64 options;
    return &options;
}

int vfprintf(FILE *file, const char *format, va_list arguments)
{
    return __stdio_common_vfprintf(OPTIONS, file, format, NULL, arguments);
}

int vsnprintf(char *into, size_t size, const char *format, va_list arguments)
{
    return __stdio_common_vsprintf(STANDARD, into, size, format, NULL, arguments);
}

int fprintf(FILE *file, const char *format, ...)
{
    FORWARD(vfprintf(file, format, arguments))
}

int printf(const char *format, ...)
{
    FORWARD(vfprintf(stdout, format, arguments))
}

int snprintf(char *into, size_t size, const char *format, ...)
{
    FORWARD(vsnprintf(into, size, format, arguments))
}

int sprintf(char *into, const char *format, ...)
{
    FORWARD(vsnprintf(into, (size_t)-1, format, arguments))
}

int swprintf(wchar_t *into, size_t size, const wchar_t *format, ...)
{
    FORWARD(__stdio_common_vswprintf(OPTIONS, into, size, format, NULL, arguments))
}

int sscanf(const char *text, const char *format, ...)
{
    FORWARD(__stdio_common_vsscanf(0, text, (size_t)-1, format, NULL, arguments))
}

const unsigned char in6addr_any[16];  /* as wide as an address, and as zero as this one */

/* --- small things -------------------------------------------------------------------------- */

int __fpclassify(double x)
{
    return __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x);
}

int __fpclassifyf(float x)
{
    return __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x);
}

int __isnan(double x)
{
    return __builtin_isnan(x);
}

int __isnanf(float x)
{
    return __builtin_isnan(x);
}

extern void (*__imp__tzset)(void);

void _tzset(void)
{
    __imp__tzset();
}

void tzset(void)
{
    __imp__tzset();
}

int __signbit(double x)
{
    return __builtin_signbit(x);
}

int __signbitf(float x)
{
    return __builtin_signbit(x);
}

static int is_of_class(wint_t character, wctype_t wanted)
{
    return _iswctype_l(character, wanted, NULL);
}

int (*__imp_iswctype)(wint_t, wctype_t) = is_of_class;

wchar_t *wmemchr(const wchar_t *text, wchar_t wanted, size_t length)
{
    for (; length; length--, text++) {
        if (*text == wanted) {
            return (wchar_t *)text;
        }
    }
    return NULL;
}

#undef RtlSecureZeroMemory
PVOID RtlSecureZeroMemory(PVOID memory, SIZE_T size)
{
    for (volatile char *byte = memory; size; size--) {
        *byte++ = 0;
    }
    return memory;
}
