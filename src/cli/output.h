/* Readings, events, states and facts as tables for people, JSON and CSV for programs. */
#pragma once
#include "base/arena.h"
#include "meter/reading.h"

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV };

/* A sink that keeps everything until it is printed. Zero is an empty one but for `sink`: output_begin. */
struct output {
    struct sink sink;
    struct arena arena;
    struct reading *readings;
    size_t reading_count, reading_room;
    struct event *events;
    size_t event_count, event_room;
    struct state *states;
    size_t state_count, state_room;
    struct { enum fact_kind kind; const char *text; } facts[64];
    size_t fact_count;
};

void output_begin(struct output *o);
void output_print(struct output *o, enum output_format format, enum lang lang);
void output_end(struct output *o);
