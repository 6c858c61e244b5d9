// The widget «Статистика собираемости» (S3 2.2.4): group, archive and depth are each person's own and kept for him; the depth is
// counted back from the reader's clock.
import { ExportOutlined, SettingOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Spin, Tooltip } from 'antd';
import dayjs from 'dayjs';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Answer } from '../api/client';
import { useSetting } from '../api/session';
import { dayText } from '../app/format';
import { useRegisterOptions } from '../parts/registers';
import { percentWords, usePercentColor } from './percent';
import { daySpan, lastDays, monthSpan, monthText, rangeText, shortDay, type Range } from './time';

const StatisticsSettings = lazy(() => import('./StatisticsSettings'));

export type Statistics = Answer<'/api/v1/completeness/statistics'>;

export interface Settings {
  group?: string;
  archive: 'day' | 'month' | 'profile' | 'hour';
  /** OBIS codes; none: intervals are counted, whatever is in them. */
  registers?: string[];
  depth: 'day' | 'week' | 'month' | 'own';
  /** Days, or months of the monthly archive, when the depth is one's own. */
  own: number;
}

const preset: Settings = { archive: 'day', depth: 'week', own: 14 };
const days = { day: 1, week: 7, month: 31 };

function rangeOf({ archive, depth, own }: Settings): Range {
  const count = depth === 'own' ? own : days[depth];
  if (archive !== 'month') return lastDays(Math.min(31, count));
  const months = Math.min(12, depth === 'own' ? own : depth === 'month' ? 12 : 1);
  return [dayjs().startOf('month').subtract(months - 1, 'month'), dayjs().startOf('month')];
}

/** A day or month as a column whose height is the share; the words stand below. */
function Strip({ parts, row, months }: { parts: string[]; row: Statistics['items'][number]; months: boolean }) {
  const color = usePercentColor();
  return (
    <div style={{ display: 'flex', gap: 3, alignItems: 'flex-end', overflowX: 'auto', paddingBottom: 4 }} tabIndex={0} role="group" aria-label={row.title}>
      {parts.map((part, i) => {
        const percent = row.parts[i];
        return (
          <Tooltip key={part} title={`${dayText(part)}: ${percentWords(percent)}`}>
            <div style={{ flex: '1 0 34px', textAlign: 'center', fontSize: 12 }}>
              <div style={{ height: 30, display: 'flex', alignItems: 'flex-end', background: 'var(--svod-color-fill-tertiary)', borderRadius: 3 }}>
                <div style={{ width: '100%', height: `${Math.max(2, Number(percent ?? 0))}%`, background: color(percent), opacity: 0.75, borderRadius: 3 }} />
              </div>
              <div className="number" style={{ textAlign: 'center' }}>{percent === null ? '—' : Math.floor(Number(percent))}</div>
              <div className="faint">{months ? monthText(part) : shortDay(part)}</div>
            </div>
          </Tooltip>
        );
      })}
    </div>
  );
}

export function StatisticsWidget() {
  const { t } = useTranslation('seeing');
  const [settings, keep] = useSetting<Settings>('home.statistics', preset);
  const [open, setOpen] = useState(false);
  const months = settings.archive === 'month', range = rangeOf(settings);
  const query = { archive: settings.archive, group: settings.group, by: 'group', size: 1000, registers: settings.registers?.length ? settings.registers : undefined, ...(months ? monthSpan(range) : daySpan(range)) };
  const { data, error, isPending } = useQuery({
    queryKey: ['/completeness/statistics', query], queryFn: ({ signal }) => api.get<Statistics>('/completeness/statistics', query, signal),
  });
  const link = `/statistics?archive=${settings.archive}&range=${rangeText(range)}`;
  return (
    <section className="panel" aria-label={t('widget.title')} data-testid="statistics-widget">
      <div className="card-head">
        <h2>{t('widget.title')}</h2>
        <Tooltip title={t('widget.settings')}><Button type="text" size="small" icon={<SettingOutlined />} aria-label={t('widget.settings')} onClick={() => setOpen(true)} /></Tooltip>
        <Tooltip title={t('home.details')}><Link to={link} aria-label={`${t('home.details')}: ${t('widget.title')}`}><ExportOutlined /></Link></Tooltip>
      </div>
      <div className="faint" style={{ marginBottom: 8 }}>{t(`archive.${settings.archive}`)} · {settings.group ?? t('widget.allGroups')}{settings.registers?.length ? <> · <RegisterNames {...settings} registers={settings.registers} /></> : ''}</div>
      {error && <Alert type="error" showIcon title={error.message} />}
      {isPending ? <Spin /> : data && (data.items.length === 0 ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('widget.empty')} /> : <Rows data={data} months={months} />)}
      {open && <Suspense><StatisticsSettings open settings={settings} onClose={() => setOpen(false)} keep={keep} /></Suspense>}
    </section>
  );
}

function RegisterNames({ archive, registers }: { archive: string; registers: string[] }) {
  const offered = useRegisterOptions(archive)?.flatMap(({ options }) => options);
  return registers.map((code) => offered?.find((one) => one.value === code)?.label ?? code).join('; ');
}

const SHOWN = 8;

/** The groups with the least first: what is whole needs no eyes. */
function Rows({ data, months }: { data: Statistics; months: boolean }) {
  const { t } = useTranslation('seeing');
  const color = usePercentColor();
  const rows = [...data.items].sort((a, b) => Number(a.percent ?? 101) - Number(b.percent ?? 101)).slice(0, SHOWN);
  return (
    <>
      {rows.map((row) => (
        <div key={row.key} style={{ marginBottom: 6 }}>
          <div style={{ display: 'flex' }}><span style={{ flex: 1 }}>{row.title || t('statistics.noGroup')}</span><b style={{ color: color(row.percent) }}>{percentWords(row.percent)}</b></div>
          <Strip parts={data.parts} row={row} months={months} />
        </div>
      ))}
    </>
  );
}
