/* The gateway's table of servers and its forms: rules, revisions, what survives closing. */
#include "../store/store_help.h"
#include "store/box/forms.h"
#include "upstream/servers.h"

static void test_names(void)
{
    for (enum server_type type = 0; type < SERVER_TYPES; type++)
        is_int(server_type_find(server_type_name(type)), type, "%s is found by its name", server_type_name(type));
    is_int(server_type_find("transit-9"), SERVER_TYPES, "there is no ninth");
    is_text(server_type_title(SERVER_TRANSIT_1 + 2, LANG_RU), "Сервер транзита интерфейса 3", "titles are the manual's");
}

static void test_table(struct store *s)
{
    struct server_setting table[SERVER_TYPES], one;
    size_t count = 0;
    int64_t revision = 0;
    is_int(servers_read(s, table, &count, &revision), FAULT_NONE);
    ok(count == 1 && table[0].type == SERVER_HTTP && table[0].port == 80 && revision == 1, "a fresh gateway has HTTP on port 80");
    struct server_setting wanted[] = { { SERVER_RTU327, 55, true }, { SERVER_HTTP, 80, false }, { SERVER_TRANSIT_1, 11, false } };
    is_int(servers_write(s, wanted, 3, revision), FAULT_NONE);
    is_int(servers_write(s, wanted, 3, revision), FAULT_CHANGED, "who saw an older table does not overwrite");
    servers_read(s, table, &count, &revision);
    ok(count == 3 && table[0].port == 11 && table[1].port == 55 && table[2].port == 80, "by port");
    ok(server_wanted(s, SERVER_RTU327, &one) && one.port == 55 && one.tls, "a service finds its row");
    ok(!server_wanted(s, SERVER_TRANSIT_8, &one), "and none when it is off");
    struct server_setting types[] = { { SERVER_HTTP, 80, false }, { SERVER_HTTP, 81, false } }, ports[] = { { SERVER_HTTP, 80, false }, { SERVER_RTU327, 80, false } };
    is_int(servers_write(s, types, 2, revision), FAULT_REFUSED, "two of one type");
    is_int(servers_write(s, ports, 2, revision), FAULT_REFUSED, "two on one port");
    servers_read(s, table, &count, &revision);
    is_int(count, 3, "and nothing has changed");
}

static void test_forms(struct store **s)
{
    struct arena a = { 0 };
    const char *content;
    int64_t revision;
    is_int(store_form_get(*s, "network", &a, &content, &revision), FAULT_NONE);
    ok(*content == '\0' && revision == 1, "an empty form before the first");
    is_int(store_form_put(*s, "network", "{\"a\":1}", 1), FAULT_NONE);
    is_int(store_form_put(*s, "network", "{\"a\":2}", 1), FAULT_CHANGED);
    store_close(s);
    *s = help_open("servers.db", NULL);
    is_int(store_form_get(*s, "network", &a, &content, &revision), FAULT_NONE);
    ok(strcmp(content, "{\"a\":1}") == 0 && revision == 2, "it stays as it was written last");
    arena_free(&a);
}

int main(void)
{
    struct store *s = help_open("servers.db", NULL);
    test_names();
    if (ok(s != NULL)) {
        test_table(s);
        test_forms(&s);
        ok(help_sound(s), "the store is sound");
        store_close(&s);
    }
    help_clean();
    return tap_done();
}
