/*
 * fstat() for libelf where the C library has none to link with: before glibc 2.33 it was in each program by itself.
 * Newer ones come before this one.
 */
#include <sys/syscall.h>
#include <unistd.h>

struct stat;

int fstat(int file, struct stat *status)
{
	return (int)syscall(SYS_fstat, file, status);
}
