/* The error flags of the self-test (manual S4 13.4). Which of them a board can look at itself is board_test's; the rest are the
 * program's (box/). */
#pragma once
#include "base/lang.h"

enum test_flag {
    TEST_I2C, TEST_RTC, TEST_USB, TEST_SOC, TEST_SD, TEST_FILE, TEST_PWR, TEST_GSM,
    TEST_RS1, TEST_RS8 = TEST_RS1 + 7,
    TEST_ROM, TEST_RAM, TEST_ETH, TEST_ARJ, TEST_SND,
    TEST_RTCM, TEST_ETHM, TEST_JRM, TEST_GSMM, TEST_SERM, /* watchdogs of the parts: no answer */
    TEST_FLAGS
};

enum test_result { TEST_ABSENT, TEST_PASSED, TEST_FAILED };

/* "RS3", as the manual writes it, and what it means. */
const char *test_flag_name(enum test_flag flag);
const char *test_flag_title(enum test_flag flag, enum lang lang);
