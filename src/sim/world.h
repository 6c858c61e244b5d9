/* A simulated world: fleets and buses, described in the words of `svod sim` and run in this process. The program, tests
 * and benches begin the same world with the same words:
 *
 *     struct world *w = world_parse_text("--tcp 127.1.0.1:0 --family spodes --count 500", LANG_EN, &problem);
 *     if (w && world_start(w, &problem)) ... fleet_port(world_fleet(w, 0)) ... rs485_device(world_bus(w, 0)) ...
 *     world_free(&w);
 */
#pragma once
#include "sim/fleet.h"
#include "sim/rs485.h"

#include <stdio.h>

struct world;

/* Reads the words (argv without the program's name); nothing is opened yet. NULL with the reason in `problem`. */
struct world *world_parse(int argc, char *const *argv, enum lang lang, struct text *problem);

/* The same from one text, words separated by blanks. */
struct world *world_parse_text(const char *text, enum lang lang, struct text *problem);

/* Opens everything and starts its threads. False with the reason in `problem`; world_free is due in any case. */
bool world_start(struct world *w, struct text *problem);

/* Stops and frees all; sets *w to NULL; accepts NULL. */
void world_free(struct world **w);

/* The fleets and buses in the order of the words, once started. */
size_t world_fleets(const struct world *w);
size_t world_buses(const struct world *w);
struct fleet *world_fleet(const struct world *w, size_t i);
struct rs485 *world_bus(const struct world *w, size_t i);

/* One line for each thing that is open; and for each what it has done. */
void world_print(const struct world *w, FILE *to);
void world_print_figures(const struct world *w, FILE *to);

/* What the words are, with examples; made from the table that parses them. */
void world_print_help(FILE *to, enum lang lang);

/* Names of the families there are twins of, one a line. */
void world_print_families(FILE *to);
