/* The words that describe a world: one table for reading them, for world files and for the help. */
#include "sim/world_things.h"

#include "base/clock.h"
#include "link/address.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Reading: the world, the thing that words now speak of, and where to complain. */
struct reading {
    struct world *world;
    struct world_thing *thing;
    struct world_meter *meter;
    bool in_file;
    struct text *problem;
};

struct word {
    const char *name;
    struct phrase value; /* how the help calls it; NULLs: the word stands alone */
    bool (*take)(struct reading *, const char *value);
    struct phrase help;
};

static bool take_word(struct reading *r, const char *name, const char *value, bool *used);

static bool take_number(const char *text, uint64_t most, uint32_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end || errno || value > most || strchr(text, '-'))
        return false;
    *ret = (uint32_t)value;
    return true;
}

static const char *keep(struct reading *r, const char *text)
{
    return arena_text(&r->world->arena, bytes_of_text(text));
}

static struct world_thing *thing_new(struct reading *r, bool is_bus, const char *where)
{
    struct world *w = r->world;
    w->things = memory_grow(w->things, w->count * sizeof *w->things, (w->count + 1) * sizeof *w->things);
    r->thing = &w->things[w->count++];
    *r->thing = (struct world_thing){ .is_bus = is_bus, .where = keep(r, where) };
    r->meter = NULL;
    return r->thing;
}

/* The fleet or bus the words speak of; NULL (and the word is wrong) before the first. */
static struct world_thing *fleet_of(struct reading *r)
{
    return r->thing && !r->thing->is_bus ? r->thing : NULL;
}

static struct world_thing *bus_of(struct reading *r)
{
    return r->thing && r->thing->is_bus ? r->thing : NULL;
}

/* --- the words ---------------------------------------------------------------------------------------------------- */

static bool take_fleet(struct reading *r, const char *value, bool udp)
{
    struct world_thing *t = thing_new(r, false, value);
    const char *colon = strrchr(value, ':');
    uint32_t port;
    if (!colon || !take_number(colon + 1, 65535, &port))
        return false;
    struct fleet_options *o = &t->fleet_options;
    o->first_address = arena_text(&r->world->arena, bytes_of(value, (size_t)(colon - value)));
    o->port = (uint16_t)port;
    o->udp = udp;
    o->first_serial = 10000001;
    return true;
}

static bool take_tcp(struct reading *r, const char *value)
{
    return take_fleet(r, value, false);
}

static bool take_udp(struct reading *r, const char *value)
{
    return take_fleet(r, value, true);
}

static bool take_family(struct reading *r, const char *value)
{
    struct world_thing *t = fleet_of(r);
    return t && (t->family = keep(r, value));
}

static bool take_count(struct reading *r, const char *value)
{
    struct world_thing *t = fleet_of(r);
    return t && take_number(value, 1 << 24, &t->fleet_options.count) && t->fleet_options.count > 0;
}

static bool take_serial(struct reading *r, const char *value)
{
    struct world_thing *t = fleet_of(r);
    return t && take_number(value, UINT32_MAX, &t->fleet_options.first_serial);
}

static bool take_address(struct reading *r, const char *value)
{
    struct world_thing *t = fleet_of(r);
    return t && take_number(value, UINT32_MAX, &t->fleet_options.address);
}

static bool take_latency(struct reading *r, const char *value)
{
    struct world_thing *t = fleet_of(r);
    return t && take_number(value, 600000, &t->fleet_options.latency_ms);
}

static bool take_threads(struct reading *r, const char *value)
{
    struct world_thing *t = fleet_of(r);
    uint32_t threads;
    if (!t || !take_number(value, 16, &threads))
        return false;
    t->fleet_options.threads = (int)threads;
    return true;
}

static bool take_bus(struct reading *r, const char *value)
{
    struct world_thing *t = thing_new(r, true, value);
    t->bus_options.line = (struct line){ 9600, 8, 'N', 1 };
    return *value != '\0';
}

