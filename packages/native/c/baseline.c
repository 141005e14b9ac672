// The kernels that every processor of the platform can run: NEON with its 32 registers on arm64, SSE2 on x86-64.
#define LANES 4
#if defined(__aarch64__)
#define ROWS 12
#define NAME "neon"
#else
#define ROWS 6
#define NAME "baseline"
#endif
#define TABLE kernels_baseline
#include "every.h"
