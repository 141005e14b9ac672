// A sequence backward: block by block from the last, each step turns what was kept into gradients of its sums, which lie
// in a workspace while the block lasts; the products over the rows of the block then add up the gradients of the weights.
// What the forward pass kept is only read.

struct backward_room {
  float *ih, *hh, *hh_new, *rows_room, *dh, *dc, *sums, *news, *input, *before, *right_ih, *right_hh;
  double *norms;
  size_t stride; // of the rows of sums
};

static size_t lay_backward(struct backward_room *room, const struct sequence *s, char *workspace) {
  char *at = workspace;
  const size_t hidden = s->hidden, width = gates_of(s->kind) * hidden, rows = most_rows(s);
  const bool gru = s->kind == KIND_GRU;
  room->ih = take(&at, packed_length(s->input, width));
  room->hh = take(&at, packed_length(hidden, gru ? 2 * hidden : width));
  room->hh_new = take(&at, gru ? packed_length(hidden, hidden) : 0);
  room->rows_room = take(&at, PACKED_ROWS + LANES);
  room->dh = take(&at, s->batch * hidden);
  room->dc = take(&at, s->kind == KIND_LSTM ? s->batch * hidden : 0);
  // One line more than a power of two: the same column of several rows would else meet in the same few lines of a cache.
  room->stride = width + 16;
  room->sums = take(&at, rows * room->stride);
  room->news = take(&at, gru ? rows * hidden : 0);
  room->input = take(&at, rows * s->input);
  room->before = take(&at, rows * hidden);
  room->right_ih = take(&at, packed_length(s->input, rows));
  room->right_hh = take(&at, packed_length(hidden, rows));
  room->norms = (double *)take(&at, 2 * hidden);
  return (size_t)(at - workspace);
}

static size_t backward_workspace(const struct sequence *s) {
  struct backward_room room;
  return lay_backward(&room, s, NULL);
}

/** The Euclidean norm, scaled by the largest element so that the squares of a vanished gradient do not underflow. */
static double euclidean_norm(const double *values, size_t length) {
  double largest = 0;
  for (size_t i = 0; i < length; i += 1) {
    if (!(fabs(values[i]) <= largest)) largest = isnan(largest) ? largest : fabs(values[i]);
  }
  if (!(largest > 0 && largest < INFINITY)) return largest;
  double sum = 0;
  for (size_t i = 0; i < length; i += 1) sum += (values[i] / largest) * (values[i] / largest);
  return largest * sqrt(sum);
}

/** The norms of the total gradients of the states that step t leaves. */
static void read_norms(
  const struct sequence *s, const struct gradients *g, const struct backward_room *room, size_t t
) {
  const size_t hidden = s->hidden;
  double *row = room->norms;
  for (size_t p = 0; p < (size_t)s->active[t]; p += 1) {
    const size_t packed = (size_t)s->offsets[t] + p, at = (size_t)s->source[packed];
    for (size_t j = 0; j < hidden; j += 1) {
      row[j] = (double)room->dh[p * hidden + j] + (g->output == NULL ? 0 : (double)g->output[at * hidden + j]);
    }
    g->hidden_norms[at] = euclidean_norm(row, hidden);
    if (s->kind != KIND_LSTM || g->cell_norms == NULL) continue;
    for (size_t j = 0; j < hidden; j += 1) {
      const double c = tanh((double)s->extra[(s->batch + packed) * hidden + j]);
      row[j] = room->dc[p * hidden + j] + row[j] * s->gates[(4 * packed + 3) * hidden + j] * (1 - c * c);
    }
    g->cell_norms[at] = euclidean_norm(row, hidden);
  }
}

static void step_backward(
  const struct sequence *s, const struct gradients *g, const struct backward_room *room, size_t t, size_t block_first
) {
  const size_t hidden = s->hidden, width = gates_of(s->kind) * hidden, stride = room->stride;
  const size_t working = (size_t)s->active[t], first = (size_t)s->offsets[t], preceding = rows_before(s, t);
  float *sums = room->sums + (first - block_first) * stride;
  float *news = room->news + (first - block_first) * hidden;
  for (size_t p = 0; p < working; p += 1) {
    const size_t packed = first + p;
    const float *outer = g->output == NULL ? NULL : g->output + (size_t)s->source[packed] * hidden;
    const float *state = s->states + (s->batch + packed) * hidden;
    float *dh = room->dh + p * hidden;
    if (s->kind == KIND_ELMAN) elman_row_back(hidden, s->rectified, state, outer, dh, sums + p * stride);
    else if (s->kind == KIND_GRU) {
      gru_row_back(hidden, s->gates + packed * width, s->extra + packed * hidden,
        s->states + (preceding + p) * hidden, outer, dh, sums + p * stride, news + p * hidden);
    } else {
      const float *cells[2] = {s->extra + (preceding + p) * hidden, s->extra + (s->batch + packed) * hidden};
      lstm_row_back(hidden, s->gates + packed * width, cells, outer, dh, room->dc + p * hidden, sums + p * stride);
    }
  }
  const struct matrix dh = {room->dh, hidden};
  const struct operand left = {sums, stride, false};
  if (s->kind == KIND_GRU) {
    const size_t gates[3] = {working, hidden, 2 * hidden}, last[3] = {working, hidden, hidden};
    multiply_packed(dh, left, room->hh, gates, START_SELF, NULL, room->rows_room);
    multiply_packed(dh, (struct operand){news, hidden, false}, room->hh_new, last, START_SELF, NULL, room->rows_room);
  } else {
    const size_t sizes[3] = {working, hidden, width};
    multiply_packed(dh, left, room->hh, sizes, START_ZERO, NULL, room->rows_room);
  }
}

