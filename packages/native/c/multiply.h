// The matrix product: b packed into column panels of two vectors, up to ROWS rows of a against one panel in registers.
// Rows of a are read where they lie; a transposed a is packed into row panels. An element's sum runs over k in the same
// order whatever stands beside it.

/** The deepest block of k: deep enough that what a tile costs at its begin and end hardly counts, while a column panel of
 * this depth streams from the second-level cache. */
#define DEPTH 512
/** Rows of a whose blocks stay in the second-level cache while all column panels pass. */
#define SWEEP (16 * ROWS)
#define PANEL (2 * LANES)

INLINE size_t depth_blocks(size_t k) { return larger(1, ceil_divide(k, DEPTH)); }
INLINE size_t packed_length(size_t n, size_t k) { return ceil_divide(n, PANEL) * PANEL * k; }
#define PACKED_ROWS (SWEEP * DEPTH)

/** Packs op(b)[k, n]: for each block of k, for each panel, k times PANEL columns; zeros behind the last column. */
static void pack_columns(float *to, const float *b, size_t stride, bool transposed, size_t n, size_t k) {
  const size_t blocks = depth_blocks(k);
  size_t k0 = 0;
  for (size_t block = 0; block < blocks; block += 1) {
    const size_t depth = share(k, blocks, block);
    size_t j0 = 0;
    // Four panels at a time: rows that lie far apart are then read by whole cache lines.
    for (; !transposed && j0 + 4 * PANEL <= n; j0 += 4 * PANEL, to += 4 * depth * PANEL) {
      const float *from = b + k0 * stride + j0;
      for (size_t l = 0; l < depth; l += 1, from += stride) {
        for (size_t v = 0; v < 8; v += 1) {
          store(to + (v / 2 * depth + l) * PANEL + v % 2 * LANES, load(from + v * LANES));
        }
      }
    }
    for (; j0 < n; j0 += PANEL, to += depth * PANEL) {
      const size_t columns = smaller(PANEL, n - j0);
      if (columns < PANEL) memset(to, 0, depth * PANEL * sizeof *to);
      if (!transposed) {
        const float *from = b + k0 * stride + j0;
        if (columns == PANEL) {
          for (size_t l = 0; l < depth; l += 1) {
            store(to + l * PANEL, load(from + l * stride));
            store(to + l * PANEL + LANES, load(from + l * stride + LANES));
          }
        } else {
          for (size_t l = 0; l < depth; l += 1) memcpy(to + l * PANEL, from + l * stride, columns * sizeof *to);
        }
      } else {
        const float *from = b + j0 * stride + k0;
        // Blocks of eight columns, so that the lines that are written stay in the first-level cache.
        for (size_t j1 = 0; j1 < columns; j1 += 8) {
          const size_t end = smaller(j1 + 8, columns);
          size_t l = 0;
#if LANES >= 8
          for (; end - j1 == 8 && l + 8 <= depth; l += 8) {
            transpose_eight(to + l * PANEL + j1, PANEL, from + j1 * stride + l, stride);
          }
#endif
          for (; l < depth; l += 1) {
            for (size_t j = j1; j < end; j += 1) to[l * PANEL + j] = from[j * stride + l];
          }
        }
      }
    }
    k0 += depth;
  }
}

