"""What the database must hold of a simulated meter: the documented truth (truth.py) laid on the grids of its archives.

A collection takes a while, and an interval may end meanwhile: what had to be there when it began is `required`, what may
be there when it has ended is `allowed`. Nothing else may be there.
"""
import functools

import truth
from running import DAY, HALF_HOUR, month_starts, wall_text
from decimal import Decimal

KILO = 1000
register = functools.lru_cache(None)(truth.register)


def energy_code(channel, kind, tariff):
    return "1.0.%d.%d.%d.255" % (channel + 1, kind, tariff)


def electricity_registers(serial, wall, all_tariffs):
    """Registers of every channel: A+ by tariffs, the others too when the family keeps them."""
    return {energy_code(channel, 8, tariff): Decimal(register(serial, channel, tariff, wall))
            for channel in range(4) for tariff in range(5 if all_tariffs or channel == truth.A_PLUS else 1)}


def heat_registers(serial, wall):
    """M-Bus meters tell whole kilowatt-hours and litres."""
    return {"6.0.1.0.0.255": Decimal(register(serial, truth.HEAT, 0, wall) // KILO * KILO),
            "6.0.2.0.0.255": Decimal(register(serial, truth.VOLUME, 0, wall)) / KILO}


def registers(family, serial, wall):
    if family == "mbus":
        return heat_registers(serial, wall)
    return electricity_registers(serial, wall, family == "mercury230")


def profile(family, serial, wall):
    """What the half-hour that begins at `wall` used."""
    return {energy_code(channel, 29, 0): Decimal(register(serial, channel, 0, wall + HALF_HOUR) - register(serial, channel, 0, wall))
            for channel in range(4)}


def moments(archive, days, begun, ended):
    """(required, allowed): moments of the grid for a depth in days, when collection began and ended at these times."""
    def grid(now):
        if archive == "profile":
            return set(range((now - days * DAY) // HALF_HOUR * HALF_HOUR, now // HALF_HOUR * HALF_HOUR, HALF_HOUR))
        if archive == "day":
            return set(range((now - days * DAY) // DAY * DAY, now + 1, DAY))
        first = month_starts(now - days * DAY - 31 * DAY, now - days * DAY + 1)[-1]
        return set(month_starts(first, now + 1))
    before, after = grid(begun), grid(ended)
    return before & after, before | after


def archive_faults(family, serial, archive, got, days, begun, ended):
    """Everything that is wrong with an archive, as lines of text."""
    required, allowed = moments(archive, days, begun, ended)
    value_of = profile if archive == "profile" else registers
    wrong = []
    held = {}
    for (wall, code), value in got.items():
        held.setdefault(wall, {})[code] = value
    for wall in sorted(required - held.keys()):
        wrong.append("%s %s is missing" % (archive, wall_text(wall)))
    for wall in sorted(held):
        if wall not in allowed:
            wrong.append("%s %s is nothing that was owed" % (archive, wall_text(wall)))
            continue
        want = {code: (value, 0) for code, value in value_of(family, serial, wall).items()}
        for code in sorted(want.keys() | held[wall].keys()):
            if want.get(code) != held[wall].get(code):
                wrong.append("%s %s %s: got %s, want %s" % (archive, wall_text(wall), code, held[wall].get(code), want.get(code)))
    return wrong


def current_faults(family, serial, got, begun, ended):
    """Registers only grow: what was read lies between the truth before and after."""
    low, high = (registers_now(family, serial, wall) for wall in (begun, ended))
    wrong = []
    seen = {}
    for (wall, code), (value, quality) in got.items():
        seen[code] = value
        if not begun - 60 <= wall <= ended + 1:
            wrong.append("current %s is stamped %s" % (code, wall_text(wall)))
        if quality:
            wrong.append("current %s has quality %d" % (code, quality))
    for code in sorted(low.keys() | seen.keys()):
        if code not in low or code not in seen:
            wrong.append("current %s: got %s, want %s" % (code, seen.get(code), low.get(code)))
        elif not low[code] <= seen[code] <= high[code]:
            wrong.append("current %s: got %s, want %s..%s" % (code, seen[code], low[code], high[code]))
    return wrong


def registers_now(family, serial, wall):
    if family != "mbus":
        return electricity_registers(serial, wall, True)
    hours = (wall - truth.wall_of("2020-01-01")) // 3600 * 3600
    return dict(heat_registers(serial, wall), **{"0.0.96.8.100.255": Decimal(hours)})


def meter_faults(family, serial, got, depths, begun, ended):
    """All that is wrong with what `readings` of running.py says. `depths`: {archive: days}, "current" among them or not."""
    wrong = []
    for archive in sorted(depths.keys() | got.keys()):
        if archive not in depths:
            wrong.append("%s was not wanted" % archive)
        elif archive == "current":
            wrong += current_faults(family, serial, got.get("current", {}), begun, ended)
        else:
            wrong += archive_faults(family, serial, archive, got.get(archive, {}), depths[archive], begun, ended)
    return wrong