static bool take_line_word(struct rs485_options *o, const char *word)
{
    uint32_t baud;
    if (strcmp(word, "strict") == 0)
        return o->strict = true;
    if (strcmp(word, "echo") == 0)
        return o->echo = true;
    if (strcmp(word, "soft7") == 0)
        return o->soft7 = true;
    if (strcmp(word, "any") == 0) {
        o->line.baud = 0;
        return true;
    }
    if (take_number(word, 115200, &baud) && line_speed_valid(baud)) {
        o->line.baud = baud;
        return true;
    }
    return line_format_parse(word, &o->line);
}

static bool take_line(struct reading *r, const char *value)
{
    char copy[64];
    struct world_thing *t = bus_of(r);
    bool good = t && snprintf(copy, sizeof copy, "%s", value) < (int)sizeof copy;
    for (char *save, *word = good ? strtok_r(copy, ",", &save) : NULL; word && good; word = strtok_r(NULL, ",", &save))
        good = take_line_word(&t->bus_options, word);
    return good;
}

static bool take_meter(struct reading *r, const char *value)
{
    struct world_thing *t = bus_of(r);
    char *copy = arena_text(&r->world->arena, bytes_of_text(value)), *save = NULL;
    const char *family = strtok_r(copy, ":", &save), *address = strtok_r(NULL, ":", &save), *serial = strtok_r(NULL, ":", &save);
    struct world_meter m = { .family = family };
    if (!t || !serial || strtok_r(NULL, ":", &save) || !take_number(address, UINT32_MAX, &m.birth.address) ||
        !take_number(serial, UINT32_MAX, &m.birth.serial))
        return false;
    t->meters = memory_grow(t->meters, t->count * sizeof *t->meters, (t->count + 1) * sizeof *t->meters);
    t->meters[t->count] = m;
    r->meter = &t->meters[t->count++];
    return true;
}

static bool take_options(struct reading *r, const char *value)
{
    if (r->meter)
        r->meter->birth.options = keep(r, value);
    else if (fleet_of(r))
        r->thing->fleet_options.options = keep(r, value);
    return r->meter || fleet_of(r);
}

static bool take_recording(struct reading *r, const char *value)
{
    if (r->meter)
        r->meter->recording = keep(r, value);
    else if (fleet_of(r))
        r->thing->recording = keep(r, value);
    return r->meter || fleet_of(r);
}

static bool take_faults(struct reading *r, const char *value)
{
    return r->thing && sim_troubles_parse(value, r->world->lang, &r->thing->troubles, r->problem);
}

static bool take_now(struct reading *r, const char *value)
{
    r->world->now = wall_parse(value);
    return r->world->now != WALL_NONE;
}

static bool take_zone(struct reading *r, const char *value)
{
    char *end;
    long minutes = strtol(value, &end, 10);
    r->world->zone_minutes = (int32_t)minutes;
    return end != value && *end == '\0' && minutes >= -720 && minutes <= 840;
}

static bool take_stopped(struct reading *r, const char *value)
{
    (void)value;
    return r->world->clock.stopped = true;
}

static bool take_exact(struct reading *r, const char *value)
{
    (void)value;
    return r->world->clock.exact = true;
}

/* One line of a world file: a word, blanks, its value. */
static bool take_file_line(struct reading *r, char *line)
{
    char *name = line + strspn(line, " \t"), *end = name + strlen(name);
    while (end > name && strchr(" \t\r\n", end[-1]))
        *--end = '\0';
    if (*name == '\0' || *name == '#')
        return true;
    char *value = name + strcspn(name, " \t");
    if (*value)
        *value++ = '\0';
    value += strspn(value, " \t");
    bool used;
    return take_word(r, name, *value ? value : NULL, &used);
}

static bool take_world(struct reading *r, const char *value)
{
    char line[1024];
    FILE *f = r->in_file ? NULL : fopen(value, "r");
    if (!f) {
        text_printf(r->problem, "%s: %s", value, r->in_file ? "world" : strerror(errno));
        return false;
    }
    bool good = r->in_file = true;
    while (good && fgets(line, sizeof line, f))
        good = take_file_line(r, line);
    r->in_file = false;
    fclose(f);
    return good;
}

