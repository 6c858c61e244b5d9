// What is wanted, when and what came of it, as sentences.
import { currentLanguage } from '../app/i18n';
import type { StateKind } from '../parts/state';
import { isRelayCommand, type RunResult, type Schedule, type Work } from './types';

/** i18next's function, of the namespace "collection". */
export type Words = (key: string, options?: Record<string, unknown>) => string;

const kinds: Record<RunResult, StateKind> = {
  pending: 'waiting', success: 'ok', partial: 'partial', error: 'failed', absent: 'never',
  'cancelled-by-schedule': 'never', 'cancelled-by-user': 'never', interrupted: 'failed',
};
export const kindOf = (result: RunResult): StateKind => kinds[result] ?? 'never';

/** "Реле нагрузки", "Реле сигнализации 3". */
export const relayName = (n: number, t: Words) => (n === 0 ? t('relay.load') : t('relay.signal', { number: n }));

/** "Показания на начало суток за 3 дня (A+ T1, A−); события; состояния; команда: включить реле нагрузки". */
export function workText(work: Work | null, t: Words): string {
  if (!work) return '—';
  const parts: string[] = [];
  if (work.owed) parts.push(t('work.owedShort'));
  for (const m of work.measurements) {
    const depth = m.archive === 'current' || m.archive === 'network' ? '' : ` ${t('work.forDays', { count: m.depth_days })}`;
    parts.push(`${t(`archive.${m.archive}`)}${depth}${m.registers.length ? ` (${t('work.registersCount', { count: m.registers.length })})` : ''}`);
  }
  if (work.events) parts.push(work.events.depth_days ? `${t('work.events')} ${t('work.forDays', { count: work.events.depth_days })}` : t('work.events'));
  if (work.contact) parts.push(t('work.contact'));
  if (work.states) parts.push(t('work.states'));
  for (const c of work.commands) parts.push(isRelayCommand(c) ? `${t(`command.${c.kind}`)}: ${relayName(c.relay ?? 0, t).toLowerCase()}` : t(`command.${c.kind}`));
  return parts.join('; ');
}

const listText = (items: string[]) => new Intl.ListFormat(currentLanguage(), { type: 'conjunction' }).format(items);

/** 2026-11-22 was a Sunday; so 23 + n is weekday n + 1. */
export const weekdayName = (day: number, style: 'short' | 'long' = 'short') =>
  new Intl.DateTimeFormat(currentLanguage(), { weekday: style, timeZone: 'UTC' }).format(Date.UTC(2026, 10, 22 + day));

const daysText = (schedule: Schedule, t: Words) => listText([...(schedule.days ?? [])].sort((a, b) => (a || 99) - (b || 99)).map((day) => (day ? String(day) : t('schedule.lastDay'))));

/** «январь», "January". */
export const monthName = (month: number) => new Intl.DateTimeFormat(currentLanguage() === 'en' ? 'en-GB' : 'ru', { month: 'long' }).format(new Date(2026, month - 1, 1));

/** "Каждый день в 01:00 и 13:00". */
export function scheduleText(schedule: Schedule | null, t: Words): string {
  if (!schedule) return t('schedule.none');
  const at = listText([...(schedule.times ?? [])].sort());
  const start = schedule.start.slice(0, 16).replace('T', ' ');
  switch (schedule.kind) {
    case 'once': return t('schedule.onceText', { start });
    case 'minutes': return t('schedule.minutesText', { count: schedule.every ?? 1 });
    case 'hours': return t('schedule.hoursText', { count: schedule.every ?? 1 });
    case 'daily': return t('schedule.dailyText', { at });
    case 'weekly': return t('schedule.weeklyText', { at, days: listText([...(schedule.weekdays ?? [])].sort().map((day) => weekdayName(day))) });
    case 'monthly': return t('schedule.monthlyText', { at, days: daysText(schedule, t) });
    case 'yearly': return t('schedule.yearlyText', { at, days: daysText(schedule, t), months: listText([...(schedule.months ?? [])].sort((a, b) => a - b).map(monthName)) });
  }
}

/** A moment on the clock of a zone: "вс, 22 нояб., 01:00". */
export function zonedText(utc: string, zone: string): string {
  const options: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  try {
    return new Intl.DateTimeFormat(currentLanguage() === 'en' ? 'en-GB' : 'ru', { ...options, timeZone: zone || undefined }).format(new Date(utc));
  } catch {
    return new Intl.DateTimeFormat(currentLanguage(), options).format(new Date(utc)); // a zone this browser does not know
  }
}

/** "через 13 ч", "in 13 hours". */
export function untilText(utc: string, now = Date.now()): string {
  const minutes = Math.max(0, Math.round((Date.parse(utc) - now) / 60_000));
  const words = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'always', style: 'short' });
  if (minutes < 120) return words.format(minutes, 'minute');
  return minutes < 60 * 48 ? words.format(Math.round(minutes / 60), 'hour') : words.format(Math.round(minutes / 1440), 'day');
}

export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || '';

/** A key that makes the server do a thing once however often it is sent. */
export const freshKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