/** c[rows, PANEL] = from[rows, PANEL] + rows of a times one column panel; packed: the rows lie side by side. */
INLINE void tile(
  const size_t rows, const bool packed, const float *a, size_t stride_a, const float *b, size_t depth,
  float *c, size_t stride_c, const float *from, size_t stride_from
) {
  vec left[ROWS], right[ROWS];
  // Three rows share a pointer: then every one is reached by a scaled index.
  const float *groups[(ROWS + 2) / 3];
#pragma GCC unroll 16
  for (size_t r = 0; r < rows; r += 1) left[r] = right[r] = (vec){0};
#pragma GCC unroll 16
  for (size_t g = 0; g < (rows + 2) / 3; g += 1) groups[g] = a + 3 * g * stride_a;
  // What the tile is written to lies rows apart, which no processor foresees; a row may touch two cache lines.
  const float *row = c;
#pragma GCC unroll 16
  for (size_t r = 0; r < rows; r += 1, row += stride_c) {
    __builtin_prefetch(row, 1, 3);
    __builtin_prefetch(row + PANEL - 1, 1, 3);
  }
  for (const float *end = b + depth * PANEL; b != end; b += PANEL) {
    const vec b0 = load(b), b1 = load(b + LANES);
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r += 1) {
      const vec x = splat(packed ? a[r] : groups[r / 3][r % 3 * stride_a]);
      left[r] += x * b0;
      right[r] += x * b1;
    }
    if (packed) a += rows;
    else {
#pragma GCC unroll 16
      for (size_t g = 0; g < (rows + 2) / 3; g += 1) groups[g] += 1;
    }
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < rows; r += 1, c += stride_c, from += stride_from) {
    store(c, load(from) + left[r]);
    store(c + LANES, load(from + LANES) + right[r]);
  }
}

typedef void tile_function(
  const float *a, size_t stride_a, const float *b, size_t depth, float *c, size_t stride_c, const float *from,
  size_t stride_from);

#define TILE(rows)                                                                                            \
  static void tile_##rows(const float *a, size_t stride_a, const float *b, size_t depth, float *c,            \
    size_t stride_c, const float *from, size_t stride_from) {                                                 \
    tile(rows, false, a, stride_a, b, depth, c, stride_c, from, stride_from);                                 \
  }                                                                                                           \
  static void tile_packed_##rows(const float *a, size_t stride_a, const float *b, size_t depth, float *c,     \
    size_t stride_c, const float *from, size_t stride_from) {                                                 \
    tile(rows, true, a, stride_a, b, depth, c, stride_c, from, stride_from);                                  \
  }

TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if ROWS > 6
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#endif

static tile_function *const tiles[2][ROWS] = {
  {tile_1, tile_2, tile_3, tile_4, tile_5, tile_6,
#if ROWS > 6
    tile_7, tile_8, tile_9, tile_10, tile_11, tile_12,
#endif
  },
  {tile_packed_1, tile_packed_2, tile_packed_3, tile_packed_4, tile_packed_5, tile_packed_6,
#if ROWS > 6
    tile_packed_7, tile_packed_8, tile_packed_9, tile_packed_10, tile_packed_11, tile_packed_12,
#endif
  },
};

/** Packs `rows` columns of a, which is stored [k, m], side by side. */
static void pack_rows(float *to, const float *a, size_t stride, size_t rows, size_t depth) {
  size_t l = 0;
#if ROWS <= LANES
  // Whole vectors, each of which overwrites what the last one had too much: not at the very end.
  for (; l + LANES < depth; l += 1) store(to + l * rows, load(a + l * stride));
#endif
  for (; l < depth; l += 1) {
    for (size_t r = 0; r < rows; r += 1) to[l * rows + r] = a[l * stride + r];
  }
}

/** A matrix whose rows lie `stride` apart. */
struct matrix {
  float *at;
  size_t stride;
};
struct operand {
  const float *at;
  size_t stride;
  bool transposed;
};

/** What a product is added to: c itself, one row of n elements such as a bias, or nothing. */
enum start { START_ZERO, START_SELF, START_ROW };

/** A packed b[k, n], and the matrix that receives its product. */
struct factor {
  const float *packed;
  size_t n;
  struct matrix c;
};

/** The rows of one sweep: the panels `first` to `last` of a, `depth` deep. */
struct sweep {
  size_t row, first, last, depth;
};

