#!/usr/bin/env python3
"""What a simulated meter must show, computed from docs/simulators.md and from nothing else.

Independent of src/sim/life_*.c on purpose; the tables are read from the document itself.

    truth.py energy SERIAL CHANNEL TARIFF "2026-11-21 00:00"      Wh or varh; channels 0..3 = A+ A- R+ R-; tariff 0 = total
    truth.py tariff SERIAL TIME
    truth.py voltage|current|power|reactive|apparent|cosine SERIAL PHASE TIME
    truth.py frequency|temperature|volume|heat|flow|flow_temperature|return_temperature|clock_error SERIAL TIME
    truth.py event SERIAL JOURNAL N TIME                          "begin end" of the N-th newest; "-" when none or no end
    truth.py --batch                                              the same, one question a line on stdin, TIME in seconds

TIME is a date, a date and a time, or wall seconds since 1970 as a bare number.
"""
import calendar
import datetime
import functools
import math
import os
import re
import sys

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "simulators.md")
MASK = 2**64 - 1
EPOCH = datetime.date(1970, 1, 1)
BIRTH = datetime.date(2020, 1, 1)
A_PLUS, A_MINUS, R_PLUS, R_MINUS, VOLUME, HEAT = range(6)
DICE = [0, 1, 2, 3, 4, 4]  # channel number used in the salts
SLOT_SECONDS = 1800


def read_tables():
    tables = {}
    with open(DOCUMENT, encoding="utf-8") as document:
        text = document.read()
    for block in re.findall(r"```life\n(.*?)```", text, re.S):
        for line in block.splitlines():
            words = line.split("#")[0].split()
            names = [w for w in words if not re.fullmatch(r"-?\d+", w)]
            if words and words[0] == "event":
                tables["event", int(words[1])] = [int(w) for w in words[2:]]
            elif words:
                tables[tuple(names)] = [int(w) for w in words[len(names):]]
    return tables


TABLES = read_tables()


def mix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & MASK
    return x ^ x >> 31


def draw(serial, salt, n, limit):
    return (mix((mix((salt << 32) + serial) + n) & MASK) >> 32) * limit >> 32


def wall_of(text):
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    moment = datetime.datetime.fromisoformat(text)
    return calendar.timegm(moment.timetuple())


def date_of(number):
    return BIRTH + datetime.timedelta(days=number)


@functools.lru_cache(None)
def consumer(serial):
    c = draw(serial, 1, 0, 100)
    return "flat" if c < 70 else "house" if c < 88 else "shop" if c < 97 else "plant"


@functools.lru_cache(None)
def nominal(serial, channel):
    """Habit and nominal day of a channel."""
    if channel == A_MINUS:
        return "solar", 5000 + draw(serial, 9, 0, 25000) if draw(serial, 2, 0, 100) < 4 else 0
    water = 200 + draw(serial, 10, 0, 600)
    if channel == VOLUME:
        return "water", water
    if channel == HEAT:
        return "heat", water * 15
    kind = consumer(serial)
    least, spread = {"flat": (4000, 8000), "house": (15000, 35000), "shop": (50000, 150000), "plant": (150000, 450000)}[kind]
    active = least + draw(serial, 4, 0, spread)
    if channel == R_PLUS:
        return kind, active * (15 + draw(serial, 5, 0, 35)) // 100
    if channel == R_MINUS:
        return kind, active * draw(serial, 6, 0, 8) // 100
    return kind, active


def on_vacation(serial, date):
    start = datetime.date(date.year, 7, 1) + datetime.timedelta(days=draw(serial, 8, date.year, 40))
    return 0 <= (date - start).days < 7 + draw(serial, 7, 0, 15)


def weight(serial, habit, number):
    date = date_of(number)
    value = TABLES["months", habit][date.month - 1] + TABLES["weekdays", habit][date.weekday()]
    off = TABLES["vacation", habit][0]
    return value - (off if off and on_vacation(serial, date) else 0)


SUMS = {}


