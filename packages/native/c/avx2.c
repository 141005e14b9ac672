// The kernels for x86-64 with AVX2 and FMA: 8 lanes, 16 registers.
#if defined(__x86_64__)
#include "kernels.h"
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define LANES 8
#define ROWS 6
#define NAME "avx2"
#define TABLE kernels_avx2
#include "every.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
