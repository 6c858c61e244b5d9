/* `svod sim`: simulated meters on loopback addresses and ptys. */
#pragma once

/* argv[0] is "sim". Runs until SIGINT or SIGTERM. 0: ended well; 1: something could not be opened; 2: wrong words. */
int sim_main(int argc, char **argv);
