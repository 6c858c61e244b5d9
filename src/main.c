/* svod: one program with several faces; the first word chooses one. */
#include <stdio.h>

int main(void)
{
    puts("svod");
    return 0;
}
