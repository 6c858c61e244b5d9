/* A simulated СПОДЭС meter: what its files share (dlms.md 2-10 and 12, spodes.md).
 *
 *   twin_spodes.c              HDLC and wrapper server, birth, options
 *   twin_spodes_association.c  AARQ, HLS, RLRQ, ciphering both ways, passwords and their lock
 *   twin_spodes_services.c     GET, SET, ACTION with lists and blocks, general block transfer
 *   twin_spodes_objects.c      the objects and what they answer
 *   twin_spodes_profiles.c     profiles and journals
 *
 * Long answers are not kept: a session remembers where in the answer it stands and computes on from there. */
#pragma once
#include "sim/twin.h"
#include "wire/cosem_general.h"
#include "wire/dlms_curve.h"
#include "wire/dlms_security.h"
#include "wire/hdlc.h"

enum {
    SPODES_APDU_MAX = 1280,  /* largest APDU of ours or theirs, and what the option `pdu` may be */
    SPODES_LONG_MAX = 768,   /* a parameter that comes in blocks; the references of a long GET with a list */
    SPODES_TWIN_SIGNALS = 3, /* relays of signals at most */
    SPODES_NOTES = 16,       /* events of its own that a meter remembers beside those of its life */
    SPODES_TRIES = 5,        /* wrong passwords until the lock */
    SPODES_PIECE_MAX = 2048, /* largest piece of an answer: spodes_piece */
    SPODES_COLUMNS_MAX = 32,
};

/* Quirks come with the maker (spodes.md 8). */
enum spodes_maker { SPODES_PLAIN, SPODES_NARTIS, SPODES_M2M, SPODES_MERCURY, SPODES_RIM, SPODES_MAKERS };

enum spodes_level { SPODES_NOBODY, SPODES_PUBLIC, SPODES_READER, SPODES_CONFIGURATOR };

/* A password or key. */
struct spodes_secret {
    uint8_t size;
    uint8_t data[DLMS_PUBLIC_MAX];
};

static inline struct bytes spodes_secret_bytes(const struct spodes_secret *s)
{
    return bytes_of(s->data, s->size);
}

/* An event that happened to this meter and not to its life: a clock set by us, a wrong password. */
struct spodes_note {
    int64_t wall;
    int64_t before;  /* clock: what it showed; others: the client */
    uint8_t journal; /* e of 0.0.99.98.e.255 */
    uint16_t code;
};

/* What survives sessions. Options are numbers as the table in twin_spodes.c reads them. */
struct spodes_meter {
    int32_t phases, tariffs, suite, policy, info, window, pdu, lists, gbt, compact, nulls, push, step, holes, maker, mode, lock, signals;
    char edition[8];
    struct spodes_secret password, high, guek, gak, sign, peer;
    uint32_t client_counter, server_counter; /* last accepted, last used */
    uint32_t challenges;                     /* given so far */
    int64_t locked_until;
    uint8_t wrong;                           /* passwords in a row */
    bool relay_ready;                        /* off, waiting for the consumer's button */
    uint8_t signals_off;                     /* bit per relay of signals */
    uint32_t limit_w;
    int64_t alarms_cleared;
    uint8_t point[64], point_size;           /* account point data 0.0.96.1.10.255 */
    uint32_t noted;                          /* notes ever made */
    struct spodes_note notes[SPODES_NOTES];
};

/* Where in a long answer the next byte lies: item of the list, piece of the item, byte of the piece. */
struct spodes_place {
    uint32_t item, piece, byte;
};

/* A GET that is being answered in blocks. */
struct spodes_stream {
    bool active, list;
    uint8_t invoke;
    uint32_t block;      /* last one given */
    uint32_t items;
    uint32_t size;       /* of the references in `kept` */
    int64_t wall;        /* all of the answer is of one moment */
    struct spodes_place place;
};

/* SET or ACTION whose parameter comes in blocks. */
struct spodes_long {
    bool active;
    uint8_t service; /* enum cosem_service */
    uint32_t block;  /* last one taken */
    uint32_t head;   /* bytes of the reference in `kept` */
    uint32_t size;   /* bytes of head and data */
};

/* How the request at hand was ciphered, and so how its answer is. */
struct spodes_dress {
    bool on;
    uint8_t control;
    enum dlms_form form;
};

/* A general block transfer of ours: the whole answer is computed again for each block. */
struct spodes_transfer {
    bool active;
    uint32_t counter;    /* of the sealed answer: the same each time */
    uint16_t number;     /* of the block last given */
};

struct spodes_link {
    bool connected;
    struct hdlc_address server, client;
    uint8_t send_base;   /* N(S) of the answer's first segment */
    uint8_t receive;     /* N(R): what the client sends next */
    uint32_t acknowledged, sent; /* segments of the answer */
    struct hdlc_parameters agreed;
};

enum spodes_stage { SPODES_APART, SPODES_PROVING, SPODES_ASSOCIATED };

