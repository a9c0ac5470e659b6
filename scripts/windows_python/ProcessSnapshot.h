/* The part of Microsoft's header of this name that os.getppid() is compiled with. */
#include <windows.h>

typedef HANDLE HPSS;
typedef enum { PSS_CAPTURE_NONE = 0 } PSS_CAPTURE_FLAGS;
typedef enum { PSS_QUERY_PROCESS_INFORMATION = 0 } PSS_QUERY_INFORMATION_CLASS;
typedef struct {
    DWORD ExitStatus;
    void *PebBaseAddress;
    ULONG_PTR AffinityMask;
    LONG BasePriority;
    DWORD ProcessId;
    DWORD ParentProcessId;
    char more[1024];
} PSS_PROCESS_INFORMATION;

DWORD WINAPI PssCaptureSnapshot(HANDLE, PSS_CAPTURE_FLAGS, DWORD, HPSS *);
DWORD WINAPI PssQuerySnapshot(HPSS, PSS_QUERY_INFORMATION_CLASS, void *, DWORD);
DWORD WINAPI PssFreeSnapshot(HANDLE, HPSS);
