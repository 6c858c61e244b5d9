// From when to when, in the reader's own time; kept in the address as UTC.
import { DatePicker } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

const utc = (moment: Dayjs) => new Date(moment.valueOf()).toISOString().slice(0, 19);

/** The period as the server wants it; empty for all time. */
export function usePeriod(): [{ from?: string; to?: string }, (from?: string, to?: string) => void] {
  const [words, setWords] = useSearchParams();
  const set = (from?: string, to?: string) => setWords((former) => {
    const next = new URLSearchParams(former);
    for (const [name, value] of [['from', from], ['to', to]] as const) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    next.delete('page');
    return next;
  }, { replace: true });
  return [{ from: words.get('from') ?? undefined, to: words.get('to') ?? undefined }, set];
}

export function Period() {
  const { t } = useTranslation('house');
  const [{ from, to }, set] = usePeriod();
  const day = dayjs().startOf('day');
  const moment = (text?: string) => (text ? dayjs(`${text}Z`) : null);
  return (
    <DatePicker.RangePicker value={[moment(from), moment(to)]} showTime={{ format: 'HH:mm' }} format="DD.MM.YYYY HH:mm" allowEmpty={[true, true]}
      placeholder={[t('period.from'), t('period.to')]} style={{ width: 330, maxWidth: '100%' }}
      presets={[
        { label: t('period.today'), value: [day, day.add(1, 'day')] },
        { label: t('period.yesterday'), value: [day.subtract(1, 'day'), day] },
        { label: t('period.week'), value: [day.subtract(6, 'day'), day.add(1, 'day')] },
        { label: t('period.month'), value: [day.subtract(29, 'day'), day.add(1, 'day')] },
      ]}
      onChange={(moments) => set(moments?.[0] ? utc(moments[0]) : undefined, moments?.[1] ? utc(moments[1]) : undefined)} />
  );
}