static const struct word words[] = {
    { "tcp", { { "127.1.0.1:4059", "127.1.0.1:4059" } }, take_tcp, { {
      "парк счётчиков: первый адрес и порт; у каждого счётчика свой адрес 127.x.x.x",
      "a fleet: its first address and port; each meter has an address 127.x.x.x of its own" } } },
    { "udp", { { "127.2.0.1:4059", "127.2.0.1:4059" } }, take_udp, { {
      "то же по UDP",
      "the same over UDP" } } },
    { "family", { { "ИМЯ", "NAME" } }, take_family, { {
      "семейство счётчиков парка (список: --families)",
      "the fleet's family of meters (see --families)" } } },
    { "count", { { "N", "N" } }, take_count, { {
      "сколько счётчиков в парке; 1",
      "how many meters; 1" } } },
    { "serial", { { "N", "N" } }, take_serial, { {
      "заводской номер первого; 10000001",
      "serial number of the first; 10000001" } } },
    { "address", { { "N", "N" } }, take_address, { {
      "сетевой адрес счётчиков парка; не указан — отвечают на любой",
      "the meters' own address; any when not given" } } },
    { "latency", { { "МС", "MS" } }, take_latency, { {
      "задержка перед каждым ответом, как в сотовой сети",
      "delay before each answer, as of a mobile network" } } },
    { "threads", { { "N", "N" } }, take_threads, { {
      "потоков у парка; 1",
      "threads of the fleet; 1" } } },
    { "bus", { { "/tmp/bus1", "/tmp/bus1" } }, take_bus, { {
      "шина RS-485: ссылка на псевдотерминал, открывайте её как последовательный порт",
      "an RS-485 bus: a link to a pty, to be opened as a serial port" } } },
    { "line", { { "9600,8N1", "9600,8N1" } }, take_line, { {
      "скорость и формат шины; strict — чужая скорость не понимается, any — скорость задаёт опрашивающий, "
      "echo — эхо, soft7 — чётность 7 бит делает опрашивающий",
      "speed and format; strict: another speed is not understood, any: the master's speed, echo: the master hears itself, "
      "soft7: the master makes the parity of 7 bits itself" } } },
    { "meter", { { "СЕМЕЙСТВО:АДРЕС:НОМЕР", "FAMILY:ADDRESS:SERIAL" } }, take_meter, { {
      "счётчик на шине",
      "a meter on the bus" } } },
    { "options", { { "\"a=b;c=d\"", "\"a=b;c=d\"" } }, take_options, { {
      "свойства предыдущего счётчика или парка",
      "properties of the meter or fleet before" } } },
    { "recording", { { "ФАЙЛ", "FILE" } }, take_recording, { {
      "отвечает по записи обмена: строки «>> hex» и «<< hex»",
      "answers from a recording: lines \">> hex\" and \"<< hex\"" } } },
    { "faults", { { "silent=10,noise=5", "silent=10,noise=5" } }, take_faults, { {
      "неисправности: silent, noise, wrong_sum, cut, restart — тысячные доли ответов; slow — мс; "
      "dead, refuse — тысячные доли счётчиков",
      "faults: silent, noise, wrong_sum, cut, restart: thousandths of the answers; slow: ms; "
      "dead, refuse: thousandths of the meters" } } },
    { "now", { { "\"2026-11-21 09:00\"", "\"2026-11-21 09:00\"" } }, take_now, { {
      "какое сейчас время в этом мире; без него — время машины",
      "what time it is in this world; the machine's without it" } } },
    { "zone", { { "МИНУТЫ", "MINUTES" } }, take_zone, { {
      "часовой пояс счётчиков, минут к востоку от UTC",
      "the meters' zone, minutes east of UTC" } } },
    { "stopped", { { NULL, NULL } }, take_stopped, { {
      "время стоит",
      "time stands still" } } },
    { "exact", { { NULL, NULL } }, take_exact, { {
      "часы счётчиков не уходят",
      "meters' clocks do not drift" } } },
    { "world", { { "ФАЙЛ", "FILE" } }, take_world, { {
      "те же слова из файла, по одному в строке, без «--»",
      "the same words from a file, one a line, without \"--\"" } } },
};

/* --- reading them ------------------------------------------------------------------------------------------------- */

