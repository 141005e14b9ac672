// The elementwise part of one row and step of each cell, forward and backward. Equations: packages/kernels/src/lstm.ts,
// gru.ts and elman.ts. `count` lanes from feature `j` on.

/** Calls `body` for whole vectors of `hidden` features and for what remains. */
#define FOR_LANES(hidden, body)                                     \
  do {                                                              \
    size_t j = 0;                                                   \
    for (; j + LANES <= (hidden); j += LANES) body(j, LANES);       \
    if (j < (hidden)) body(j, (hidden)-j);                          \
  } while (0)

/** gates hold the sums and become i, f, g and o. */
static void lstm_row(size_t hidden, float *gates, const float *before, float *cell, float *state) {
#define BODY(j, count)                                                                       \
  {                                                                                          \
    float *at = gates + j;                                                                   \
    const vec i = sigmoid_vec(load_first(at, count));                                        \
    store_first(at, i, count);                                                               \
    const vec f = sigmoid_vec(load_first(at + hidden, count));                               \
    store_first(at + hidden, f, count);                                                      \
    const vec g = tanh_vec(load_first(at + 2 * hidden, count));                              \
    store_first(at + 2 * hidden, g, count);                                                  \
    const vec o = sigmoid_vec(load_first(at + 3 * hidden, count));                           \
    store_first(at + 3 * hidden, o, count);                                                  \
    const vec c = f * load_first(before + j, count) + i * g;                                 \
    store_first(cell + j, c, count);                                                         \
    store_first(state + j, o * tanh_vec(c), count);                                          \
  }
  FOR_LANES(hidden, BODY);
#undef BODY
}

/** dh and dc: what reached the state and the cell; `outer` adds to dh, or is NULL. dc goes on to the step before. */
static void lstm_row_back(
  size_t hidden, const float *gates, const float *cells[2], const float *outer, const float *dh, float *dc, float *sums
) {
#define BODY(j, count)                                                                       \
  {                                                                                          \
    const vec i = load_first(gates + j, count), f = load_first(gates + hidden + j, count);   \
    const vec g = load_first(gates + 2 * hidden + j, count);                                 \
    const vec o = load_first(gates + 3 * hidden + j, count);                                 \
    const vec c = tanh_vec(load_first(cells[1] + j, count));                                 \
    vec d = load_first(dh + j, count);                                                       \
    if (outer != NULL) d += load_first(outer + j, count);                                    \
    const vec e = d * o * (splat(1) - c * c) + load_first(dc + j, count);                    \
    store_first(sums + j, e * g * slope(i), count);                                          \
    store_first(sums + hidden + j, e * load_first(cells[0] + j, count) * slope(f), count);   \
    store_first(sums + 2 * hidden + j, e * i * (splat(1) - g * g), count);                   \
    store_first(sums + 3 * hidden + j, d * c * slope(o), count);                             \
    store_first(dc + j, e * f, count);                                                       \
  }
  FOR_LANES(hidden, BODY);
#undef BODY
}

/** gates hold the input sums and become r, z and n; `recurrent` are the recurrent sums. */
static void gru_row(
  size_t hidden, float *gates, const float *recurrent, const float *before, float *product, float *state
) {
#define BODY(j, count)                                                                                            \
  {                                                                                                               \
    float *at = gates + j;                                                                                        \
    const float *sum = recurrent + j;                                                                             \
    const vec r = sigmoid_vec(load_first(at, count) + load_first(sum, count));                                    \
    const vec z = sigmoid_vec(load_first(at + hidden, count) + load_first(sum + hidden, count));                  \
    const vec u = load_first(sum + 2 * hidden, count);                                                            \
    const vec n = tanh_vec(r * u + load_first(at + 2 * hidden, count));                                           \
    store_first(at, r, count);                                                                                    \
    store_first(at + hidden, z, count);                                                                           \
    store_first(at + 2 * hidden, n, count);                                                                       \
    store_first(product + j, u, count);                                                                           \
    store_first(state + j, z * (load_first(before + j, count) - n) + n, count);                                   \
  }
  FOR_LANES(hidden, BODY);
#undef BODY
}

/** `sums`: the gradients of the input sums; `news`: that of the recurrent sum of n. dh becomes dh z. */
static void gru_row_back(
  size_t hidden, const float *gates, const float *product, const float *before, const float *outer, float *dh,
  float *sums, float *news
) {
#define BODY(j, count)                                                                                            \
  {                                                                                                               \
    const vec r = load_first(gates + j, count), z = load_first(gates + hidden + j, count);                        \
    const vec n = load_first(gates + 2 * hidden + j, count);                                                      \
    vec d = load_first(dh + j, count);                                                                            \
    if (outer != NULL) d += load_first(outer + j, count);                                                         \
    const vec dn = (d - d * z) * (splat(1) - n * n);                                                              \
    store_first(sums + j, dn * load_first(product + j, count) * slope(r), count);                                 \
    store_first(sums + hidden + j, d * (load_first(before + j, count) - n) * slope(z), count);                    \
    store_first(sums + 2 * hidden + j, dn, count);                                                                \
    store_first(news + j, dn * r, count);                                                                         \
    store_first(dh + j, d * z, count);                                                                            \
  }
  FOR_LANES(hidden, BODY);
#undef BODY
}

/** state holds the sums and becomes their tanh, or their positive part; NaN stays. */
static void elman_row(size_t hidden, bool rectified, float *state) {
#define BODY(j, count)                                                                              \
  {                                                                                                 \
    const vec sum = load_first(state + j, count);                                                   \
    store_first(state + j, rectified ? at_least(sum, splat(0)) : tanh_vec(sum), count);             \
  }
  FOR_LANES(hidden, BODY);
#undef BODY
}

static void elman_row_back(
  size_t hidden, bool rectified, const float *state, const float *outer, const float *dh, float *sums
) {
#define BODY(j, count)                                                                              \
  {                                                                                                 \
    const vec h = load_first(state + j, count);                                                     \
    vec d = load_first(dh + j, count);                                                              \
    if (outer != NULL) d += load_first(outer + j, count);                                           \
    store_first(sums + j, rectified ? (vec)((ivec)d & (h > splat(0))) : d * (splat(1) - h * h), count); \
  }
  FOR_LANES(hidden, BODY);
#undef BODY
}
