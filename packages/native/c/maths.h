// exp, sigmoid and tanh of a vector, accurate to a few 1e-7 of the value. Infinities, NaN and signed zeros come out right.
// The method and the polynomial are those of packages/kernels/assembly/maths.ts:
// e^y = 2^n e^r with n = round(y / ln 2), ln 2 split in two (Cody and Waite 1980), e^r - 1 = r + r^2 p(r).

/** n + 1.5 * 2^23, where n is y / ln 2 rounded: a whole number in the low bits. */
INLINE vec shifted_exponent(vec y) { return y * splat(1.4426950408889634f) + splat(12582912.0f); }

/** e^r - 1. */
INLINE vec fraction(vec y, vec shifted) {
  const vec n = shifted - splat(12582912.0f);
  const vec first = n * splat(-0.693359375f) + y;
  const vec r = n * splat(0.00021219444170128554f) + first;
  const vec r2 = r * r;
  const vec low = splat(0.1666654348373413f) * r + splat(0.5f);
  const vec step = splat(0.0013946506660431623f) * r + splat(0.00836661085486412f);
  const vec high = step * r + splat(0.04166628047823906f);
  const vec p = high * r2 + low;
  return p * r2 + r;
}

/** x 2^n for a normal x and result. */
INLINE vec scaled(vec x, vec shifted) { return (vec)((ivec)x + ((ivec)shifted << 23)); }

INLINE vec exp_vec(vec x) {
  const vec y = at_least(at_most(x, splat(89)), splat(-104));
  const vec shifted = shifted_exponent(y);
  // 2^n in two parts, since n may lie outside what one power can hold.
  const ivec n = (ivec)shifted - splat_int(0x4b400000);
  const ivec half = n >> 1;
  const vec first = (vec)((half + splat_int(127)) << 23);
  const vec second = (vec)((n - half + splat_int(127)) << 23);
  return (fraction(y, shifted) + splat(1)) * first * second;
}

/** e^x for x <= 0 or NaN; zero where it would be subnormal. */
INLINE vec exp_of_negative(vec x) {
  const vec shifted = shifted_exponent(x);
  const vec e = scaled(fraction(x, shifted) + splat(1), shifted);
  return (vec)((ivec)e & ~(x < splat(-87.3f)));
}

INLINE vec sigmoid_vec(vec x) {
  const vec y = at_least(at_most(-x, splat(87.3f)), splat(-87.3f));
  const vec shifted = shifted_exponent(y);
  const vec e = scaled(fraction(y, shifted) + splat(1), shifted);
  return (vec)((ivec)(splat(1) / (e + splat(1))) & ~(x < splat(-87.3f)));
}

/** tanh x = (1 - e) / (2 - (1 - e)) with e = e^(-2|x|), and the sign of x. */
INLINE vec tanh_vec(vec x) {
  const ivec sign = splat_int(INT32_MIN);
  const vec negative = (vec)((ivec)x | sign);
  const vec y = at_least(negative + negative, splat(-40));
  const vec shifted = shifted_exponent(y);
  const vec scale = scaled(splat(1), shifted);
  const vec less = (splat(1) - scale) - fraction(y, shifted) * scale;
  return (vec)((ivec)(less / (splat(2) - less)) | ((ivec)x & sign));
}

/** s (1 - s), the derivative of the sigmoid at its value s. */
INLINE vec slope(vec s) { return s - s * s; }

INLINE void apply_vec(enum function function, float *out, const float *x, size_t count) {
  const vec v = load_first(x, count);
  store_first(out, function == FUNCTION_EXP ? exp_vec(v) : function == FUNCTION_TANH ? tanh_vec(v) : sigmoid_vec(v),
    count);
}

INLINE void apply_all(enum function function, float *out, const float *x, size_t length) {
  size_t i = 0;
  for (; i + 2 * LANES <= length; i += 2 * LANES) {
    apply_vec(function, out + i, x + i, LANES);
    apply_vec(function, out + i + LANES, x + i + LANES, LANES);
  }
  if (i + LANES <= length) {
    apply_vec(function, out + i, x + i, LANES);
    i += LANES;
  }
  if (i < length) apply_vec(function, out + i, x + i, length - i);
}

static void apply(enum function function, float *out, const float *x, size_t length) {
  if (function == FUNCTION_EXP) apply_all(FUNCTION_EXP, out, x, length);
  else if (function == FUNCTION_TANH) apply_all(FUNCTION_TANH, out, x, length);
  else apply_all(FUNCTION_SIGMOID, out, x, length);
}

/** The first `count` lanes, the others -Infinity. */
INLINE vec load_or_lowest(const float *p, size_t count) {
  if (count == LANES) return load(p);
  vec v = splat(-INFINITY);
  memcpy(&v, p, count * sizeof *p);
  return v;
}

/** The softmax of each row, or its logarithm. */
static void softmax(
  float *out, const float *x, size_t rows, size_t columns, bool logarithm, const struct softmax_rows *each
) {
  for (size_t r = 0; r < rows; r += 1, x += columns, out += columns) {
    vec tops = splat(-INFINITY);
    for (size_t j = 0; j < columns; j += LANES) {
      const vec v = load_or_lowest(x + j, smaller(LANES, columns - j));
      // A NaN in v stays; one in tops too, as the comparison is false.
      tops = choose(v < tops, tops, choose(tops != tops, tops, v));
    }
    float top = tops[0];
    for (int i = 1; i < LANES; i += 1) top = tops[i] < top || top != top ? top : tops[i];
    const vec greatest = splat(top);
    vec sums = {0};
    for (size_t j = 0; j < columns; j += LANES) {
      const size_t count = smaller(LANES, columns - j);
      const vec e = exp_of_negative(load_or_lowest(x + j, count) - greatest);
      sums += e;
      if (!logarithm) store_first(out + j, e, count);
    }
    const float sum = sum_lanes(sums);
    const vec scale = splat(logarithm ? (float)log(sum) : (each == NULL ? 1 : each->factors[r]) / sum);
    if (each != NULL) {
      each->tops[r] = top;
      each->log_sums[r] = (float)log(sum);
    }
    for (size_t j = 0; j < columns; j += LANES) {
      const size_t count = smaller(LANES, columns - j);
      if (logarithm) store_first(out + j, (load_first(x + j, count) - greatest) - scale, count);
      else store_first(out + j, load_first(out + j, count) * scale, count);
    }
  }
}
