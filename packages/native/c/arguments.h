// Reads the arguments of a call from JavaScript. Every fault is noted once, as a RangeError; memory is only handed out
// once its type and length have been seen.
#ifndef OSTINATO_ARGUMENTS_H
#define OSTINATO_ARGUMENTS_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_ARGUMENTS 20

struct arguments {
  napi_env env;
  napi_value values[MOST_ARGUMENTS];
  size_t next;
  bool failed;
};

/** Opens a call that must have `count` arguments. */
struct arguments open_arguments(napi_env env, napi_callback_info info, size_t count);

/** Throws a RangeError, unless something has been thrown already. */
void fail(struct arguments *arguments, const char *message);

/** The next argument: a whole number from 0 to 2^31 - 1. */
size_t size_argument(struct arguments *arguments);
bool flag_argument(struct arguments *arguments);

/** The next argument: a Float32Array of exactly `length` elements. */
float *floats_argument(struct arguments *arguments, size_t length);
/** The same, or undefined: NULL. */
float *optional_floats_argument(struct arguments *arguments, size_t length);
/** The next argument: a Float32Array of at least `length` elements. */
float *room_argument(struct arguments *arguments, size_t length);
double *optional_doubles_argument(struct arguments *arguments, size_t length);
int32_t *integers_argument(struct arguments *arguments, size_t length);

/** a * b, or a fault where it is too large for any array. */
size_t product_of(struct arguments *arguments, size_t a, size_t b);

#endif
