/*
 * Included first when the addons are compiled, so that they also run where the C library is older than that of
 * the machine that compiles: glibc 2.34 gave these functions, unchanged, a new version as they moved out of libdl.
 */
#define AS_BEFORE(name) __asm__(".symver " #name "," #name "@GLIBC_2.2.5")
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
