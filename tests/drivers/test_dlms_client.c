/* The DLMS client against recorded sessions of real meters (tests/drivers/spodes/).
 *
 * A recording cannot be played byte for byte: our Initiate, our SNRM parameters and our invoke ids are our own. The player
 * demands what the meter's answers depend on: frame kind, addresses, N(S), N(R), and of the APDU everything but the invoke
 * id; of an AARQ the context, the mechanism and the password. Answers go out exactly as they were recorded. */
#include "drivers/dlms/client.h"
#include "link/coroutine.h"
#include "tap.h"
#include "wire/acse.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINES_MAX = 128, FRAME_MAX = 512 };

struct line_of {
    bool ours;
    size_t size;
    uint8_t bytes[FRAME_MAX];
};

struct player {
    struct line_of lines[LINES_MAX];
    size_t count, at;
    int fd;
    char problem[160];
};

static void load(struct player *p, const char *name)
{
    char path[256], text[2048];
    snprintf(path, sizeof path, "tests/drivers/spodes/%s.txt", name);
    FILE *f = fopen(path, "r");
    if (!f)
        abort();
    while (fgets(text, sizeof text, f)) {
        struct line_of *l = &p->lines[p->count];
        if ((text[0] != '>' && text[0] != '<') || p->count == LINES_MAX)
            continue;
        text[strcspn(text, "\n")] = '\0';
        l->ours = text[0] == '>';
        l->size = (size_t)hex_parse(text + 3, l->bytes, sizeof l->bytes);
        p->count++;
    }
    fclose(f);
}

static bool same_apdu(struct bytes got, struct bytes want)
{
    struct acse_request a, b;
    if (acse_request_decode(want, &b))
        return acse_request_decode(got, &a) && a.party.context == b.party.context && a.party.mechanism == b.party.mechanism &&
               bytes_equal(a.party.value, b.party.value);
    enum { INVOKE = 2 };
    return got.size == want.size && got.size > INVOKE && memcmp(got.data, want.data, INVOKE) == 0 &&
           memcmp(got.data + INVOKE + 1, want.data + INVOKE + 1, got.size - INVOKE - 1) == 0;
}

static bool same_request(struct bytes got, struct bytes want)
{
    struct hdlc_frame g, w;
    bool command;
    struct bytes ga, wa;
    if (hdlc_decode(got, &g) != HDLC_OK || hdlc_decode(want, &w) != HDLC_OK)
        return false;
    if (g.control.kind != w.control.kind || !hdlc_address_equal(g.to, w.to) || !hdlc_address_equal(g.from, w.from))
        return false;
    if (w.control.kind != HDLC_I)
        return true;
    return g.control.ns == w.control.ns && g.control.nr == w.control.nr && g.control.poll == w.control.poll &&
           hdlc_llc_decode(g.info, &command, &ga) && hdlc_llc_decode(w.info, &command, &wa) && same_apdu(ga, wa);
}

static void hear(struct player *p, struct bytes frame)
{
    const struct line_of *l = &p->lines[p->at];
    if (p->at >= p->count || !l->ours || !same_request(frame, bytes_of(l->bytes, l->size))) {
        snprintf(p->problem, sizeof p->problem, "line %zu: something else was asked", p->at);
        return;
    }
    for (p->at++; p->at < p->count && !p->lines[p->at].ours; p->at++)
        if (send(p->fd, p->lines[p->at].bytes, p->lines[p->at].size, MSG_NOSIGNAL) < 0)
            return;
}

static void *play(void *argument)
{
    struct player *p = argument;
    uint8_t in[4096];
    size_t size = 0;
    ssize_t n;
    while (size < sizeof in && (n = read(p->fd, in + size, sizeof in - size)) > 0) {
        size += (size_t)n;
        struct frame_found f = hdlc_find(bytes_of(in, size), NULL);
        if (f.state != FRAME_WHOLE)
            continue;
        hear(p, bytes_of(in + f.start, f.size));
        size = 0;
    }
    close(p->fd);
    return NULL;
}

struct session {
    struct player *player;
    const struct dlms_settings *settings;
    void (*dialogue)(struct conversation *, struct dlms_client *, struct player *);
    int fd;
    enum fault fault;
};

static void run_session(void *argument)
{
    struct session *s = argument;
    struct bus *bus = bus_new(task_loop(task_self()), pipe_socket_new(s->fd), NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .timing = { .answer_ms = 300, .tries = 1 }, .state_size = sizeof(struct dlms_client) });
    struct dlms_client *d = conversation_state(c);
    dlms_client_open(c, d, s->settings);
    if (conversation_fault(c) == FAULT_NONE)
        s->dialogue(c, d, s->player);
    s->fault = conversation_fault(c);
    dlms_client_close(c, d);
    conversation_free(&c);
    bus_free(&bus);
}

static void replay(const char *name, const struct dlms_settings *settings, enum fault fault,
                   void (*dialogue)(struct conversation *, struct dlms_client *, struct player *))
{
    struct player *p = calloc(1, sizeof *p);
    struct session s = { .player = p, .settings = settings, .dialogue = dialogue };
    pthread_t thread;
    int fds[2];
    load(p, name);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        abort();
    p->fd = fds[0];
    s.fd = fds[1];
    pthread_create(&thread, NULL, play, p);
    struct loop *l = loop_new();
    loop_spawn(l, run_session, &s);
    loop_run(l);
    loop_free(&l);
    pthread_join(thread, NULL);
    is_int(s.fault, fault, "%s: %s", name, fault_name(s.fault));
    is_text(p->problem, "", "%s: our requests are the recorded ones", name);
    ok(p->at == p->count, "%s: all %zu lines were played", name, p->count);
    free(p);
}

