/*
 * Included first when the addons are compiled, so that they also run with a C library older than that of the build
 * machine: glibc 2.34 gave these functions, unchanged, a new version when they moved out of libdl. Before, each had
 * the version of the first glibc for the processor.
 */
#ifdef __aarch64__
#define FIRST_GLIBC "GLIBC_2.17"
#else
#define FIRST_GLIBC "GLIBC_2.2.5"
#endif
#define AS_BEFORE(name) __asm__(".symver " #name "," #name "@" FIRST_GLIBC)
AS_BEFORE(dlopen);
AS_BEFORE(dlsym);
AS_BEFORE(dlerror);
AS_BEFORE(dlclose);

#ifdef __cplusplus
#include <new>

/* GCC 11 and newer call it, and older C++ libraries have it not. */
namespace std {
[[noreturn, gnu::weak, gnu::visibility("hidden")]] void __throw_bad_array_new_length() {
  throw bad_alloc();
}
} // namespace std
#endif
