// Rows of features between padded and packed order, sums of rows, and how the steps of a sequence are cut into blocks.

/** to[r] = from[index[r]]. */
static void gather_rows(float *to, const float *from, const int32_t *index, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r += 1) memcpy(to + r * width, from + index[r] * width, width * sizeof *to);
}

/** to[index[r]] = from[r]. */
static void scatter_rows(float *to, const float *from, const int32_t *index, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r += 1) memcpy(to + index[r] * width, from + r * width, width * sizeof *to);
}

/** to[width] = the sum of the rows, plus what it holds where `accumulate`. */
static void sum_rows(float *to, const float *from, size_t stride, const size_t sizes[2], bool accumulate) {
  const size_t rows = sizes[0], width = sizes[1];
  for (size_t j = 0; j < width; j += LANES) {
    const size_t count = smaller(LANES, width - j);
    vec total = accumulate ? load_first(to + j, count) : (vec){0};
    // In parts: it bounds the rounding error of long columns.
    for (size_t r0 = 0; r0 < rows; r0 += 128) {
      vec sum = {0};
      for (size_t r = r0; r < smaller(r0 + 128, rows); r += 1) sum += load_first(from + r * stride + j, count);
      total += sum;
    }
    store_first(to + j, total, count);
  }
}

/** The first row that precedes step t, among the initial states followed by those of the packed rows. */
INLINE size_t rows_before(const struct sequence *s, size_t t) { return t == 0 ? 0 : s->batch + s->offsets[t - 1]; }

INLINE size_t first_row(const struct sequence *s, size_t t) { return t < s->steps ? (size_t)s->offsets[t] : s->rows; }

/** Rows that a block has at most, unless one step has more; what the products over rows sum at a time. */
#define BLOCK_ROWS DEPTH

/** The rows of the largest block. */
INLINE size_t most_rows(const struct sequence *s) { return smaller(s->rows, larger(BLOCK_ROWS, s->batch)); }

struct block {
  size_t begin, end, first, rows;
};

/** The block that begins at step `begin`. */
static struct block block_from(const struct sequence *s, size_t begin) {
  const size_t first = first_row(s, begin);
  size_t end = begin + 1;
  while (end < s->steps && first_row(s, end + 1) - first <= BLOCK_ROWS) end += 1;
  return (struct block){begin, end, first, first_row(s, end) - first};
}

/** The block that ends before step `end`. */
static struct block block_to(const struct sequence *s, size_t end) {
  const size_t last = first_row(s, end);
  size_t begin = end - 1;
  while (begin > 0 && last - first_row(s, begin - 1) <= BLOCK_ROWS) begin -= 1;
  return (struct block){begin, end, first_row(s, begin), last - first_row(s, begin)};
}
