// Filters of columns of moments: <key>_from and <key>_to in the address and in the question, days whose last is not included.
import { dayText } from '../../app/format';

/** The first day and the last, both included; "YYYY-MM-DD". */
export interface Days {
  from?: string;
  to?: string;
}

type Filters = Record<string, string>;

function dayAfter(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}

/** The reader's own day, so many days on. */
export const today = (days = 0) => dayAfter(ownDay(new Date().toISOString()), days);

export function daysOf(filters: Filters, key: string): Days {
  const end = filters[`${key}_to`];
  return { from: filters[`${key}_from`], to: end && dayAfter(end, -1) };
}

export function withDays(filters: Filters, key: string, { from, to }: Days): Filters {
  const { [`${key}_from`]: _from, [`${key}_to`]: _to, ...rest } = filters;
  return { ...rest, ...(from ? { [`${key}_from`]: from } : {}), ...(to ? { [`${key}_to`]: dayAfter(to, 1) } : {}) };
}

/** "21.11.2026 — 22.11.2026"; "… —" and "— …" where one end is open; empty when nothing is chosen. */
export function daysText({ from, to }: Days): string {
  return from || to ? `${from ? dayText(from) : '…'} — ${to ? dayText(to) : '…'}` : '';
}

/** Whether a moment of a row at hand is within the filter, by the day on which the reader sees it. */
export function within(filters: Filters, key: string, moment: unknown): boolean {
  const { from, to } = daysOf(filters, key);
  if (!from && !to) return true;
  if (typeof moment !== 'string') return false;
  const day = ownDay(moment);
  return (!from || day >= from) && (!to || day <= to);
}

/** The reader's own day of a moment, "YYYY-MM-DD". */
function ownDay(moment: string): string {
  const at = new Date(moment.endsWith('Z') ? moment : `${moment}Z`);
  const minutes = moment.endsWith('Z') ? at.getTimezoneOffset() : 0;
  return new Date(at.getTime() - minutes * 60_000).toISOString().slice(0, 10);
}
