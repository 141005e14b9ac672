// Asks the processor (and, by way of the compiler's library, the operating system) what it can run.
#include "choose.h"

extern const struct kernels kernels_baseline;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
#endif

size_t find_tables(const struct kernels *tables[MOST_TABLES]) {
  size_t count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    tables[count++] = &kernels_avx512;
  }
  if (avx2) tables[count++] = &kernels_avx2;
#endif
  tables[count++] = &kernels_baseline;
  return count;
}