/** Adds what the gradients of the sums of one block give to the weights and to the input. */
static void add_block(
  const struct sequence *s, const struct gradients *g, const struct backward_room *room, struct block block
) {
  const size_t input = s->input, hidden = s->hidden, width = gates_of(s->kind) * hidden;
  const bool gru = s->kind == KIND_GRU, again = block.end < s->steps;
  const enum start start = again ? START_SELF : START_ZERO;
  gather_rows(room->input, s->x, s->source + block.first, block.rows, input);
  pack_columns(room->right_ih, room->input, input, false, input, block.rows);
  const float *before = s->states + block.first * hidden;
  // Where every row works in every step, the states before lie behind one another, from the initial ones on.
  if (s->rows < s->batch * s->steps) {
    float *to = room->before;
    for (size_t t = block.begin; t < block.end; t += 1) {
      const size_t length = (size_t)s->active[t] * hidden;
      memcpy(to, s->states + rows_before(s, t) * hidden, length * sizeof *to);
      to += length;
    }
    before = room->before;
  }
  pack_columns(room->right_hh, before, hidden, false, hidden, block.rows);

  // What the sums of both products have in common: all of them, but for a GRU's last gate.
  const size_t common = gru ? 2 * hidden : width;
  const struct factor factors[2] = {
    {room->right_ih, input, {g->weight_ih, input}},
    {room->right_hh, hidden, {g->weight_hh, hidden}},
  };
  const struct operand columns = {room->sums, room->stride, true};
  multiply_factors(factors, 2, columns, (const size_t[2]){common, block.rows}, start, NULL, room->rows_room);
  if (gru) {
    const size_t ih[3] = {hidden, input, block.rows}, hh[3] = {hidden, hidden, block.rows};
    multiply_packed((struct matrix){g->weight_ih + common * input, input},
      (struct operand){room->sums + common, room->stride, true}, room->right_ih, ih, start, NULL, room->rows_room);
    multiply_packed((struct matrix){g->weight_hh + common * hidden, hidden},
      (struct operand){room->news, hidden, true}, room->right_hh, hh, start, NULL, room->rows_room);
  }

  if (g->bias_ih != NULL) sum_rows(g->bias_ih, room->sums, room->stride, (const size_t[2]){block.rows, width}, again);
  if (g->bias_hh != NULL) {
    if (g->bias_ih != NULL) memcpy(g->bias_hh, g->bias_ih, common * sizeof(float));
    else sum_rows(g->bias_hh, room->sums, room->stride, (const size_t[2]){block.rows, common}, again);
    if (gru) sum_rows(g->bias_hh + common, room->news, hidden, (const size_t[2]){block.rows, hidden}, again);
  }
  if (g->x == NULL) return;
  const size_t back[3] = {block.rows, input, width};
  multiply_packed((struct matrix){room->input, input}, (struct operand){room->sums, room->stride, false}, room->ih, back,
    START_ZERO, NULL, room->rows_room);
  scatter_rows(g->x, room->input, s->source + block.first, block.rows, input);
}

/** Gradients [batch, hidden] sorted into places; zeros where there are none. */
static void bring_places(const struct sequence *s, float *to, const float *from) {
  if (from == NULL) memset(to, 0, s->batch * s->hidden * sizeof *to);
  else gather_rows(to, from, s->order, s->batch, s->hidden);
}

static void clear(float *to, size_t length) {
  if (to != NULL) memset(to, 0, length * sizeof *to);
}

static void backward(const struct sequence *s, const struct gradients *g, char *workspace) {
  struct backward_room room;
  lay_backward(&room, s, workspace);
  const size_t hidden = s->hidden, width = gates_of(s->kind) * hidden;
  const bool gru = s->kind == KIND_GRU;
  bring_places(s, room.dh, g->hidden);
  if (s->kind == KIND_LSTM) bring_places(s, room.dc, g->cell);
  pack_columns(room.hh, s->weight_hh, hidden, false, hidden, gru ? 2 * hidden : width);
  if (gru) pack_columns(room.hh_new, s->weight_hh + 2 * hidden * hidden, hidden, false, hidden, hidden);
  if (g->x != NULL) {
    pack_columns(room.ih, s->weight_ih, s->input, false, s->input, width);
    if (s->rows < s->batch * s->time) clear(g->x, s->batch * s->time * s->input);
  }
  if (s->steps == 0) {
    clear(g->weight_ih, width * s->input);
    clear(g->weight_hh, width * hidden);
    clear(g->bias_ih, width);
    clear(g->bias_hh, width);
  }
  for (size_t end = s->steps; end > 0;) {
    const struct block block = block_to(s, end);
    for (size_t t = end; t > block.begin; t -= 1) {
      if (g->hidden_norms != NULL) read_norms(s, g, &room, t - 1);
      step_backward(s, g, &room, t - 1, block.first);
    }
    add_block(s, g, &room, block);
    end = block.begin;
  }
  scatter_rows(g->initial_hidden, room.dh, s->order, s->batch, hidden);
  if (s->kind == KIND_LSTM) scatter_rows(g->initial_cell, room.dc, s->order, s->batch, hidden);
}
