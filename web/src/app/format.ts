// Numbers, times and durations as people of a language write them. Values keep every digit that the meter gave.
import { currentLanguage } from './i18n';

/** A reading: digits as they came, the decimal mark of the language, groups of three divided by a thin space. */
export function valueText(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return '—';
  const [whole, part] = String(value).split('.');
  const sign = whole.startsWith('-') ? '−' : '';
  const digits = whole.replace('-', '');
  const grouped = digits.length > 4 ? digits.replace(/\B(?=(\d{3})+$)/g, '\u202f') : digits;
  return sign + grouped + (part === undefined ? '' : (currentLanguage() === 'en' ? '.' : ',') + part);
}

/** A count. */
export function countText(count: number): string {
  return new Intl.NumberFormat(currentLanguage()).format(count);
}

/** Per cent with at most two digits after the mark; 99.999 is never shown as 100. */
export function percentText(part: number, whole: number): string {
  if (!whole) return '—';
  const value = Math.floor((part * 10000) / whole) / 100;
  return `${new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 2 }).format(value)}\u00a0%`;
}

const two = (n: number) => String(n).padStart(2, '0');

function dateText(d: Date, utc: boolean, seconds: boolean): string {
  const [year, month, day, hour, minute, second] = utc
    ? [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()]
    : [d.getFullYear(), d.getMonth(), d.getDate(), d.getHours(), d.getMinutes(), d.getSeconds()];
  const date = currentLanguage() === 'en' ? `${year}-${two(month + 1)}-${two(day)}` : `${two(day)}.${two(month + 1)}.${year}`;
  return `${date} ${two(hour)}:${two(minute)}${seconds ? `:${two(second)}` : ''}`;
}

/** A moment: "…Z" is UTC and shown in the reader's zone; without Z it is a meter's own wall clock, shown as it is. */
export function timeText(time: string | null | undefined, seconds = true): string {
  if (!time) return '—';
  const utc = !time.endsWith('Z');
  return dateText(new Date(utc ? `${time}Z` : time), utc, seconds);
}

export function dayText(time: string | null | undefined): string {
  return time ? timeText(time.length === 10 ? `${time}T00:00:00` : time, false).slice(0, 10) : '—';
}

/** "2 мин 05 с". */
export function durationText(ms: number): string {
  const s = Math.round(ms / 1000), en = currentLanguage() === 'en';
  if (s < 60) return `${ms < 10_000 ? (Math.round(ms / 100) / 10).toString().replace('.', en ? '.' : ',') : s} ${en ? 's' : 'с'}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${en ? 'min' : 'мин'} ${two(s % 60)} ${en ? 's' : 'с'}`;
  return `${Math.floor(s / 3600)} ${en ? 'h' : 'ч'} ${two(Math.floor((s % 3600) / 60))} ${en ? 'min' : 'мин'}`;
}

/** "1,4 МиБ". */
export function bytesText(bytes: number): string {
  const units = currentLanguage() === 'en' ? ['B', 'KiB', 'MiB', 'GiB', 'TiB'] : ['Б', 'КиБ', 'МиБ', 'ГиБ', 'ТиБ'];
  let at = 0;
  while (bytes >= 1024 && at < units.length - 1) {
    bytes /= 1024;
    at++;
  }
  return `${new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: at ? 1 : 0 }).format(bytes)}\u00a0${units[at]}`;
}

/** Minutes east of UTC as people write them: UTC+03:00. */
export const zoneText = (minutes: number) => `UTC${minutes < 0 ? '−' : '+'}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')}:${String(Math.abs(minutes) % 60).padStart(2, '0')}`;
