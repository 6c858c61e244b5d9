/* A simulated world in this process, a store, and a collector over them. */
#pragma once
#include "collect/collector.h"
#include "sim/world.h"
#include "store/store_help.h"

struct scene {
    struct world *world;
    uint16_t port; /* of the first fleet */
    struct store *store;
    struct writer_thread *writer;
    struct collector *collector;
};

static inline struct world *world_begin(const char *words)
{
    char message[512];
    struct text problem = text_over(message, sizeof message);
    struct world *w = world_parse_text(words, LANG_EN, &problem);
    if (!w || !world_start(w, &problem)) {
        printf("# world: %s\n", message);
        abort();
    }
    return w;
}

static inline void scene_begin(struct scene *s, const char *words, const char *file)
{
    *s = (struct scene){ .store = help_open(file, NULL), .world = world_begin(words) };
    s->port = fleet_port(world_fleet(s->world, 0));
    s->writer = writer_new(s->store, 0, 0);
}

/* `frame_bytes`: size of the exchange journal. */
static inline void scene_collector(struct scene *s, int threads, int64_t frame_bytes)
{
    s->collector = collector_new(s->store, s->writer, &(struct collector_options){ .threads = threads, .frame_bytes = frame_bytes, .lang = LANG_EN });
}

/* Ends the collector first: then the exchange journal is written. */
static inline void scene_end(struct scene *s)
{
    collector_free(&s->collector);
    writer_free(&s->writer);
    ok(help_sound(s->store), "the store is sound");
    store_close(&s->store);
    world_free(&s->world);
}
