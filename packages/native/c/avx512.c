// The kernels for x86-64 with AVX-512: 16 lanes, 32 registers.
#if defined(__x86_64__)
#include "kernels.h"
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,prefer-vector-width=512")
#endif
#define LANES 16
#define ROWS 12
#define NAME "avx512"
#define TABLE kernels_avx512
#include "every.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
