/* Places among what stands in ascending order of a number. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of `count` rows of `size` bytes, each with an int64_t at `offset`: the first whose number is not below `key`; `count` when there is none. */
static inline size_t sorted_place(const void *rows, size_t count, size_t size, size_t offset, int64_t key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int64_t number;
        memcpy(&number, (const char *)rows + middle * size + offset, sizeof number);
        if (number < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The same by a member of the rows: SORTED_PLACE(rows, count, id, key). */
#define SORTED_PLACE(rows, count, member, key) sorted_place(rows, count, sizeof *(rows), offsetof(__typeof__(*(rows)), member), key)

/* The same among numbers alone, and whether one is there. */
static inline size_t sorted_number(const int64_t *numbers, size_t count, int64_t key)
{
    return sorted_place(numbers, count, sizeof *numbers, 0, key);
}

static inline bool sorted_has(const int64_t *numbers, size_t count, int64_t key)
{
    size_t at = sorted_number(numbers, count, key);
    return at < count && numbers[at] == key;
}

/* For qsort: numbers into that order. */
static inline int sorted_by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}
