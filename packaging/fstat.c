/*
 * fstat() for libelf if the C library has none to link with: before glibc 2.33 each program contained its own. A newer
 * C library's takes precedence over this one.
 */
#include <sys/syscall.h>
#include <unistd.h>

struct stat;

int fstat(int file, struct stat *status)
{
	return (int)syscall(SYS_fstat, file, status);
}
