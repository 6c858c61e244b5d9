// When a task runs (S3 2.2.22 step 3): in the person's own zone, with a sentence and the next five moments as the server counts them.
import { CloseOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, DatePicker, InputNumber, Select, TimePicker } from 'antd';
import dayjs from 'dayjs';
import { useDeferredValue, useId, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { currentLanguage } from '../app/i18n';
import type { Schedule, ScheduleKind } from './types';
import { browserZone, monthName, scheduleText, untilText, weekdayName, zonedText, type Words } from './words';

const kinds: ScheduleKind[] = ['once', 'minutes', 'hours', 'daily', 'weekly', 'monthly', 'yearly'];
const timed = (kind: ScheduleKind) => kind === 'daily' || kind === 'weekly' || kind === 'monthly' || kind === 'yearly';

/** A schedule of a kind, with what it needs. */
export function newSchedule(kind: ScheduleKind, former?: Schedule | null): Schedule {
  const start = former?.start ?? dayjs().format('YYYY-MM-DDT00:00:00');
  if (kind === 'once') return { kind, start: former?.start ?? dayjs().add(1, 'day').format('YYYY-MM-DDT01:00:00') };
  if (!timed(kind)) return { kind, start, every: kind === 'minutes' ? 30 : 4 };
  const times = former?.times?.length ? former.times : ['01:00'];
  return { kind, start, times, ...(kind === 'weekly' ? { weekdays: [1] } : {}), ...(kind === 'monthly' || kind === 'yearly' ? { days: [1] } : {}), ...(kind === 'yearly' ? { months: [1] } : {}) };
}

function Row({ label, children, problem }: { label: string; children: (id: string) => ReactNode; problem?: string }) {
  const id = useId();
  return (
    <div style={{ display: 'grid', gap: 2, minWidth: 0 }}>
      <label htmlFor={id} style={{ fontSize: 13 }}>{label}</label>{children(id)}
      {problem && <span role="alert" style={{ color: 'var(--svod-color-error-text)' }}>{problem}</span>}
    </div>
  );
}

function Times({ value, onChange }: { value: string[]; onChange: (times: string[]) => void }) {
  const { t } = useTranslation('collection');
  return (
    <span className="toolbar">
      {value.map((time, i) => (
        <span key={i} style={{ display: 'inline-flex' }}>
          <TimePicker value={dayjs(`2026-01-01T${time}`)} format="HH:mm" allowClear={false} showNow={false} needConfirm={false} style={{ width: 92 }} aria-label={t('schedule.time', { n: i + 1 })}
            onChange={(next) => next && onChange(value.map((old, k) => (k === i ? next.format('HH:mm') : old)))} />
          {value.length > 1 && <Button type="text" icon={<CloseOutlined />} aria-label={t('schedule.dropTime', { time })} onClick={() => onChange(value.filter((_, k) => k !== i))} />}
        </span>
      ))}
      {value.length < 48 && <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...value, nextTime(value)])}>{t('schedule.addTime')}</Button>}
    </span>
  );
}

/** The last time and six hours, so that a new one is not a double. */
function nextTime(times: string[]): string {
  for (let hours = 6; hours < 24; hours++) {
    const next = dayjs(`2026-01-01T${times.at(-1) ?? '01:00'}`).add(hours, 'hour').format('HH:mm');
    if (!times.includes(next)) return next;
  }
  return '00:00';
}

/** Days of the month; 0 is the last one. */
function MonthDays({ value, onChange }: { value: number[]; onChange: (days: number[]) => void }) {
  const { t } = useTranslation('collection');
  const toggle = (day: number) => onChange(value.includes(day) ? value.filter((d) => d !== day) : [...value, day]);
  return (
    <span role="group" aria-label={t('schedule.days')} style={{ display: 'flex', flexWrap: 'wrap', gap: 4, maxWidth: 420 }}>
      {[...Array.from({ length: 31 }, (_, i) => i + 1), 0].map((day) => (
        <Button key={day} size="small" type={value.includes(day) ? 'primary' : 'default'} aria-pressed={value.includes(day)} style={{ minWidth: 36 }} onClick={() => toggle(day)}>{day || t('schedule.lastDay')}</Button>
      ))}
    </span>
  );
}

