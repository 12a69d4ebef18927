/* bcryptprimitives.dll for Wine 8, which has none: all that Rust's std asks of it. Wine's SystemFunction036 reads the
 * host's random bytes, and is what Windows calls RtlGenRandom. Without it each program of Rust ends with status 53. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(void *buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length)
{
    while (length > 0) {
        ULONG part = length > 0x10000000 ? 0x10000000 : (ULONG)length;
        if (!SystemFunction036(buffer, part)) return FALSE;
        buffer += part;
        length -= part;
    }
    return TRUE;
}
