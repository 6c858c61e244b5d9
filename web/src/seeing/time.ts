// Meters' wall time as the API writes it (no zone), ranges of it, and the words of the address they are kept in.
import dayjs, { type Dayjs } from 'dayjs';
import { useSearchParams } from 'react-router';
import { dayText } from '../app/format';
import { currentLanguage } from '../app/i18n';

export type Range = [Dayjs, Dayjs];

export const wall = (moment: Dayjs) => moment.format('YYYY-MM-DDTHH:mm:ss');
export const date = (moment: Dayjs) => moment.format('YYYY-MM-DD');

/** Days [from, to] as the API's span, whose end is not included. */
export const daySpan = ([from, to]: Range) => ({ from: wall(from.startOf('day')), to: wall(to.startOf('day').add(1, 'day')) });
export const monthSpan = ([from, to]: Range) => ({ from: wall(from.startOf('month')), to: wall(to.startOf('month').add(1, 'month')) });

/** Words of the address that a panel keeps its state in, apart from those of others; an empty one goes. */
export function useWords(prefix: string): [(key: string) => string | null, (part: Record<string, string | undefined>) => void] {
  const [words, setWords] = useSearchParams();
  const put = (part: Record<string, string | undefined>) => setWords((former) => {
    const next = new URLSearchParams(former);
    for (const [key, value] of Object.entries(part)) {
      if (value) next.set(prefix + key, value);
      else next.delete(prefix + key);
    }
    return next;
  }, { replace: true });
  return [(key) => words.get(prefix + key), put];
}

/** "21.11" or "11-21"; "11.2026" or "2026-11". */
export const shortDay = (time: string) => (currentLanguage() === 'en' ? dayText(time).slice(5) : dayText(time).slice(0, 5));
export const monthText = (time: string) => (currentLanguage() === 'en' ? dayText(time).slice(0, 7) : dayText(time).slice(3));

export const lastDays = (days: number): Range => [dayjs().startOf('day').subtract(days - 1, 'day'), dayjs().startOf('day')];

/** A range in the address: "2026-11-01~2026-11-21". */
export const rangeText = ([from, to]: Range) => `${date(from)}~${date(to)}`;
export function rangeRead(text: string | null, preset: Range): Range {
  const [from, to] = (text ?? '').split('~').map((part) => dayjs(part));
  return from?.isValid() && to?.isValid() && !to.isBefore(from) ? [from, to] : preset;
}