function useZones(now: string): { value: string; label: string }[] {
  return useMemo(() => {
    const names = new Set([now, browserZone(), 'UTC', ...Intl.supportedValuesOf('timeZone')].filter(Boolean));
    const offset = (zone: string) => {
      try {
        return new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(new Date()).find((p) => p.type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? '';
      } catch {
        return '';
      }
    };
    return [...names].map((zone) => ({ value: zone, label: `${zone} ${zone === 'UTC' ? '' : offset(zone)}`.trim() }));
  }, [now]);
}

/** The next five moments, and how far the first is. */
function Moments({ schedule, zone }: { schedule: Schedule; zone: string }) {
  const { t } = useTranslation('collection');
  const asked = useDeferredValue(schedule);
  const { data, error } = useQuery({
    queryKey: ['/schedule/next', asked, zone], retry: false, placeholderData: (former) => former,
    queryFn: () => api.post<{ next: string[] }>('/schedule/next', { schedule: asked, zone }),
  });
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (!data) return null;
  if (data.next.length === 0) return <Alert type="warning" showIcon title={t('schedule.noNext')} />;
  const utc = (moment: string) => new Intl.DateTimeFormat(currentLanguage() === 'en' ? 'en-GB' : 'ru', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(moment));
  return (
    <div data-testid="next-runs">
      <div>{t('schedule.nextRun', { when: zonedText(data.next[0], zone), until: untilText(data.next[0]) })}</div>
      <ol style={{ margin: '6px 0 0', paddingInlineStart: 22, color: 'var(--svod-color-text-secondary)' }} aria-label={t('schedule.nextFive')}>
        {data.next.map((moment) => <li key={moment}>{zonedText(moment, zone)}{zone !== 'UTC' && <span style={{ fontSize: 12 }}> ({utc(moment)} UTC)</span>}</li>)}
      </ol>
    </div>
  );
}

interface Props {
  value: Schedule | null;
  zone: string;
  onChange: (schedule: Schedule | null) => void;
  onZone: (zone: string) => void;
  problems: (field: string) => string | undefined;
  /** There is no «no schedule». */
  needed?: boolean;
  /** The longest period in minutes. */
  minutesMost?: number;
}

export function ScheduleEditor({ value, zone, onChange, onZone, problems, needed = false, minutesMost = 44640 }: Props) {
  const { t } = useTranslation('collection');
  const zones = useZones(zone);
  const put = (part: Partial<Schedule>) => value && onChange({ ...value, ...part });
  return (
    <div className="panel" style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(min(300px, 100%), 1fr))' }} data-testid="schedule">
      <div style={{ display: 'grid', gap: 12, alignContent: 'start' }}>
        <Row label={t('schedule.kind')} problem={problems('schedule.kind') ?? problems('schedule')}>
          {(id) => <Select id={id} value={value?.kind ?? 'none'} style={{ maxWidth: 320, width: '100%' }} onChange={(kind) => onChange(kind === 'none' ? null : newSchedule(kind as ScheduleKind, value))}
            options={[...(needed ? [] : [{ value: 'none', label: t('schedule.none') }]), ...kinds.map((kind) => ({ value: kind, label: t(`schedule.kinds.${kind}`) }))]} />}
        </Row>
        {value && !timed(value.kind) && value.kind !== 'once' && (
          <Row label={t(value.kind === 'minutes' ? 'schedule.everyMinutes' : 'schedule.everyHours')} problem={problems('schedule.every')}>
            {(id) => <InputNumber id={id} min={1} max={value.kind === 'minutes' ? minutesMost : 744} precision={0} value={value.every} onChange={(every) => put({ every: every ?? 1 })} style={{ width: 120 }} />}
          </Row>
        )}
        {value?.kind === 'weekly' && (
          <Row label={t('schedule.weekdays')} problem={problems('schedule.weekdays')}>
            {() => <Checkbox.Group value={value.weekdays} onChange={(days) => put({ weekdays: (days as number[]).sort() })} options={[1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: day, label: weekdayName(day) }))} />}
          </Row>
        )}
        {value?.kind === 'yearly' && (
          <Row label={t('schedule.months')} problem={problems('schedule.months')}>
            {(id) => <Select id={id} mode="multiple" value={value.months} onChange={(months: number[]) => put({ months: [...months].sort((a, b) => a - b) })} options={Array.from({ length: 12 }, (_, i) => ({ value: i + 1, label: monthName(i + 1) }))} style={{ maxWidth: 320, width: '100%' }} />}
          </Row>
        )}
        {(value?.kind === 'monthly' || value?.kind === 'yearly') && <Row label={t('schedule.days')} problem={problems('schedule.days')}>{() => <MonthDays value={value.days ?? []} onChange={(days) => put({ days })} />}</Row>}
        {value && timed(value.kind) && <Row label={t('schedule.times')} problem={problems('schedule.times')}>{() => <Times value={value.times ?? []} onChange={(times) => put({ times })} />}</Row>}
        {value && (
          <Row label={t(value.kind === 'once' ? 'schedule.moment' : 'schedule.start')} problem={problems('schedule.start')}>
            {(id) => <DatePicker id={id} showTime={{ format: 'HH:mm' }} format={currentLanguage() === 'en' ? 'YYYY-MM-DD HH:mm' : 'DD.MM.YYYY HH:mm'} allowClear={false} needConfirm={false} value={dayjs(value.start)}
              onChange={(at) => at && put({ start: at.format('YYYY-MM-DDTHH:mm:00') })} style={{ width: 200 }} />}
          </Row>
        )}
        {value && (
          <Row label={t('schedule.zone')} problem={problems('zone')}>
            {(id) => <Select id={id} value={zone || undefined} placeholder={t('schedule.ownZone')} allowClear={needed} onChange={(next?: string) => onZone(next ?? '')} showSearch={{ optionFilterProp: 'label' }} options={zones} style={{ maxWidth: 320, width: '100%' }} />}
          </Row>
        )}
      </div>
      <div style={{ alignContent: 'start', display: 'grid', gap: 6 }}>
        <b data-testid="schedule-sentence">{scheduleText(value, t as Words)}</b>
        {value ? <Moments schedule={value} zone={zone} /> : <span className="quiet">{t('schedule.noneHint')}</span>}
      </div>
    </div>
  );
}
