// Per cents as people compare them: the number, and a colour that only repeats it.
import { useStateColors } from '../parts/state';
import { currentLanguage } from '../app/i18n';
import type { Digits } from './exact';

/** The server rounds down: "99.99" of a hundred thousand is not 100. */
export function percentWords(percent: Digits | null | undefined): string {
  if (percent === null || percent === undefined) return '—';
  const text = String(percent).replace(/\.?0+$/, (zeros) => (zeros.includes('.') ? '' : zeros));
  return `${currentLanguage() === 'en' ? text : text.replace('.', ',')}\u00a0%`;
}

export function usePercentColor() {
  const colors = useStateColors();
  return (percent: Digits | null | undefined) =>
    percent === null || percent === undefined ? colors.never : Number(percent) >= 100 ? colors.ok : Number(percent) >= 90 ? colors.partial : colors.failed;
}

/** A cell: the words over a bar as long as the share. */
export function PercentCell({ percent }: { percent: Digits | null | undefined }) {
  const color = usePercentColor()(percent);
  if (percent === null || percent === undefined) return <span style={{ color }}>—</span>;
  return (
    <span className="percent-cell">
      <span>{percentWords(percent)}</span>
      <span className="percent-bar"><span style={{ width: `${Number(percent)}%`, background: color }} /></span>
    </span>
  );
}
