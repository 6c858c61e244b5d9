/* The commands of the program: each takes the words after its name and returns an exit code (options.h). */
#pragma once
#include "base/lang.h"

int cli_hes(int argc, char **argv, enum lang lang);
int cli_gateway(int argc, char **argv, enum lang lang);
int cli_read(int argc, char **argv, enum lang lang);
int cli_scan(int argc, char **argv, enum lang lang);
int cli_decode(int argc, char **argv, enum lang lang);
int cli_drivers(int argc, char **argv, enum lang lang);
int cli_collect(int argc, char **argv, enum lang lang);
int cli_show(int argc, char **argv, enum lang lang);
int cli_box_run(int argc, char **argv, enum lang lang);
int cli_gost_port(int argc, char **argv, enum lang lang);
int cli_find(int argc, char **argv, enum lang lang);
int cli_admin(int argc, char **argv, enum lang lang);