/** c = start + the rows of a sweep times all column panels of a factor; `a` has them, side by side where it was packed. */
static void multiply_sweep(
  struct factor f, struct operand a, size_t m, struct sweep sweep, enum start start, const float *row
) {
  static const float zeros[PANEL];
  const size_t panels = ceil_divide(m, ROWS), depth = sweep.depth;
  const float *b = f.packed;
  for (size_t j = 0; j < f.n; j += PANEL, b += depth * PANEL) {
    const size_t columns = smaller(PANEL, f.n - j);
    float *to = f.c.at + sweep.row * f.c.stride + j;
    const float *at = a.at;
    for (size_t p = sweep.first; p < sweep.last; p += 1) {
      const size_t rows = share(m, panels, p);
      tile_function *const run = tiles[a.transposed][rows - 1];
      const float *from = start == START_SELF ? to : start == START_ROW ? row + j : zeros;
      const size_t stride_from = start == START_SELF ? f.c.stride : 0;
      if (columns == PANEL) run(at, a.stride, b, depth, to, f.c.stride, from, stride_from);
      else {
        float sums[ROWS * PANEL];
        run(at, a.stride, b, depth, sums, PANEL, zeros, 0);
        for (size_t r = 0; r < rows; r += 1) {
          for (size_t l = 0; l < columns; l += 1) to[r * f.c.stride + l] = from[r * stride_from + l] + sums[r * PANEL + l];
        }
      }
      to += rows * f.c.stride;
      at += rows * (a.transposed ? depth : a.stride);
    }
  }
}

/** c[m, n] = start + op(a)[m, k] times b, for each factor; a transposed a is packed once for all of them.
 * `rows_room` has PACKED_ROWS floats, needed where a is transposed. */
static void multiply_factors(
  const struct factor *factors, size_t count, struct operand a, const size_t sizes[2], enum start start,
  const float *row, float *rows_room
) {
  const size_t m = sizes[0], k = sizes[1];
  const size_t blocks = depth_blocks(k), panels = ceil_divide(m, ROWS);
  size_t k0 = 0;
  for (size_t block = 0; block < blocks; block += 1) {
    struct sweep sweep = {0, 0, 0, share(k, blocks, block)};
    while (sweep.first < panels) {
      sweep.last = smaller(sweep.first + SWEEP / ROWS, panels);
      size_t end = sweep.row;
      for (size_t p = sweep.first; p < sweep.last; p += 1) {
        const size_t rows = share(m, panels, p);
        if (a.transposed) {
          pack_rows(rows_room + (end - sweep.row) * sweep.depth, a.at + k0 * a.stride + end, a.stride, rows, sweep.depth);
        }
        end += rows;
      }
      const struct operand left = a.transposed ? (struct operand){rows_room, 0, true}
                                               : (struct operand){a.at + sweep.row * a.stride + k0, a.stride, false};
      for (size_t f = 0; f < count; f += 1) {
        struct factor factor = factors[f];
        factor.packed += packed_length(factor.n, k0);
        multiply_sweep(factor, left, m, sweep, block > 0 ? START_SELF : start, row);
      }
      sweep.row = end;
      sweep.first = sweep.last;
    }
    k0 += sweep.depth;
  }
}

/** c[m, n] = start + op(a)[m, k] times one packed b. */
static void multiply_packed(
  struct matrix c, struct operand a, const float *packed, const size_t sizes[3], enum start start, const float *row,
  float *rows_room
) {
  const struct factor factor = {packed, sizes[1], c};
  multiply_factors(&factor, 1, a, (const size_t[2]){sizes[0], sizes[2]}, start, row, rows_room);
}

static size_t multiply_workspace(const struct product *p) {
  char *at = 0;
  take(&at, packed_length(p->n, p->k));
  take(&at, PACKED_ROWS + LANES);
  return (size_t)at;
}

static void multiply(float *out, const float *a, const float *b, const struct product *p, char *workspace) {
  if (p->m == 0 || p->n == 0) return;
  float *packed = take(&workspace, packed_length(p->n, p->k));
  float *rows_room = take(&workspace, PACKED_ROWS + LANES);
  pack_columns(packed, b, p->transpose_b ? p->k : p->n, p->transpose_b, p->n, p->k);
  const struct operand left = {a, p->transpose_a ? p->m : p->k, p->transpose_a};
  const size_t sizes[3] = {p->m, p->n, p->k};
  const enum start start = p->accumulate ? START_SELF : p->bias != NULL ? START_ROW : START_ZERO;
  multiply_packed((struct matrix){out, p->n}, left, packed, sizes, start, p->bias, rows_room);
}
