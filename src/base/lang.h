/* The two languages people read: Russian first, English complete. */
#pragma once

enum lang { LANG_RU, LANG_EN, LANG_COUNT };

/* One message in every language. Tables of phrases are the dictionaries. */
struct phrase {
    const char *in[LANG_COUNT];
};

#define PHRASE(ru, en) ((struct phrase){ { ru, en } })

/* The language of this process's messages, from SVOD_LANG, else LC_ALL/LC_MESSAGES/LANG; Russian when none names
 * English. */
enum lang lang_from_environment(void);

static inline const char *phrase_in(const struct phrase *p, enum lang lang)
{
    return p->in[lang];
}
