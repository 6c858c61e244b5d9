/* Devices out of a file (S3 2.2.34, 2.2.35, appendix 1), all or nothing: a reader gathers what the file says, intake_finish
 * compares it with what there is and writes all of it in one transaction, or nothing when anything is wrong.
 *
 * Places in the file are texts for people and programs: "Groups[0].Devices[2].SerialNumber", "D7". */
#pragma once
#include "api/devices/devices.h"
#include "api/devices/links.h"

enum { INTAKE_MOST = 20000 /* devices of a file */, INTAKE_TOLD = 1000 /* mistakes kept; the rest are counted */ };

struct intake_link {
    struct store_link row; /* id: what there is under this name or guid */
    const char *where;
    bool changed;          /* to be written */
};

struct intake_protocol {
    struct store_protocol row;
    const char *where;
    bool changed;
};

struct intake_group {
    struct store_group row;
};

/* Lines name links and protocols of the file by number, from 1; 0: none. */
struct intake_line {
    struct store_line row;
    int link, protocol;
    const char *where;
};

struct intake_meter {
    struct store_meter row;
    struct intake_line *lines;
    int line_count;
    const char *const *says; /* names of the line's own parameters that the file speaks of; NULL: all */
    const char *where;
};

struct intake_mistake {
    const char *where, *message;
};

struct intake {
    struct call *c;
    bool update;  /* what there is may be changed; else it must be as the file says, and devices must be new */
    bool by_name; /* links and protocols are the same when their names are; else when their guids are */
    struct intake_link *links;
    struct intake_protocol *protocols;
    struct intake_group *groups;
    struct intake_meter *meters;
    size_t link_count, protocol_count, group_count, meter_count;
    struct intake_mistake *mistakes;
    size_t mistake_count; /* of all */
    struct store_meter model; /* a new device as it is when the file says nothing */
    size_t link_last, protocol_last;
    size_t added, updated, links_put, protocols_put, groups_put;
};

/* Makes room for so many of each. */
void intake_begin(struct intake *in, struct call *c, size_t links, size_t protocols, size_t groups, size_t meters);

/* Notes a mistake; returns false. `where` lives as long as the call. */
bool intake_wrong(struct intake *in, const char *where, const char *ru, const char *en);
bool intake_wrong_text(struct intake *in, const char *where, const char *message);

/* Compares with the store and checks everything; then, when nothing is wrong, writes. False with mistakes told, or refused. */
bool intake_finish(struct intake *in);

/* The answer: what was made, or 400 with the first mistakes. `report`: the id of the file of mistakes; NULL: none. */
void intake_answer(struct intake *in, const char *report);
extern const struct shape shape_intake;

/* --- names by which other systems know rows ----------------------------------------------------------------------------- */

enum guid_kind { GUID_LINK = 1, GUID_PROTOCOL, GUID_GROUP, GUID_METER, GUID_LINE };
enum { GUID_TEXT = 40 };

/* Base of the guids that this database gives, made when first asked for. */
bool guid_base(struct call *c, uint8_t base[8]);

/* The guid of a row that brought none of its own. */
void guid_of(const uint8_t base[8], enum guid_kind kind, int64_t id, char text[GUID_TEXT]);

/* The id in a guid that this database has given; 0: it is another's. */
int64_t guid_id(const uint8_t base[8], enum guid_kind kind, const char *text);
bool guid_valid(const char *text);
