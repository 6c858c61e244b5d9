/* Found in the network (manual S4, «Поиск»): a gateway answers who asks for gateways, with what stands on its case and where its pages
 * are. Nothing secret is told, and it can be switched off.
 *
 * The question is a UDP datagram to port BEACON_PORT, by broadcast or to the group BEACON_GROUP, and over IPv6 to the link's group
 * BEACON_GROUP_6 (transient, link-local: RFC 4291 2.7): «svod-find-1 <16 hex digits>\n», filled up with zeros to BEACON_QUESTION bytes, so that an answer is never longer than its question. The answer goes to the asker alone:
 *   {"svod": 1, "ask": "<the digits>", "type", "serial", "version", "port": n, "tls": bool, "addresses": ["192.168.0.1/24", …]}
 * At most BEACON_RATE answers a second are given. */
#pragma once
#include "box/box.h"

enum { BEACON_PORT = 47683, BEACON_QUESTION = 1000, BEACON_RATE = 20, BEACON_ASK = 16, BEACON_FOUND = 256, BEACON_URL = BOARD_ADDRESS_MAX + 24 };
#define BEACON_GROUP "239.255.83.86"
#define BEACON_GROUP_6 "ff12::7376:6f64"

struct beacon;

/* Begins to answer when the settings say so. Box and store must outlive it. */
struct beacon *beacon_new(struct box *box, struct store *s, const char *version);
void beacon_free(struct beacon **b);

/* Settings were changed. */
void beacon_changed(struct beacon *b);

/* True for a question; its digits. Any bytes. */
bool beacon_question_read(struct bytes b, char ret[BEACON_ASK + 1]);
void beacon_question_write(const char *ask, unsigned char ret[BEACON_QUESTION]);

/* A gateway that answered. */
struct beacon_found {
    char from[BOARD_ADDRESS_MAX]; /* address that the answer came from; of a link with its interface, "fe80::1%eth0" */
    char type[BOARD_WORD_MAX], serial[BOARD_WORD_MAX], version[BOARD_WORD_MAX];
    char addresses[200];          /* blanks between */
    int port;
    bool tls;
};
typedef void beacon_found_fn(void *context, const struct beacon_found *f);

/* Asks on every interface, or on the one of that name, by IPv4 and IPv6, and tells each gateway once, BEACON_FOUND of them at most; takes
 * `wait_ms`. Who answers both ways is told with his IPv4 address; who answers by IPv6 alone is told at the end. False when nothing could be
 * sent. */
bool beacon_find(const char *interface, int wait_ms, beacon_found_fn *found, void *context);

/* Where its pages are: "http://192.168.0.1:80", "https://[fe80::1%25eth0]:443" (RFC 6874); "" when it does not say. */
char *beacon_url(const struct beacon_found *f, char ret[BEACON_URL]);

/* An answer to the question with these digits; false for anything else. Any bytes. */
bool beacon_answer_read(struct bytes b, const char *ask, struct beacon_found *ret);
