/* The life of a line as JSON: the same in answers and in the news; and the news themselves, while somebody listens. */
#pragma once
#include "api/api.h"
#include "api/box/line_polls.h"
#include "api/json.h"

/* A line of the project, as its life is told. */
struct line_about {
    int64_t link, project, devices;
    const struct line_polls *polls; /* of the project */
};

/* Members "holder", "cycle", "former", "plan_ms", "period_ms" and "fit" of an object that is open. */
void line_life_put(struct json_writer *j, struct api *api, const struct line_about *about);

/* Words for the uses of a line, for whether its plan fits; NULL behind the last. */
extern const char *const line_use_names[LINE_USES + 1], *const line_fit_names[];

/* The name of a device for people; "" for one that is gone. */
void line_device_title(struct api *api, int64_t device, char title[200]);

/* Tells "line" to the listeners of each line's project, once a second where something happens. The lines must be watched. */
struct line_news;
struct line_news *line_news_new(struct api *api);
void line_news_free(struct line_news **n);
