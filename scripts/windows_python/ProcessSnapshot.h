/* The part of Microsoft's header of this name that os.getppid() is compiled with. It asks for a
 * snapshot of a process whose parent is not known: one that was started from outside of Wine, which
 * has no snapshots, and has none.
 */
#include <windows.h>

typedef HANDLE HPSS;
typedef enum { PSS_CAPTURE_NONE = 0 } PSS_CAPTURE_FLAGS;
typedef enum { PSS_QUERY_PROCESS_INFORMATION = 0 } PSS_QUERY_INFORMATION_CLASS;
typedef struct {
    DWORD ParentProcessId;
} PSS_PROCESS_INFORMATION;

static inline DWORD PssCaptureSnapshot(HANDLE process, PSS_CAPTURE_FLAGS what, DWORD more, HPSS *made)
{
    *made = process;
    return ERROR_SUCCESS;
}

static inline DWORD PssQuerySnapshot(
    HPSS snapshot, PSS_QUERY_INFORMATION_CLASS what, PSS_PROCESS_INFORMATION *told, DWORD size)
{
    told->ParentProcessId = 0;
    return ERROR_SUCCESS;
}

static inline DWORD PssFreeSnapshot(HANDLE process, HPSS snapshot)
{
    return ERROR_SUCCESS;
}
