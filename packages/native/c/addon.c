// The functions that JavaScript sees. Each reads and checks its arguments, finds its workspace and calls a kernel. Arrays
// are read and written where they lie in the JavaScript heap.
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "choose.h"

/** What one instance of the addon (one for each thread that loads it) holds. */
struct instance {
  const struct kernels *tables[MOST_TABLES];
  size_t count;
  const struct kernels *kernels;
  char *workspace; // as it was allocated
  size_t bytes;
};

static void free_instance(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  struct instance *instance = data;
  free(instance->workspace);
  free(instance);
}

static struct instance *instance_of(struct arguments *arguments) {
  void *data = NULL;
  if (napi_get_instance_data(arguments->env, &data) != napi_ok || data == NULL) fail(arguments, "native: not initialised");
  return data;
}

/** A workspace of `bytes`, aligned to 64, which stays for the next call. NULL, and a fault, where there is no memory. */
static char *workspace_of(struct arguments *arguments, struct instance *instance, size_t bytes) {
  if (bytes > instance->bytes) {
    free(instance->workspace);
    instance->workspace = malloc(bytes + 63);
    instance->bytes = instance->workspace == NULL ? 0 : bytes;
  }
  if (instance->workspace == NULL) {
    if (bytes > 0) fail(arguments, "native: no memory for a workspace; use a smaller batch or fewer steps at a time");
    return NULL;
  }
  return (char *)(((uintptr_t)instance->workspace + 63) / 64 * 64);
}

/** multiply(out, a, b, bias?, m, n, k, transposeA, transposeB, accumulate) */
static napi_value call_multiply(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 10);
  struct product product;
  arguments.next = 4;
  product.m = size_argument(&arguments);
  product.n = size_argument(&arguments);
  product.k = size_argument(&arguments);
  product.transpose_a = flag_argument(&arguments);
  product.transpose_b = flag_argument(&arguments);
  product.accumulate = flag_argument(&arguments);
  arguments.next = 0;
  float *out = floats_argument(&arguments, product_of(&arguments, product.m, product.n));
  const float *a = floats_argument(&arguments, product_of(&arguments, product.m, product.k));
  const float *b = floats_argument(&arguments, product_of(&arguments, product.k, product.n));
  product.bias = optional_floats_argument(&arguments, product.n);
  if (arguments.failed) return NULL;
  struct instance *instance = instance_of(&arguments);
  if (arguments.failed) return NULL;
  char *workspace = workspace_of(&arguments, instance, instance->kernels->multiply_workspace(&product));
  if (arguments.failed) return NULL;
  instance->kernels->multiply(out, a, b, &product, workspace);
  return NULL;
}

/** apply(function, out, x, length): function 0 exp, 1 tanh, 2 sigmoid */
static napi_value call_apply(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 4);
  const size_t function = size_argument(&arguments);
  arguments.next = 3;
  const size_t length = size_argument(&arguments);
  arguments.next = 1;
  float *out = floats_argument(&arguments, length);
  const float *x = floats_argument(&arguments, length);
  if (function > FUNCTION_SIGMOID) fail(&arguments, "native: expected a function from 0 to 2");
  if (arguments.failed) return NULL;
  struct instance *instance = instance_of(&arguments);
  if (!arguments.failed) instance->kernels->apply((enum function)function, out, x, length);
  return NULL;
}

/** softmax(out, x, rows, columns, logarithm) */
static napi_value call_softmax(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 5);
  arguments.next = 2;
  const size_t rows = size_argument(&arguments);
  const size_t columns = size_argument(&arguments);
  const bool logarithm = flag_argument(&arguments);
  const size_t length = product_of(&arguments, rows, columns);
  arguments.next = 0;
  float *out = floats_argument(&arguments, length);
  const float *x = floats_argument(&arguments, length);
  if (arguments.failed) return NULL;
  struct instance *instance = instance_of(&arguments);
  if (!arguments.failed) instance->kernels->softmax(out, x, rows, columns, logarithm, NULL);
  return NULL;
}

/** scaledSoftmax(out, tops, logSums, x, factors, rows, columns) */
static napi_value call_scaled_softmax(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 7);
  arguments.next = 5;
  const size_t rows = size_argument(&arguments);
  const size_t columns = size_argument(&arguments);
  const size_t length = product_of(&arguments, rows, columns);
  arguments.next = 0;
  float *out = floats_argument(&arguments, length);
  float *tops = floats_argument(&arguments, rows);
  float *log_sums = floats_argument(&arguments, rows);
  const float *x = floats_argument(&arguments, length);
  const float *factors = floats_argument(&arguments, rows);
  if (arguments.failed) return NULL;
  const struct softmax_rows each = {factors, tops, log_sums};
  const struct instance *instance = instance_of(&arguments);
  if (!arguments.failed) instance->kernels->softmax(out, x, rows, columns, false, &each);
  return NULL;
}

