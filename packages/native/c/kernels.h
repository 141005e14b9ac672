// What every instruction set offers, as a table of functions on plain memory. The caller has checked all lengths.
#ifndef OSTINATO_KERNELS_H
#define OSTINATO_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum function { FUNCTION_EXP, FUNCTION_TANH, FUNCTION_SIGMOID };
enum kind { KIND_ELMAN, KIND_GRU, KIND_LSTM };

/** out[m, n] (+)= op(a)[m, k] op(b)[k, n], row-major and contiguous. */
struct product {
  size_t m, n, k;
  bool transpose_a, transpose_b, accumulate;
  const float *bias; // [n]: what each row starts from, unless it accumulates; or NULL
};

/** A recurrent layer over a batch that is packed: sorted by length and time-major, as packages/kernels/src/plan.ts. */
struct sequence {
  enum kind kind;
  bool rectified; // an Elman layer with relu
  size_t batch, time, steps, rows, input, hidden;
  const int32_t *active, *offsets, *source, *order, *last;
  const float *x, *initial_hidden, *initial_cell;
  const float *weight_ih, *weight_hh, *bias_ih, *bias_hh; // the biases may be NULL
  const float *packed_ih, *packed_hh; // the weights of a forward pass as `pack` lays them out, or NULL
  float *output, *last_hidden, *last_cell;
  float *states; // [batch + rows, hidden]: the initial states, then those of the packed rows
  float *gates;  // [rows, gates * hidden]; an Elman layer has none
  float *extra;  // cells [batch + rows, hidden] of an LSTM; products [rows, hidden] of a GRU
};

/** The gradients that come in (any may be NULL) and those that go out. */
struct gradients {
  const float *output, *hidden, *cell;
  float *x, *initial_hidden, *initial_cell; // x: NULL where it is not wanted
  float *weight_ih, *weight_hh, *bias_ih, *bias_hh;
  double *hidden_norms, *cell_norms; // [batch, time], or NULL
};

/** What belongs to each row of a softmax. */
struct softmax_rows {
  const float *factors;
  float *tops, *log_sums;
};

/** Parameters, their gradient, and what an optimizer keeps of each: all of one length. */
struct parameters {
  size_t length;
  float *values;
  const float *gradient;
  float *first, *second, *largest; // a velocity or the moments; NULL where there is none
};

/** As SgdConstants and AdamConstants of packages/kernels. */
struct sgd_constants {
  float penalty, kept, entering, of_gradient, of_velocity;
};
struct adam_constants {
  float penalty, kept, entering1, kept2, entering2, size, scale, epsilon;
};

struct kernels {
  const char *name;
  void (*apply)(enum function function, float *out, const float *x, size_t length);
  /** Where `each` is not NULL, the softmax of a row is multiplied by its factor, and the others are filled. */
  void (*softmax)(
    float *out, const float *x, size_t rows, size_t columns, bool logarithm, const struct softmax_rows *each);
  /** Elements of a weight [n, k] that is packed for the products of a forward pass; and packs it. */
  size_t (*packed_length)(size_t n, size_t k);
  void (*pack)(float *to, const float *weight, size_t n, size_t k);
  /** Bytes of workspace that each of the following needs; the workspace is aligned to 64 bytes. */
  size_t (*multiply_workspace)(const struct product *product);
  size_t (*forward_workspace)(const struct sequence *sequence);
  size_t (*backward_workspace)(const struct sequence *sequence);
  void (*multiply)(float *out, const float *a, const float *b, const struct product *product, char *workspace);
  void (*forward)(const struct sequence *sequence, char *workspace);
  void (*backward)(const struct sequence *sequence, const struct gradients *gradients, char *workspace);
  void (*sgd)(const struct parameters *parameters, const struct sgd_constants *constants);
  void (*adam)(const struct parameters *parameters, const struct adam_constants *constants);
};

static inline size_t gates_of(enum kind kind) {
  return kind == KIND_LSTM ? 4 : kind == KIND_GRU ? 3 : 1;
}

#endif
