// A choice of days or months, with the usual ones at hand.
import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../app/i18n';
import { lastDays, type Range } from './time';

interface Props {
  value: Range;
  onChange: (value: Range) => void;
  /** Whole months instead of days. */
  months?: boolean;
  /** Longest range, in days or months. */
  most?: number;
}

export function RangeBox({ value, onChange, months, most }: Props) {
  const { t } = useTranslation('seeing');
  const now = dayjs().startOf('day');
  const fits = (days: number) => !most || days <= most;
  const presets = months
    ? [{ label: t('range.halfYear'), value: [now.subtract(5, 'month').startOf('month'), now] as Range }, { label: t('range.year'), value: [now.subtract(11, 'month').startOf('month'), now] as Range }]
    : [
        { label: t('range.today'), value: lastDays(1), days: 1 },
        { label: t('range.yesterday'), value: [now.subtract(1, 'day'), now.subtract(1, 'day')] as Range, days: 1 },
        { label: t('range.week'), value: lastDays(7), days: 7 },
        { label: t('range.month'), value: [now.startOf('month'), now] as Range, days: 31 },
        { label: t('range.days30'), value: lastDays(30), days: 30 },
      ].filter((preset) => fits(preset.days)).map(({ label, value: days }) => ({ label, value: days }));
  const beyond = (current: dayjs.Dayjs, { from }: { from?: dayjs.Dayjs }) =>
    !!most && !!from && Math.abs(current.startOf(months ? 'month' : 'day').diff(from.startOf(months ? 'month' : 'day'), months ? 'month' : 'day')) >= most;
  return (
    <DatePicker.RangePicker value={value} allowClear={false} presets={presets} picker={months ? 'month' : 'date'} disabledDate={beyond} aria-label={t('range.title')}
      placeholder={[t('range.from'), t('range.to')]} format={months ? 'MM.YYYY' : currentLanguage() === 'en' ? 'YYYY-MM-DD' : 'DD.MM.YYYY'} style={{ width: 240 }}
      onChange={(next) => next?.[0] && next[1] && onChange([next[0], next[1]])} />
  );
}
