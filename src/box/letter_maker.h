/* Letters with data are made on a thread of their own: thousands of rows take seconds, and inputs and relays do not wait for them. One at
 * a time; what is to be made stands in the store with whoever gives it, until he has taken the result. */
#pragma once
#include "upstream/files/data_letter.h"

struct letter_maker;

struct letter_maker *letter_maker_new(void);

/* A letter that is being made is broken off between two rows: what was posted of it stays posted. Its result may still be taken before
 * the memory goes: letter_maker_stop, letter_maker_took, letter_maker_free. */
void letter_maker_stop(struct letter_maker *m);
void letter_maker_free(struct letter_maker **m);

/* Takes the letter, its texts copied; false: one is in work, or its result was not taken. */
bool letter_maker_give(struct letter_maker *m, const struct data_letter *l);

/* The result of the letter that was given; false: it is in work, or there is none. FAULT_CANCELLED: broken off. */
bool letter_maker_took(struct letter_maker *m, enum fault *ret);
