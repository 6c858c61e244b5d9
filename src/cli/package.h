/* The maker's side of updates: keys and packages (box/package.h). Both are tasks of `svod admin`. */
#pragma once
#include "base/lang.h"

/* <file>: makes a key pair; the secret goes into the file, the public half into <file>.pub. */
int package_key(const char *const *argument, int count, enum lang lang);

/* <program> <key> <version> <least version> <notes> <package>. */
int package_make(const char *const *argument, int count, enum lang lang);
