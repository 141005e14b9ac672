// One change of parameters in place, by stochastic gradient descent or by Adam. Equations: packages/kernels/src/sgd.ts and
// adam.ts; the caller has folded the corrections of the step into the constants.

INLINE void sgd_vec(const struct parameters *p, const struct sgd_constants *o, size_t i, size_t count) {
  const vec w = load_first(p->values + i, count);
  const vec g = splat(o->penalty) * w + load_first(p->gradient + i, count);
  vec change = splat(o->of_gradient) * g;
  if (p->first != NULL) {
    const vec v = splat(o->kept) * load_first(p->first + i, count) + splat(o->entering) * g;
    store_first(p->first + i, v, count);
    change += splat(o->of_velocity) * v;
  }
  store_first(p->values + i, w - change, count);
}

static void sgd(const struct parameters *p, const struct sgd_constants *o) {
#define BODY(j, count) sgd_vec(p, o, j, count)
  FOR_LANES(p->length, BODY);
#undef BODY
}

INLINE void adam_vec(const struct parameters *p, const struct adam_constants *o, size_t i, size_t count) {
  const vec w = load_first(p->values + i, count), m0 = load_first(p->first + i, count);
  const vec g = splat(o->penalty) * w + load_first(p->gradient + i, count);
  const vec m = splat(o->entering1) * (g - m0) + m0;
  vec v = splat(o->kept2) * load_first(p->second + i, count) + splat(o->entering2) * g * g;
  store_first(p->first + i, m, count);
  store_first(p->second + i, v, count);
  if (p->largest != NULL) {
    v = at_least(v, load_first(p->largest + i, count));
    store_first(p->largest + i, v, count);
  }
  store_first(p->values + i, splat(o->kept) * w - splat(o->size) * m / (splat(o->scale) * root(v) + splat(o->epsilon)), count);
}

static void adam(const struct parameters *p, const struct adam_constants *o) {
#define BODY(j, count) adam_vec(p, o, j, count)
  FOR_LANES(p->length, BODY);
#undef BODY
}
