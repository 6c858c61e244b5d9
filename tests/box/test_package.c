/* Packages of updates: what is signed is taken, and nothing else. */
#include "box/package.h"
#include "tap.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], program[96], path[96];
static unsigned char key[PACKAGE_KEY], secret[PACKAGE_SECRET];

static void put(const char *name, const void *data, size_t size)
{
    FILE *f = fopen(name, "w");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0)
        abort();
}

static size_t get(unsigned char *data, size_t room)
{
    FILE *f = fopen(path, "r");
    size_t size = f ? fread(data, 1, room, f) : 0;
    if (f)
        fclose(f);
    return size;
}

static enum package_trouble check(const unsigned char k[PACKAGE_KEY], struct package *ret)
{
    int fd = open(path, O_RDONLY);
    enum package_trouble t = package_check(fd, k, ret);
    close(fd);
    return t;
}

static void test_good(void)
{
    struct package p = { .version = "1.2.3", .minimum = "1.0", .architecture = "aarch64", .notes = { "Быстрее «опрос»", "Faster \"polling\"\nand more" } }, back;
    char words[200];
    struct text why = text_over(words, sizeof words);
    ok(package_write(&p, secret, program, path, LANG_EN, &why), "a package is made");
    is_int(check(key, &back), PACKAGE_GOOD, "and is good");
    is_text(back.version, "1.2.3");
    is_text(back.minimum, "1.0");
    is_text(back.architecture, "aarch64");
    is_text(back.notes[LANG_RU], p.notes[LANG_RU]);
    is_text(back.notes[LANG_EN], p.notes[LANG_EN]);
    is_int(back.size, 70000, "its program's size");
    ok(!package_write(&p, secret, "/nonexistent", path, LANG_EN, &why) && strstr(words, "/nonexistent"), "a program that is not there is told");
}

/* Any bit that changes is found; what was cut or grew, too. */
static void test_changes(void)
{
    static unsigned char whole[100000];
    struct package p;
    unsigned char other[PACKAGE_KEY], any[PACKAGE_SECRET];
    size_t size = get(whole, sizeof whole);
    int wrong = 0;
    for (size_t at = 0; at < size; at += at < 700 ? 1 : 997) {
        whole[at] ^= 0x20;
        put(path, whole, size);
        wrong += check(key, &p) == PACKAGE_GOOD;
        whole[at] ^= 0x20;
    }
    is_int(wrong, 0, "no change passes");
    put(path, whole, size - 1);
    is_int(check(key, &p), PACKAGE_DAMAGED, "cut");
    put(path, whole, size + 1);
    is_int(check(key, &p), PACKAGE_DAMAGED, "longer");
    put(path, whole, 300);
    ok(check(key, &p) != PACKAGE_GOOD, "only its beginning");
    put(path, "", 0);
    is_int(check(key, &p), PACKAGE_FOREIGN, "nothing");
    put(path, "MZ this is something else\n\n\n", 28);
    is_int(check(key, &p), PACKAGE_FOREIGN, "another file");
    crypto_sign_keypair(other, any);
    put(path, whole, size);
    is_int(check(other, &p), PACKAGE_UNSIGNED, "another maker's");
    is_int(check(key, &p), PACKAGE_GOOD, "and it is still the good one");
}

/* A manifest that the maker signed with nonsense in it. */
static void test_manifests(void)
{
    static const char *const bad[] = {
        "[]", "{}", "{\"version\":\"1.0\"}",
        "{\"version\":\"1.x\",\"minimum\":\"1\",\"architecture\":\"aarch64\",\"size\":1,\"sha256\":\"00\"}",
        "{\"version\":\"1\",\"minimum\":\"1\",\"architecture\":\"aarch64\",\"size\":-1,\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}",
        "{\"version\":\"1\",\"minimum\":\"1\",\"architecture\":\"a processor with a long name\",\"size\":5,\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}",
        "{\"version\":\"1\",\"minimum\":\"1\",\"architecture\":7,\"size\":5,\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}",
    };
    struct package p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1000], hex[crypto_sign_BYTES * 2 + 1];
        unsigned char signature[crypto_sign_BYTES];
        int size = snprintf(text, sizeof text, "svod-package-1\n%s\n", bad[i]);
        crypto_sign_detached(signature, NULL, (unsigned char *)text, (unsigned long long)size, secret);
        sodium_bin2hex(hex, sizeof hex, signature, sizeof signature);
        size += snprintf(text + size, sizeof text - (size_t)size, "%s\n", hex);
        is_int(package_head(bytes_of(text, (size_t)size), key, &p), PACKAGE_MANIFEST, "manifest %zu", i);
    }
}

static void test_versions(void)
{
    ok(version_compare("1.10", "1.9") > 0 && version_compare("1.0", "1") == 0 && version_compare("0.1", "0.1.1") < 0 && version_compare("2", "10") < 0, "numbers, not letters");
    ok(version_good("0.1") && version_good("1.2.3.4") && !version_good("") && !version_good("1.") && !version_good("1.2.3.4.5") && !version_good("v1") && !version_good("1.9999999999"), "what a version is");
    struct package p = { .version = "2.0", .minimum = "1.5", .architecture = "armv7" };
    is_int(package_suits(&p, "1.5", "armv7"), PACKAGE_GOOD);
    is_int(package_suits(&p, "1.5", "aarch64"), PACKAGE_ARCHITECTURE);
    is_int(package_suits(&p, "2.0", "armv7"), PACKAGE_SAME);
    is_int(package_suits(&p, "2.1", "armv7"), PACKAGE_OLDER);
    is_int(package_suits(&p, "1.4", "armv7"), PACKAGE_TOO_NEW);
    is_text(package_architecture_of("/proc/self/exe"), package_architecture(), "this program is of this machine");
    is_text(package_architecture_of(path), "", "a package is no program");
}

int main(void)
{
    static unsigned char data[70000];
    if (sodium_init() < 0)
        return 1;
    snprintf(folder, sizeof folder, "/tmp/svod-package-XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    snprintf(program, sizeof program, "%s/program", folder);
    snprintf(path, sizeof path, "%s/package", folder);
    randombytes_buf(data, sizeof data);
    put(program, data, sizeof data);
    crypto_sign_keypair(key, secret);
    test_good();
    struct package p = { .version = "1.2.3", .minimum = "1.0", .architecture = "aarch64" };
    char words[200];
    struct text why = text_over(words, sizeof words);
    package_write(&p, secret, program, path, LANG_EN, &why);
    test_changes();
    test_manifests();
    test_versions();
    unlink(program);
    unlink(path);
    rmdir(folder);
    return tap_done();
}