def weight_before(serial, habit, number):
    """W(D) by plain addition, remembered year by year where vacations make it the serial's own."""
    off = TABLES["vacation", habit][0]
    known = SUMS.setdefault(habit, [0])
    while len(known) <= number:
        date = date_of(len(known) - 1)
        known.append(known[-1] + TABLES["months", habit][date.month - 1] + TABLES["weekdays", habit][date.weekday()])
    days = 0
    if off:
        today = date_of(number)
        for year in range(BIRTH.year, today.year + 1):
            start = datetime.date(year, 7, 1) + datetime.timedelta(days=draw(serial, 8, year, 40))
            days += min(max((today - start).days, 0), 7 + draw(serial, 7, 0, 15))
    return known[number] - off * days


@functools.lru_cache(None)
def zone(serial):
    return TABLES["zone", "four" if draw(serial, 3, 0, 100) < 15 else "two"]


def tariff_of(serial, slot):
    return zone(serial)[slot // 2]


def frozen(serial, channel, tariff, number):
    """C_T(D)."""
    if number <= 0:
        return 0
    habit, mean = nominal(serial, channel)
    hours = TABLES["hours", habit, "workday"]
    whole = sum(hours) * 2
    portion = mean * sum(2 * hours[h] for h in range(24) if zone(serial)[h] == tariff)
    lent = draw(serial, 16 + DICE[channel], 8 * number + tariff,
                1 + 2 * portion * weight(serial, habit, number) // (500 * whole))
    return portion * weight_before(serial, habit, number) // (100 * whole) + lent


def in_day(serial, channel, tariff, number, slot, whole):
    """c_T(i)."""
    habit = nominal(serial, channel)[0]
    hours = TABLES["hours", habit, "weekend" if date_of(number).weekday() >= 5 else "workday"]
    mine = [i for i in range(48) if tariff_of(serial, i) == tariff]
    full = sum(hours[i // 2] for i in mine)
    if full == 0:
        return 0
    early = 0
    if 0 < slot < 48 and slot in mine and slot - 1 in mine:
        early = draw(serial, 32 + DICE[channel], 48 * number + slot, 1 + 128 * hours[slot // 2])
    return whole * (256 * sum(hours[i // 2] for i in mine if i < slot) + early) // (256 * full)


def register(serial, channel, tariff, wall):
    birth, end = wall_of("2020-01-01"), wall_of("2100-01-01")
    if wall <= birth or nominal(serial, channel)[1] == 0:
        return 0
    number, second = divmod(min(wall, end) - birth, 86400)
    slot, rest = divmod(second, SLOT_SECONDS)
    total = 0
    for t in sorted(set(zone(serial))):
        if tariff not in (0, t):
            continue
        at_midnight = frozen(serial, channel, t, number)
        total += at_midnight
        if second == 0:
            continue
        whole = frozen(serial, channel, t, number + 1) - at_midnight
        here = in_day(serial, channel, t, number, slot, whole)
        there = in_day(serial, channel, t, number, slot + 1, whole)
        total += here + ((there - here) * rest // SLOT_SECONDS if tariff_of(serial, slot) == t else 0)
    return total


def energy(serial, channel, tariff, wall):
    return register(serial, channel, tariff, wall)


def tariff(serial, wall):
    return zone(serial)[wall % 86400 // 3600]


def slot(serial, channel, wall):
    start = wall - wall % SLOT_SECONDS
    return register(serial, channel, 0, start + SLOT_SECONDS) - register(serial, channel, 0, start)


def wander(serial, salt, period, most, wall):
    knot, gone = divmod(wall, period)
    a = draw(serial, salt, knot, 2 * most + 1) - most
    b = draw(serial, salt, knot + 1, 2 * most + 1) - most
    return (a * (period - gone) + b * gone) // period


def phase_part(serial, phase, whole):
    parts = [whole * (300 + draw(serial, 11, p, 101)) // 1000 for p in (1, 2)]
    return [whole, parts[0], parts[1], whole - sum(parts)][phase]


def power(serial, phase, wall):
    return phase_part(serial, phase, 2 * (slot(serial, A_PLUS, wall) - slot(serial, A_MINUS, wall)))


def reactive(serial, phase, wall):
    return phase_part(serial, phase, 2 * (slot(serial, R_PLUS, wall) - slot(serial, R_MINUS, wall)))


def apparent(serial, phase, wall):
    if phase == 0:
        return sum(apparent(serial, p, wall) for p in (1, 2, 3))
    return math.isqrt(power(serial, phase, wall)**2 + reactive(serial, phase, wall)**2)


def cosine(serial, phase, wall):
    s = apparent(serial, phase, wall)
    return min(1000, abs(power(serial, phase, wall)) * 1000 // s) if s else 1000


def voltage(serial, phase, wall):
    phase = max(phase, 1)
    value = 226000 + draw(serial, 12, phase, 8001)
    value += wander(serial, 64 + phase, 3600, 4000, wall) + wander(serial, 68 + phase, 60, 600, wall)
    for journal, change in ((18 + 2 * phase, 28000), (19 + 2 * phase, -36000)):
        newest = events(serial, journal, wall + 1)[:1]
        if newest and newest[0][1] > wall:
            value += change
    return value


def current(serial, phase, wall):
    return apparent(serial, phase, wall) * 1000000 // voltage(serial, phase, wall)


def frequency(serial, wall):
    return 50000 + wander(0, 72, 60, 30, wall)


def calendar_of(wall):
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=wall)


def temperature(serial, wall):
    c = calendar_of(wall)
    months = [16, 16, 17, 19, 21, 24, 26, 25, 21, 19, 17, 16]
    return months[c.month - 1] + (2 if 12 <= c.hour < 19 else 0) + draw(serial, 13, wall // 86400, 3) - 1


def volume(serial, wall):
    return register(serial, VOLUME, 0, wall)


def heat(serial, wall):
    return register(serial, HEAT, 0, wall)


def flow(serial, wall):
    return 2 * slot(serial, VOLUME, wall)


def flow_temperature(serial, wall):
    months = [8500, 8200, 7200, 6000, 2400, 2200, 2200, 2200, 2200, 5800, 7000, 8000]
    return months[calendar_of(wall).month - 1] + wander(serial, 15, 3600, 150, wall)


def return_temperature(serial, wall):
    day = wall - wall % 86400
    used = volume(serial, day + 86400) - volume(serial, day)
    warmth = heat(serial, day + 86400) - heat(serial, day)
    cooled = flow_temperature(serial, wall) - (warmth * 100000 // (1163 * used) if used else 0)
    return max(1500, cooled)


def clock_error(serial, wall):
    first = calendar_of(wall).replace(day=1, hour=0, minute=0, second=0)
    gone = wall - calendar.timegm(first.timetuple())
    return (draw(serial, 14, 0, 401) - 200) * gone // 8640000


def events(serial, journal, wall):
    """All (begin, end) that began before the moment, newest first; end is begin for things without duration."""
    if ("event", journal) not in TABLES:
        return []
    days, shortest, spread = TABLES["event", journal]
    length = days * 86400
    first = wall_of("2020-01-01") + draw(serial, 3000 + journal, 0, length)
    found = []
    i = 0
    while first + i * length < wall:
        begin = first + i * length + draw(serial, 1000 + journal, i, length - 10800)
        end = begin + (shortest + draw(serial, 2000 + journal, i, spread + 1) if shortest else 0)
        if begin < wall:
            found.insert(0, (begin, end))
        i += 1
    return found


def event(serial, journal, n, wall):
    found = events(serial, journal, wall)
    if n >= len(found):
        return "-"
    begin, end = found[n]
    return "%d %s" % (begin, end if end > begin and end < wall else "-")


QUESTIONS = {f.__name__: f for f in (
    energy, tariff, voltage, current, power, reactive, apparent, cosine, frequency, temperature, volume, heat, flow,
    flow_temperature, return_temperature, clock_error, event)}


def answer(words):
    name, *numbers, wall = words
    return QUESTIONS[name](*[int(n) for n in numbers], wall_of(wall))


def main(arguments):
    if arguments == ["--batch"]:
        for line in sys.stdin:
            print(answer(line.split()))
    elif arguments and arguments[0] in QUESTIONS:
        print(answer(arguments))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