static const struct word *word_find(const char *name)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

static bool take_word(struct reading *r, const char *name, const char *value, bool *used)
{
    static const struct phrase unknown = { { "непонятное слово", "unknown word" } }, wrong = { { "не подходит", "does not fit" } };
    const struct word *word = word_find(name);
    *used = word && word->value.in[0];
    if (word && (!*used || value) && word->take(r, value))
        return true;
    if (r->problem->size == 0)
        text_printf(r->problem, "%s: --%s %s", phrase_in(word ? &wrong : &unknown, r->world->lang), name, *used && value ? value : "");
    return false;
}

struct world *world_parse(int argc, char *const *argv, enum lang lang, struct text *problem)
{
    static const struct phrase nothing = { { "мир пуст: нужно хотя бы одно --tcp, --udp или --bus", "the world is empty: at least one --tcp, --udp or --bus is needed" } };
    struct world *w = memory_new(sizeof *w);
    w->lang = lang;
    w->now = WALL_NONE;
    w->zone_minutes = clock_zone_minutes(clock_utc_ms());
    struct reading r = { .world = w, .problem = problem };
    bool good = true;
    for (int i = 0; i < argc && good; i++) {
        bool used;
        const char *name = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : argv[i];
        good = take_word(&r, name, i + 1 < argc ? argv[i + 1] : NULL, &used);
        i += used;
    }
    if (good && w->count == 0)
        text_put(problem, phrase_in(&nothing, lang));
    if (!good || w->count == 0)
        world_free(&w);
    return w; /* NULL when freed */
}

struct world *world_parse_text(const char *text, enum lang lang, struct text *problem)
{
    enum { WORDS_MAX = 256 };
    char *argv[WORDS_MAX], *copy = strdup(text), *save = NULL;
    int argc = 0;
    for (char *word = strtok_r(copy, " \n", &save); word && argc < WORDS_MAX; word = strtok_r(NULL, " \n", &save))
        argv[argc++] = word;
    struct world *w = world_parse(argc, argv, lang, problem);
    free(copy);
    return w;
}

/* "  --name value" in a column; width counts characters, not bytes of UTF-8. */
static void print_padded(FILE *to, const char *name, const char *value, int width)
{
    int done = fprintf(to, "  --%s %s", name, value ? value : "");
    for (const char *c = value; c && *c; c++)
        done -= (*c & 0xC0) == 0x80;
    fprintf(to, "%*s", done < width ? width - done : 1, "");
}

void world_print_help(FILE *to, enum lang lang)
{
    static const struct phrase head = { {
        "svod sim — имитация счётчиков: с настоящими протоколами, но без железа\n\n"
        "  svod sim --tcp 127.1.0.1:4059 --family spodes --count 500 --latency 800\n"
        "  svod sim --bus /tmp/bus1 --line 9600,8N1 --meter mercury230:5:31000001 --meter mbus:17:40000001\n\n"
        "Показания каждого счётчика вычисляются по его номеру и времени (docs/simulators.md). Слова:\n\n",
        "svod sim: simulated meters that speak real protocols, without hardware\n\n"
        "  svod sim --tcp 127.1.0.1:4059 --family spodes --count 500 --latency 800\n"
        "  svod sim --bus /tmp/bus1 --line 9600,8N1 --meter mercury230:5:31000001 --meter mbus:17:40000001\n\n"
        "What a meter shows follows from its serial number and the time (docs/simulators.md). Words:\n\n" } };
    static const struct phrase tail = { {
        "\nКогда всё открыто, печатается строка ready. Ctrl+C заканчивает. Код возврата: 0 — хорошо, 1 — что-то не открылось, "
        "2 — непонятные слова.\n",
        "\nWhen everything is open a line \"ready\" is printed. Ctrl+C ends. Exit codes: 0 well, 1 something could not be "
        "opened, 2 words not understood.\n" } };
    fputs(phrase_in(&head, lang), to);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        print_padded(to, words[i].name, phrase_in(&words[i].value, lang), 34);
        fprintf(to, "%s\n", phrase_in(&words[i].help, lang));
    }
    fputs(phrase_in(&tail, lang), to);
}