struct spodes_session {
    struct spodes_link link;
    enum spodes_stage stage;
    enum spodes_level level;
    uint16_t client;
    enum acse_mechanism mechanism;
    enum acse_context context;
    bool must_cipher, pushed;
    uint32_t conformance;
    uint32_t pdu;                /* bytes that the client takes, at most ours */
    uint32_t dedicated_counter;  /* last accepted */
    uint32_t counter_before;     /* the client's, before the APDU at hand */
    uint8_t client_title[DLMS_TITLE_SIZE];
    struct spodes_secret dedicated;
    uint8_t theirs[DLMS_CHALLENGE_MOST], ours[DLMS_CHALLENGE_MOST];
    uint8_t theirs_size, ours_size;
    struct spodes_dress dress;
    struct spodes_stream stream;
    struct spodes_long put;
    struct spodes_transfer transfer;
    uint8_t kept[SPODES_LONG_MAX]; /* of `stream` or `put`: one long thing at a time */
    uint16_t in_size, out_size;
    uint8_t in[SPODES_APDU_MAX + 8], out[SPODES_APDU_MAX + 8]; /* with LLC over HDLC */
};

/* Everything one request needs. */
struct spodes_view {
    struct sim_meter *m;
    struct spodes_meter *s;
    struct spodes_session *session;
    int64_t wall; /* what the meter's clock shows */
};

/* Lives and their archives begin here. */
static inline int64_t spodes_birth(void)
{
    return day_wall(18262); /* 2020-01-01 */
}

/* --- association ------------------------------------------------------------------------------------------------------ */

/* Answers one whole APDU, ciphered or plain, into `w` (SPODES_APDU_MAX bytes); nothing for what gets no answer. */
void spodes_execute(struct spodes_view *v, struct bytes apdu, struct writer *w);

/* Ends the association, whatever its stage. */
void spodes_part(struct spodes_session *session);

/* Method reply_to_HLS_authentication. */
uint8_t spodes_prove(struct spodes_view *v, struct bytes proof, struct writer *returned);

/* Ciphers an answer as its request was, with this counter; plain when it was plain. */
void spodes_seal(struct spodes_view *v, struct bytes plain, uint32_t counter, struct writer *w);

/* What sealing adds at most. */
enum { SPODES_SEAL_MAX = 48 };

void spodes_title(const struct sim_meter *m, uint8_t title[DLMS_TITLE_SIZE]);

/* Remembers an event of the meter's own. */
void spodes_note(struct spodes_view *v, uint8_t journal, uint16_t code, int64_t before);

/* --- services ---------------------------------------------------------------------------------------------------------- */

/* Answers a plain service APDU into `w`. */
void spodes_serve(struct spodes_view *v, struct bytes apdu, struct writer *w);

/* Answers the client's word in a general block transfer of ours. */
void spodes_transfer_on(struct spodes_view *v, struct bytes apdu, struct writer *w);

void spodes_refuse(struct writer *w, uint8_t state, uint8_t service);

/* --- objects ----------------------------------------------------------------------------------------------------------- */

struct spodes_object;
struct spodes_profile;

struct spodes_entry {
    int64_t wall, before;
    uint16_t code;
};

/* Longest journal that a reading may bring (spodes.md 5: 1024 records; the fullest life has fewer). */
enum { SPODES_ENTRIES_MAX = 256 };

/* An attribute about to be read: `pieces` pieces that put together are its encoded value. */
struct spodes_value {
    uint8_t code; /* enum cosem_result_code; without pieces unless COSEM_SUCCESS */
    uint32_t pieces;
    const struct spodes_object *object;
    const struct spodes_profile *profile;
    int8_t attribute;
    int64_t wall;
    /* a profile's buffer */
    int64_t first;              /* number of the first record, holes not counted */
    uint8_t columns, column[SPODES_COLUMNS_MAX];
    int64_t edge_wall, edge[LIFE_CHANNELS]; /* registers at the end of the record before: computed once */
    uint16_t entries;
    struct spodes_entry entry[SPODES_ENTRIES_MAX];
};

void spodes_resolve(struct spodes_view *v, const struct cosem_reference *what, struct spodes_value *ret);
void spodes_piece(struct spodes_view *v, struct spodes_value *value, uint32_t piece, struct writer *w);
uint8_t spodes_write(struct spodes_view *v, const struct cosem_reference *what, struct bytes data);
uint8_t spodes_invoke(struct spodes_view *v, const struct cosem_reference *what, struct bytes data, struct writer *returned);

/* The clock as twelve bytes in this maker's way. */
struct cosem_date_time spodes_time(const struct spodes_view *v, int64_t wall);

/* A register by its code: raw number, and how it is written. False when the meter has none. */
struct spodes_number {
    uint8_t type;
    int8_t exponent;
    uint8_t unit;
};
bool spodes_register(const struct spodes_view *v, uint16_t class_id, struct obis obis, int64_t wall, int64_t *ret_raw, struct spodes_number *ret);
struct spodes_number spodes_energy_number(const struct spodes_meter *s, unsigned channel);
int64_t spodes_energy_raw(const struct spodes_meter *s, int64_t watt_hours);

/* --- profiles and journals ---------------------------------------------------------------------------------------------- */

/* The profile with this code, or NULL; and the i-th of all. */
const struct spodes_profile *spodes_profile_find(const struct spodes_view *v, struct obis obis);
bool spodes_profile_at(const struct spodes_view *v, size_t i, struct obis *ret);
void spodes_profile_resolve(struct spodes_view *v, const struct cosem_reference *what, struct spodes_value *ret);
void spodes_profile_piece(struct spodes_view *v, struct spodes_value *value, uint32_t piece, struct writer *w);