/** sgd(values, gradient, velocity?, length, constants) */
static napi_value call_sgd(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 5);
  struct parameters p = {0};
  arguments.next = 3;
  p.length = size_argument(&arguments);
  const float *o = floats_argument(&arguments, 5);
  arguments.next = 0;
  p.values = floats_argument(&arguments, p.length);
  p.gradient = floats_argument(&arguments, p.length);
  p.first = optional_floats_argument(&arguments, p.length);
  if (arguments.failed) return NULL;
  const struct sgd_constants constants = {o[0], o[1], o[2], o[3], o[4]};
  const struct instance *instance = instance_of(&arguments);
  if (!arguments.failed) instance->kernels->sgd(&p, &constants);
  return NULL;
}

/** adam(values, gradient, firstMoment, secondMoment, largestSecondMoment?, length, constants) */
static napi_value call_adam(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 7);
  struct parameters p = {0};
  arguments.next = 5;
  p.length = size_argument(&arguments);
  const float *o = floats_argument(&arguments, 8);
  arguments.next = 0;
  p.values = floats_argument(&arguments, p.length);
  p.gradient = floats_argument(&arguments, p.length);
  p.first = floats_argument(&arguments, p.length);
  p.second = floats_argument(&arguments, p.length);
  p.largest = optional_floats_argument(&arguments, p.length);
  if (arguments.failed) return NULL;
  const struct adam_constants constants = {o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7]};
  const struct instance *instance = instance_of(&arguments);
  if (!arguments.failed) instance->kernels->adam(&p, &constants);
  return NULL;
}

/** Elements of what a forward pass keeps, each part a multiple of 16. */
static size_t kept_parts(struct arguments *arguments, const struct sequence *s, size_t parts[3]) {
  const size_t states = product_of(arguments, s->batch + s->rows, s->hidden);
  const size_t row = product_of(arguments, s->rows, s->hidden);
  const size_t lengths[3] = {
    states,
    s->kind == KIND_ELMAN ? 0 : product_of(arguments, row, gates_of(s->kind)),
    s->kind == KIND_LSTM ? states : s->kind == KIND_GRU ? row : 0,
  };
  size_t sum = 0;
  for (int i = 0; i < 3; i += 1) sum += parts[i] = (lengths[i] + 15) / 16 * 16;
  return sum;
}

/** Whether the indices are those of a packed batch: then no place that they name lies outside its array. */
static bool indices_fit(const struct sequence *s) {
  size_t packed = 0, working = s->batch;
  for (size_t t = 0; t < s->steps; t += 1) {
    if (s->active[t] < 1 || (size_t)s->active[t] > working || s->offsets[t] < 0 || (size_t)s->offsets[t] != packed) {
      return false;
    }
    working = (size_t)s->active[t];
    packed += working;
  }
  if (packed != s->rows) return false;
  for (size_t r = 0; r < s->rows; r += 1) {
    if (s->source[r] < 0 || (size_t)s->source[r] >= s->batch * s->time) return false;
  }
  for (size_t b = 0; b < s->batch; b += 1) {
    if (s->order[b] < 0 || (size_t)s->order[b] >= s->batch) return false;
    if (s->last[b] < 0 || (size_t)s->last[b] >= s->batch + s->rows) return false;
  }
  return true;
}

/** The first of a sequence's arguments:
 * sizes [kind, rectified, batch, time, steps, rows, input, hidden], indices, kept, x, weightIh, weightHh */
