// Which tables of kernels this processor can run.
#ifndef OSTINATO_CHOOSE_H
#define OSTINATO_CHOOSE_H

#include "kernels.h"

#define MOST_TABLES 3

/** Fills `tables` with those that run here, the quickest first, and says how many they are. */
size_t find_tables(const struct kernels *tables[MOST_TABLES]);

#endif
