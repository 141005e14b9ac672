// A vector of LANES floats in GCC's and clang's vector extensions, so that one source serves every instruction set.

#include <math.h>
#include <string.h>

#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));
/** The same at any address. */
typedef float loose __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

INLINE vec load(const float *p) { return *(const loose *)p; }
INLINE void store(float *p, vec v) { *(loose *)p = v; }
INLINE vec splat(float x) { return x - (vec){0}; } // x - 0 keeps the sign of a zero
INLINE ivec splat_int(int32_t x) { return x - (ivec){0}; }

#if LANES >= 8
/** to[8, 8] = the transpose of from[8, 8]; rows lie `stride_to` and `stride` apart. */
INLINE void transpose_eight(float *to, size_t stride_to, const float *from, size_t stride) {
  __m256 pairs[8], fours[8];
#pragma GCC unroll 4
  for (size_t i = 0; i < 8; i += 2) {
    const __m256 a = _mm256_loadu_ps(from + i * stride), b = _mm256_loadu_ps(from + (i + 1) * stride);
    pairs[i] = _mm256_unpacklo_ps(a, b);
    pairs[i + 1] = _mm256_unpackhi_ps(a, b);
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < 8; i += 4) {
    fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
    fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xee);
    fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
    fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; i += 1) {
    _mm256_storeu_ps(to + i * stride_to, _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20));
    _mm256_storeu_ps(to + (i + 4) * stride_to, _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31));
  }
}
#endif

/** The first `count` lanes, the others zero. */
INLINE vec load_first(const float *p, size_t count) {
  if (count == LANES) return load(p);
  vec v = {0};
  memcpy(&v, p, count * sizeof *p);
  return v;
}

INLINE void store_first(float *p, vec v, size_t count) {
  if (count == LANES) store(p, v);
  else memcpy(p, &v, count * sizeof *p);
}

/** Where the mask says so `a`, elsewhere `b`. */
INLINE vec choose(ivec mask, vec a, vec b) { return (vec)((mask & (ivec)a) | (~mask & (ivec)b)); }

/** `x` unless it is above (below) the limit; NaN stays. */
INLINE vec at_most(vec x, vec limit) {
#if LANES == 16
  return (vec)_mm512_min_ps((__m512)limit, (__m512)x);
#elif LANES == 8
  return (vec)_mm256_min_ps((__m256)limit, (__m256)x);
#elif defined(__x86_64__)
  return (vec)_mm_min_ps((__m128)limit, (__m128)x);
#else
  return choose(limit < x, limit, x);
#endif
}

INLINE vec at_least(vec x, vec limit) {
#if LANES == 16
  return (vec)_mm512_max_ps((__m512)limit, (__m512)x);
#elif LANES == 8
  return (vec)_mm256_max_ps((__m256)limit, (__m256)x);
#elif defined(__x86_64__)
  return (vec)_mm_max_ps((__m128)limit, (__m128)x);
#else
  return choose(x < limit, limit, x);
#endif
}

/** The square root of each lane. */
INLINE vec root(vec x) {
#if LANES == 16
  return (vec)_mm512_sqrt_ps((__m512)x);
#elif LANES == 8
  return (vec)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__)
  return (vec)_mm_sqrt_ps((__m128)x);
#else
  for (int i = 0; i < LANES; i += 1) x[i] = sqrtf(x[i]);
  return x;
#endif
}

INLINE float sum_lanes(vec v) {
  float sum = 0;
  for (int i = 0; i < LANES; i += 1) sum += v[i];
  return sum;
}

INLINE size_t ceil_divide(size_t a, size_t b) { return (a + b - 1) / b; }
INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/** How many of `total` things the part `part` of `parts` has: they differ by one at most. */
INLINE size_t share(size_t total, size_t parts, size_t part) { return total / parts + (part < total % parts); }

/** Lays `count` floats out behind what was laid out before, aligned to 64 bytes. */
INLINE float *take(char **at, size_t count) {
  float *place = (float *)*at;
  *at += ceil_divide(count * sizeof(float), 64) * 64;
  return place;
}
