// The arguments of a call from JavaScript, checked: see arguments.h.
#include "arguments.h"

#include <stdlib.h>

struct arguments open_arguments(napi_env env, napi_callback_info info, size_t count) {
  struct arguments arguments = {.env = env};
  size_t got = MOST_ARGUMENTS;
  if (napi_get_cb_info(env, info, &got, arguments.values, NULL, NULL) != napi_ok || got != count) {
    fail(&arguments, "native: expected another number of arguments; are @ostinato/native and its addon of one version?");
  }
  return arguments;
}

void fail(struct arguments *arguments, const char *message) {
  if (!arguments->failed) napi_throw_range_error(arguments->env, NULL, message);
  arguments->failed = true;
}

static napi_value next_value(struct arguments *arguments) { return arguments->values[arguments->next++]; }

size_t size_argument(struct arguments *arguments) {
  const napi_value value = next_value(arguments);
  double number = -1;
  if (arguments->failed) return 0;
  if (napi_get_value_double(arguments->env, value, &number) != napi_ok || !(number >= 0 && number <= INT32_MAX) ||
      number != (double)(int32_t)number) {
    fail(arguments, "native: expected a size to be a whole number from 0 to 2^31 - 1");
    return 0;
  }
  return (size_t)number;
}

bool flag_argument(struct arguments *arguments) {
  const napi_value value = next_value(arguments);
  bool flag = false;
  if (arguments->failed) return false;
  if (napi_get_value_bool(arguments->env, value, &flag) != napi_ok) fail(arguments, "native: expected true or false");
  return flag;
}

enum fit { FIT_EXACT, FIT_AT_LEAST };

static void *typed_argument(struct arguments *arguments, napi_typedarray_type wanted, size_t length, enum fit fit) {
  const napi_value value = next_value(arguments);
  bool is_array = false;
  if (arguments->failed) return NULL;
  napi_typedarray_type type;
  size_t got;
  void *data = NULL;
  if (napi_is_typedarray(arguments->env, value, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(arguments->env, value, &type, &got, &data, NULL, NULL) != napi_ok || type != wanted) {
    fail(arguments, "native: expected a typed array of another kind");
    return NULL;
  }
  if (fit == FIT_EXACT ? got != length : got < length) {
    fail(arguments, "native: expected an array of another length");
    return NULL;
  }
  // An empty array may have no memory at all; NULL means absent.
  static double nothing;
  return data == NULL ? &nothing : data;
}

static bool skip_undefined(struct arguments *arguments) {
  napi_valuetype type;
  if (arguments->failed) return true;
  if (napi_typeof(arguments->env, arguments->values[arguments->next], &type) != napi_ok || type != napi_undefined) {
    return false;
  }
  arguments->next += 1;
  return true;
}

float *floats_argument(struct arguments *arguments, size_t length) {
  return typed_argument(arguments, napi_float32_array, length, FIT_EXACT);
}

float *optional_floats_argument(struct arguments *arguments, size_t length) {
  return skip_undefined(arguments) ? NULL : floats_argument(arguments, length);
}

float *room_argument(struct arguments *arguments, size_t length) {
  return typed_argument(arguments, napi_float32_array, length, FIT_AT_LEAST);
}

double *optional_doubles_argument(struct arguments *arguments, size_t length) {
  return skip_undefined(arguments) ? NULL : typed_argument(arguments, napi_float64_array, length, FIT_EXACT);
}

int32_t *integers_argument(struct arguments *arguments, size_t length) {
  return typed_argument(arguments, napi_int32_array, length, FIT_EXACT);
}

size_t product_of(struct arguments *arguments, size_t a, size_t b) {
  size_t product;
  if (__builtin_mul_overflow(a, b, &product) || product > (size_t)1 << 40) {
    fail(arguments, "native: expected sizes whose product fits into an array");
    return 0;
  }
  return product;
}
