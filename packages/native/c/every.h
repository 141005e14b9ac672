// The kernels for the instruction set that the including file has turned on: LANES, ROWS, TABLE and NAME say which.
#include "lanes.h"
#include "maths.h"
#include "multiply.h"
#include "rows.h"
#include "cells.h"
#include "forward.h"
#include "backward.h"
#include "updates.h"

const struct kernels TABLE = {
  NAME, apply, softmax, packed_length, pack_weight, multiply_workspace, forward_workspace, backward_workspace, multiply,
  forward, backward, sgd, adam,
};
