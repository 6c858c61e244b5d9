/* What a line must do how often: by the period of collection, by tasks with a schedule of their own, and by events that poll at the
 * times of a timetable or a calendar. */
#pragma once
#include "api/api.h"
#include "collect/line_log.h"

enum { LINE_POLLS_MAX = 64 };

struct line_polls {
    int64_t project;
    struct arena arena;
    size_t count;
    struct line_poll {
        int64_t period_s;
        const int64_t *meters; /* ascending */
        size_t meter_count;
    } poll[LINE_POLLS_MAX];
};

/* As things are set now; to be freed. What cannot be read counts as none. */
void line_polls_read(struct line_polls *p, struct api *api, int64_t project);
void line_polls_free(struct line_polls *p);

/* Of all that the line is asked for by the clock what is hardest to keep: how long it takes, counted by how long each of its meters held
 * the line last, and its period; 0: nothing is. `whole_ms`: the same of all meters of the line. */
struct line_plan {
    int64_t plan_ms, period_ms;
};
struct line_plan line_plan_hardest(const struct line_polls *p, struct api *api, struct line_log *log, int64_t whole_ms);
