/* Files that the program carries: found by path, one page for the app's addresses, the packed form for who takes it. */
#include "http/static_file.h"
#include "tap.h"

static const struct static_file files[] = {
    { "/assets/a.js", "text/javascript", "h1", true, { (const uint8_t *)"plain", 5 }, { (const uint8_t *)"gz", 2 }, { (const uint8_t *)"b", 1 } },
    { "/icon.png", "image/png", "h2", false, { (const uint8_t *)"picture", 7 }, { 0 }, { 0 } },
    { "/index.html", "text/html", "h3", false, { (const uint8_t *)"page", 4 }, { 0 }, { 0 } },
};
static const struct static_files all = { files, 3, "/index.html" };

static void finds(void)
{
    ok(static_file_find(&all, "/assets/a.js") == &files[0], "a file by its path");
    ok(!static_file_find(&all, "/assets/b.js") && !static_file_find(&all, ""), "no other");
    ok(!static_file_find(NULL, "/index.html"), "a program without the app has none");
}

static void pages(void)
{
    const char *browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    ok(static_file_page(&all, "/devices/7", browser) == &files[2] && static_file_page(&all, "/", browser) == &files[2], "an address of the app is its page");
    ok(!static_file_page(&all, "/devices/7", "application/json"), "not for programs");
    ok(!static_file_page(&all, "/api/v1/devices", browser), "not in place of the API");
    ok(!static_file_page(&all, "/assets/gone.js", browser), "not in place of a missing file");
    ok(!static_file_page(NULL, "/", browser), "without the app nothing");
}

static void form_is(const char *accept, const char *coding, size_t size)
{
    const char *encoding;
    struct bytes form = static_file_form(&files[0], accept, &encoding);
    ok(form.size == size && (coding ? encoding && strcmp(encoding, coding) == 0 : !encoding), "Accept-Encoding \"%s\"", accept);
}

static void forms(void)
{
    form_is("gzip, deflate, br, zstd", "br", 1);
    form_is("gzip, deflate", "gzip", 2);
    form_is("", NULL, 5);
    form_is("br;q=0, gzip;q=0.5", "gzip", 2);
    form_is("brotli, xgzip", NULL, 5);
    const char *encoding;
    ok(static_file_form(&files[1], "br, gzip", &encoding).size == 7 && !encoding, "a picture goes as it is");
}

int main(void)
{
    finds();
    pages();
    forms();
    return tap_done();
}