#define SEQUENCE_ARGUMENTS 6
static struct sequence sequence_arguments(struct arguments *arguments) {
  struct sequence s;
  memset(&s, 0, sizeof s);
  const int32_t *sizes = integers_argument(arguments, 8);
  if (sizes == NULL) return s;
  for (int i = 0; i < 8; i += 1) if (sizes[i] < 0) fail(arguments, "native: expected sizes of a sequence from 0 on");
  if (sizes[0] > KIND_LSTM || sizes[6] < 1 || sizes[7] < 1) fail(arguments, "native: expected a layer with features");
  if (arguments->failed) return s;
  s.kind = (enum kind)sizes[0];
  s.rectified = sizes[1] != 0;
  s.batch = (size_t)sizes[2];
  s.time = (size_t)sizes[3];
  s.steps = (size_t)sizes[4];
  s.rows = (size_t)sizes[5];
  s.input = (size_t)sizes[6];
  s.hidden = (size_t)sizes[7];
  const int32_t *indices = integers_argument(arguments, 2 * s.steps + s.rows + 2 * s.batch);
  size_t parts[3];
  float *kept = room_argument(arguments, kept_parts(arguments, &s, parts));
  s.x = floats_argument(arguments, product_of(arguments, product_of(arguments, s.batch, s.time), s.input));
  const size_t width = gates_of(s.kind) * s.hidden;
  s.weight_ih = floats_argument(arguments, product_of(arguments, width, s.input));
  s.weight_hh = floats_argument(arguments, product_of(arguments, width, s.hidden));
  if (arguments->failed) return s;
  s.active = indices;
  s.offsets = indices + s.steps;
  s.source = s.offsets + s.steps;
  s.order = s.source + s.rows;
  s.last = s.order + s.batch;
  s.states = kept;
  s.gates = kept + parts[0];
  s.extra = s.gates + parts[1];
  if (!indices_fit(&s)) fail(arguments, "native: expected the indices of a packed batch");
  return s;
}

/** packedLength(n, k): elements of a packed weight, for the instruction set in use. */
static napi_value call_packed_length(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 2);
  const size_t n = size_argument(&arguments), k = size_argument(&arguments);
  product_of(&arguments, n, k);
  if (arguments.failed) return NULL;
  const struct instance *instance = instance_of(&arguments);
  napi_value length = NULL;
  if (arguments.failed || napi_create_double(env, (double)instance->kernels->packed_length(n, k), &length) != napi_ok) {
    return NULL;
  }
  return length;
}

/** pack(to, weight, n, k) */
static napi_value call_pack(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 4);
  arguments.next = 2;
  const size_t n = size_argument(&arguments), k = size_argument(&arguments);
  const size_t length = product_of(&arguments, n, k);
  if (arguments.failed) return NULL;
  const struct instance *instance = instance_of(&arguments);
  if (arguments.failed) return NULL;
  arguments.next = 0;
  float *to = floats_argument(&arguments, instance->kernels->packed_length(n, k));
  const float *weight = floats_argument(&arguments, length);
  if (!arguments.failed) instance->kernels->pack(to, weight, n, k);
  return NULL;
}

/** forward(...sequence, initialHidden, initialCell?, biasIh?, biasHh?, output, hidden, cell?, packedIh?, packedHh?) */
static napi_value call_forward(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, SEQUENCE_ARGUMENTS + 9);
  struct sequence s = sequence_arguments(&arguments);
  if (arguments.failed) return NULL;
  const size_t state = product_of(&arguments, s.batch, s.hidden), width = gates_of(s.kind) * s.hidden;
  s.initial_hidden = floats_argument(&arguments, state);
  s.initial_cell = optional_floats_argument(&arguments, state);
  s.bias_ih = optional_floats_argument(&arguments, width);
  s.bias_hh = optional_floats_argument(&arguments, width);
  s.output = floats_argument(&arguments, product_of(&arguments, s.batch * s.time, s.hidden));
  s.last_hidden = floats_argument(&arguments, state);
  s.last_cell = optional_floats_argument(&arguments, state);
  if (s.kind == KIND_LSTM && (s.initial_cell == NULL || s.last_cell == NULL)) {
    fail(&arguments, "native: expected the cells of an LSTM");
  }
  if (arguments.failed) return NULL;
  struct instance *instance = instance_of(&arguments);
  if (arguments.failed) return NULL;
  s.packed_ih = optional_floats_argument(&arguments, instance->kernels->packed_length(width, s.input));
  s.packed_hh = optional_floats_argument(&arguments, instance->kernels->packed_length(width, s.hidden));
  if (arguments.failed) return NULL;
  char *workspace = workspace_of(&arguments, instance, instance->kernels->forward_workspace(&s));
  if (!arguments.failed) instance->kernels->forward(&s, workspace);
  return NULL;
}

/** backward(...sequence, dOutput?, dHidden?, dCell?, x?, initialHidden, initialCell?, weightIh, weightHh, biasIh?, biasHh?,
 * hiddenNorms?, cellNorms?) */
