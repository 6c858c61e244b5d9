// "The last week" of a device's tab: kept in the address, sent as the meter's own time.
import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

const days = { day: 1, week: 7, month: 31, year: 366 } as const;
type Period = keyof typeof days;

export function usePeriod(usual: Period = 'week'): { period: Period; from: string; setPeriod: (period: Period) => void } {
  const [words, setWords] = useSearchParams();
  const asked = words.get('period') as Period | null;
  const period = asked && asked in days ? asked : usual;
  const day = new Date(Date.now() - days[period] * 86_400_000);
  const from = `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}T00:00:00`;
  return { period, from, setPeriod: (next) => setWords((former) => {
    former.set('period', next);
    return former;
  }, { replace: true }) };
}

export function PeriodChoice({ value, onChange }: { value: Period; onChange: (period: Period) => void }) {
  const { t } = useTranslation('devices');
  return <Segmented size="small" aria-label={t('events.period')} value={value} onChange={onChange} options={(Object.keys(days) as Period[]).map((key) => ({ value: key, label: t(`period.${key}`) }))} />;
}
