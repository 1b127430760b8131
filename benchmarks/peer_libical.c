/* The same in C: libical parses everything and expands each event within the window. Prints the number of occurrences.
   Usage: peer_libical FILE START END, as 20260718T000000Z */
#include <libical/ical.h>
#include <stdio.h>

static void count(icalcomponent *component, struct icaltime_span *span, void *total)
{
    (void)component;
    (void)span;
    ++*(long *)total;
}

static char *line(char *buffer, size_t size, void *file)
{
    return fgets(buffer, (int)size, file);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    FILE *file = fopen(argv[1], "r");
    if (!file)
        return 1;
    icalparser *parser = icalparser_new();
    icalparser_set_gen_data(parser, file);
    icalcomponent *root = icalparser_parse(parser, line);
    struct icaltimetype start = icaltime_from_string(argv[2]), end = icaltime_from_string(argv[3]);
    long total = 0;
    for (icalcomponent *event = icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT))
        icalcomponent_foreach_recurrence(event, start, end, count, &total);
    printf("%ld\n", total);
    return 0;
}