static napi_value call_backward(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, SEQUENCE_ARGUMENTS + 12);
  struct sequence s = sequence_arguments(&arguments);
  if (arguments.failed) return NULL;
  struct gradients g;
  const size_t state = product_of(&arguments, s.batch, s.hidden), width = gates_of(s.kind) * s.hidden;
  const size_t places = s.batch * s.time;
  g.output = optional_floats_argument(&arguments, product_of(&arguments, places, s.hidden));
  g.hidden = optional_floats_argument(&arguments, state);
  g.cell = optional_floats_argument(&arguments, state);
  g.x = optional_floats_argument(&arguments, product_of(&arguments, places, s.input));
  g.initial_hidden = floats_argument(&arguments, state);
  g.initial_cell = optional_floats_argument(&arguments, state);
  g.weight_ih = floats_argument(&arguments, width * s.input);
  g.weight_hh = floats_argument(&arguments, width * s.hidden);
  g.bias_ih = optional_floats_argument(&arguments, width);
  g.bias_hh = optional_floats_argument(&arguments, width);
  g.hidden_norms = optional_doubles_argument(&arguments, places);
  g.cell_norms = optional_doubles_argument(&arguments, places);
  if (s.kind == KIND_LSTM && !arguments.failed && g.initial_cell == NULL) {
    fail(&arguments, "native: expected the cells of an LSTM");
  }
  if (arguments.failed) return NULL;
  struct instance *instance = instance_of(&arguments);
  if (arguments.failed) return NULL;
  char *workspace = workspace_of(&arguments, instance, instance->kernels->backward_workspace(&s));
  if (!arguments.failed) instance->kernels->backward(&s, &g, workspace);
  return NULL;
}

/** instructionSets(): the names of those that run here, the one in use first. */
static napi_value call_instruction_sets(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 0);
  napi_value names = NULL;
  if (arguments.failed) return NULL;
  const struct instance *instance = instance_of(&arguments);
  if (arguments.failed || napi_create_array(env, &names) != napi_ok) return NULL;
  for (size_t i = 0; i < instance->count; i += 1) {
    napi_value name;
    if (napi_create_string_utf8(env, instance->tables[i]->name, NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_set_element(env, names, (uint32_t)i, name) != napi_ok) {
      return NULL;
    }
  }
  return names;
}

/** useInstructionSet(name): from here on, in this thread. */
static napi_value call_use_instruction_set(napi_env env, napi_callback_info info) {
  struct arguments arguments = open_arguments(env, info, 1);
  char name[16];
  if (arguments.failed) return NULL;
  struct instance *instance = instance_of(&arguments);
  if (arguments.failed) return NULL;
  if (napi_get_value_string_utf8(env, arguments.values[0], name, sizeof name, NULL) == napi_ok) {
    for (size_t i = 0; i < instance->count; i += 1) {
      if (strcmp(instance->tables[i]->name, name) != 0) continue;
      instance->kernels = instance->tables[i];
      return NULL;
    }
  }
  fail(&arguments, "native: expected an instruction set that runs here; instructionSets() names them");
  return NULL;
}

NAPI_MODULE_INIT() {
  struct instance *instance = calloc(1, sizeof *instance);
  if (instance == NULL) {
    napi_throw_error(env, NULL, "native: no memory");
    return NULL;
  }
  instance->count = find_tables(instance->tables);
  instance->kernels = instance->tables[0];
  if (napi_set_instance_data(env, instance, free_instance, NULL) != napi_ok) {
    free(instance);
    napi_throw_error(env, NULL, "native: cannot be initialised");
    return NULL;
  }
  const napi_property_attributes attributes = napi_enumerable;
  const napi_property_descriptor functions[] = {
    {"multiply", NULL, call_multiply, NULL, NULL, NULL, attributes, NULL},
    {"apply", NULL, call_apply, NULL, NULL, NULL, attributes, NULL},
    {"softmax", NULL, call_softmax, NULL, NULL, NULL, attributes, NULL},
    {"scaledSoftmax", NULL, call_scaled_softmax, NULL, NULL, NULL, attributes, NULL},
    {"sgd", NULL, call_sgd, NULL, NULL, NULL, attributes, NULL},
    {"adam", NULL, call_adam, NULL, NULL, NULL, attributes, NULL},
    {"packedLength", NULL, call_packed_length, NULL, NULL, NULL, attributes, NULL},
    {"pack", NULL, call_pack, NULL, NULL, NULL, attributes, NULL},
    {"forward", NULL, call_forward, NULL, NULL, NULL, attributes, NULL},
    {"backward", NULL, call_backward, NULL, NULL, NULL, attributes, NULL},
    {"instructionSets", NULL, call_instruction_sets, NULL, NULL, NULL, attributes, NULL},
    {"useInstructionSet", NULL, call_use_instruction_set, NULL, NULL, NULL, attributes, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