/* What was recorded as asked for is asked again, in its order: each GET of the recording. */
static struct cosem_result ask_recorded(struct conversation *c, struct dlms_client *d, const struct player *p, size_t line, struct cosem_reference *what)
{
    struct hdlc_frame f;
    bool response;
    struct bytes apdu;
    struct cosem_request r;
    if (hdlc_decode(bytes_of(p->lines[line].bytes, p->lines[line].size), &f) != HDLC_OK || f.control.kind != HDLC_I ||
        !hdlc_llc_decode(f.info, &response, &apdu) || !cosem_request_decode(apdu, &r))
        abort();
    *what = r.reference;
    return dlms_client_get(c, d, what);
}

static void nartis(struct conversation *c, struct dlms_client *d, struct player *p)
{
    int asked = 0, undefined = 0;
    int64_t energy = 0, number;
    char serial[32] = "", type[64] = "";
    for (size_t line = 4; line + 2 < p->count && !conversation_fault(c); line += 2, asked++) {
        struct cosem_reference what;
        struct cosem_result result = ask_recorded(c, d, p, line, &what);
        struct cosem_reader r = cosem_reader_over(result.data);
        struct cosem_data value = cosem_take(&r);
        struct cosem_date_time time;
        struct bytes text;
        undefined += !result.has_data && result.code == COSEM_OBJECT_UNDEFINED;
        if (obis_equal(what.obis, OBIS(0, 0, 96, 1, 0, 255)) && cosem_text(&value, &text)) {
            struct text t = text_over(serial, sizeof serial);
            text_put_foreign(&t, text);
        }
        if (obis_equal(what.obis, OBIS(0, 0, 96, 1, 1, 255)) && cosem_text(&value, &text)) {
            struct text t = text_over(type, sizeof type);
            text_put_foreign(&t, text);
        }
        if (obis_equal(what.obis, OBIS(1, 0, 1, 8, 0, 255)) && what.index == 2 && cosem_integer(&value, &number))
            energy = number;
        if (obis_equal(what.obis, OBIS(0, 0, 1, 0, 0, 255)))
            ok(cosem_date_time(&value, &time) && cosem_date_time_wall(&time) == wall_parse("2026-09-17 12:15:06") && time.deviation == -180, "the clock");
    }
    is_text(serial, "52207839");
    is_text(type, "НАРТИС-100.121RL", "the type from cp1251");
    is_int(asked, 22, "objects asked");
    is_int(undefined, 4, "objects that the meter does not have");
    is_int(energy, 1661974, "A+ in Wh");
    is_int(d->conformance, 0x00101D, "conformance");
    is_int(d->server_pdu, 1000, "PDU");
    is_int(d->agreed.info_transmit, 256, "information field");
}

static void mercury(struct conversation *c, struct dlms_client *d, struct player *p)
{
    struct cosem_reference what;
    struct cosem_result result = ask_recorded(c, d, p, 4, &what);
    struct cosem_reader r = cosem_reader_over(result.data);
    struct cosem_data value = cosem_take(&r);
    struct cosem_date_time t;
    ok(cosem_date_time(&value, &t) && cosem_date_time_wall(&t) == wall_parse("2022-08-15 21:08:13") && t.deviation == 180, "a clock whose deviation has the other sign");
    is_int(d->server_pdu, 100);
    is_int(d->agreed.info_transmit, 128);
}

static void gocosem(struct conversation *c, struct dlms_client *d, struct player *p)
{
    struct cosem_reference what;
    struct cosem_result result = ask_recorded(c, d, p, 4, &what);
    struct cosem_reader r = cosem_reader_over(result.data);
    struct bytes serial = cosem_take_octets(&r);
    ok(bytes_equal(serial, bytes_of_text("10339561")), "the serial number over a 4-byte address");
    is_int(d->agreed.info_transmit, 239);
}

static void nothing(struct conversation *c, struct dlms_client *d, struct player *p)
{
    (void)c;
    (void)d;
    (void)p;
}

static struct dlms_settings settings_of(int client, int physical, const char *password)
{
    struct dlms_settings s = { .transport = DLMS_HDLC, .client = client, .logical = 1, .physical = physical, .mechanism = ACSE_LLS,
                               .info_max = 1024, .window = 1, .pdu_max = 16384 };
    s.password.size = (uint8_t)strlen(password);
    memcpy(s.password.data, password, s.password.size);
    return s;
}

int main(void)
{
    struct dlms_settings s = settings_of(32, 16, "111");
    replay("nartis100", &s, FAULT_NONE, nartis);
    s = settings_of(32, 26, "111111");
    replay("mercury234", &s, FAULT_NONE, mercury);
    s = settings_of(1, 9561, "12345678");
    replay("gocosem_lls", &s, FAULT_NONE, gocosem);
    s = settings_of(1, 1230, "xRwPbExG");
    replay("ce318_wrong_password", &s, FAULT_PASSWORD, nothing);
    coroutine_trim();
    return tap_done();
}
