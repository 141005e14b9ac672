// A sequence forward: for each block of steps its rows are gathered and projected by one product; then each step has its
// recurrent product and its gates.

struct forward_room {
  float *ih, *hh; // where weights are packed that are not yet
  float *bias, *rows_room, *input, *recurrent;
};

static void pack_weight(float *to, const float *weight, size_t n, size_t k) { pack_columns(to, weight, k, true, n, k); }

static size_t lay_forward(struct forward_room *room, const struct sequence *s, char *workspace) {
  char *at = workspace;
  const size_t width = gates_of(s->kind) * s->hidden;
  room->ih = take(&at, s->packed_ih == NULL ? packed_length(width, s->input) : 0);
  room->hh = take(&at, s->packed_hh == NULL ? packed_length(width, s->hidden) : 0);
  room->bias = take(&at, width);
  room->rows_room = take(&at, PACKED_ROWS + LANES);
  room->input = take(&at, most_rows(s) * s->input);
  room->recurrent = take(&at, s->kind == KIND_GRU ? s->batch * width : 0);
  return (size_t)(at - workspace);
}

static size_t forward_workspace(const struct sequence *s) {
  struct forward_room room;
  return lay_forward(&room, s, NULL);
}

static void add_bias(float *bias, const float *more, size_t width) {
  if (more != NULL) for (size_t j = 0; j < width; j += 1) bias[j] += more[j];
}

static void step_forward(const struct sequence *s, const struct forward_room *room, size_t t) {
  const size_t hidden = s->hidden, width = gates_of(s->kind) * hidden;
  const size_t working = (size_t)s->active[t], first = (size_t)s->offsets[t];
  const float *before = s->states + rows_before(s, t) * hidden;
  float *states = s->states + (s->batch + first) * hidden;
  const struct operand left = {before, hidden, false};
  const size_t sizes[3] = {working, width, hidden};
  const float *hh = s->packed_hh == NULL ? room->hh : s->packed_hh;
  if (s->kind == KIND_ELMAN) {
    multiply_packed((struct matrix){states, hidden}, left, hh, sizes, START_SELF, NULL, room->rows_room);
    for (size_t p = 0; p < working; p += 1) elman_row(hidden, s->rectified, states + p * hidden);
    return;
  }
  float *gates = s->gates + first * width;
  if (s->kind == KIND_LSTM) {
    multiply_packed((struct matrix){gates, width}, left, hh, sizes, START_SELF, NULL, room->rows_room);
    const float *cells_before = s->extra + rows_before(s, t) * hidden;
    float *cells = s->extra + (s->batch + first) * hidden;
    for (size_t p = 0; p < working; p += 1) {
      lstm_row(hidden, gates + p * width, cells_before + p * hidden, cells + p * hidden, states + p * hidden);
    }
    return;
  }
  const enum start start = s->bias_hh == NULL ? START_ZERO : START_ROW;
  multiply_packed((struct matrix){room->recurrent, width}, left, hh, sizes, start, s->bias_hh, room->rows_room);
  for (size_t p = 0; p < working; p += 1) {
    gru_row(hidden, gates + p * width, room->recurrent + p * width, before + p * hidden,
      s->extra + (first + p) * hidden, states + p * hidden);
  }
}

static void forward(const struct sequence *s, char *workspace) {
  struct forward_room room;
  lay_forward(&room, s, workspace);
  const size_t hidden = s->hidden, width = gates_of(s->kind) * hidden;
  gather_rows(s->states, s->initial_hidden, s->order, s->batch, hidden);
  if (s->kind == KIND_LSTM) gather_rows(s->extra, s->initial_cell, s->order, s->batch, hidden);
  if (s->packed_ih == NULL) pack_weight(room.ih, s->weight_ih, width, s->input);
  if (s->packed_hh == NULL) pack_weight(room.hh, s->weight_hh, width, hidden);
  const float *ih = s->packed_ih == NULL ? room.ih : s->packed_ih;
  memset(room.bias, 0, width * sizeof(float));
  add_bias(room.bias, s->bias_ih, width);
  // A GRU's recurrent bias belongs to the recurrent product.
  if (s->kind != KIND_GRU) add_bias(room.bias, s->bias_hh, width);
  if (s->rows < s->batch * s->time) memset(s->output, 0, s->batch * s->time * hidden * sizeof(float));
  float *sums = s->kind == KIND_ELMAN ? s->states + s->batch * hidden : s->gates;
  for (size_t begin = 0; begin < s->steps;) {
    const struct block block = block_from(s, begin);
    gather_rows(room.input, s->x, s->source + block.first, block.rows, s->input);
    const size_t sizes[3] = {block.rows, width, s->input};
    multiply_packed((struct matrix){sums + block.first * width, width}, (struct operand){room.input, s->input, false},
      ih, sizes, START_ROW, room.bias, room.rows_room);
    for (size_t t = begin; t < block.end; t += 1) step_forward(s, &room, t);
    scatter_rows(s->output, s->states + (s->batch + block.first) * hidden, s->source + block.first, block.rows, hidden);
    begin = block.end;
  }
  gather_rows(s->last_hidden, s->states, s->last, s->batch, hidden);
  if (s->kind == KIND_LSTM) gather_rows(s->last_cell, s->extra, s->last, s->batch, hidden);
}
