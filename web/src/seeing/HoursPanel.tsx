// By which hour the days were whole: the share of devices at a chosen hour, day by day, and how each day came in.
import { useQuery } from '@tanstack/react-query';
import { Alert, Select, Spin } from 'antd';
import type { Dayjs } from 'dayjs';
import dayjs from 'dayjs';
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { useSetting } from '../api/session';
import { countText, dayText, percentText, timeText } from '../app/format';
import { Chart, chartBase, useChartColors } from './Chart';
import { usePercentColor } from './percent';
import { wall } from './time';

type Arrival = Row<'/api/v1/completeness/hours'>;

const HOURS = 48;

/** Wall clock `hours` after the day's data could first exist. */
const clockAt = (one: Arrival, hours: number) => wall(dayjs(one.since).add(hours, 'hour'));

/** Whole by the end of that hour; undefined while the hour has not come, or was not observed. */
function wholeBy(one: Arrival, hours: number): number | undefined {
  if (!one.hours.length || dayjs(one.since).add(hours, 'hour').isAfter(dayjs())) return undefined;
  return one.hours[hours - 1];
}

export function HoursPanel({ archive, group, until }: { archive: 'day' | 'profile' | 'hour'; group?: string; until: Dayjs }) {
  const { t } = useTranslation('seeing');
  const [hour, setHour] = useSetting('completeness.hour', 9);
  const color = usePercentColor();
  const query = { archive, group, from: wall(until.startOf('day').subtract(6, 'day')), to: wall(until.startOf('day').add(1, 'day')) };
  const { data, error, isPending } = useQuery({ queryKey: ['/completeness/hours', query], queryFn: ({ signal }) => api.get<{ items: Arrival[] }>('/completeness/hours', query, signal) });
  const days = (data?.items ?? []).filter((one) => one.devices > 0);
  if (isPending) return <div className="panel"><Spin /></div>;
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (days.length === 0) return null;
  return (
    <section className="panel" aria-label={t('completeness.hourTitle')}>
      <div className="card-head">
        <h2>{t('completeness.hourTitle')}</h2>
        <Select value={hour} onChange={setHour} aria-label={t('completeness.hour')} style={{ width: 110 }} options={Array.from({ length: 24 }, (_, i) => ({ value: i + 1, label: `${t('completeness.hour')} ${i + 1}:00` }))} popupMatchSelectWidth={false} />
      </div>
      <table className="plain-table" style={{ marginBottom: 8 }}>
        <thead><tr><th scope="col">{t('completeness.day')}</th><th scope="col" className="number">{t('completeness.byHour', { time: `${hour}:00` })}</th><th scope="col" className="number">{t('completeness.now')}</th><th scope="col" className="number">{t('completeness.devices')}</th></tr></thead>
        <tbody>
          {[...days].reverse().map((one) => {
            const whole = wholeBy(one, hour);
            return (
              <tr key={one.day}>
                <th scope="row">{dayText(one.day)}</th>
                <td className="number" title={timeText(clockAt(one, hour), false)} style={{ color: color(whole === undefined ? null : (whole * 100) / one.devices) }}>{whole === undefined ? '—' : percentText(whole, one.devices)}</td>
                <td className="number" style={{ color: color((one.whole * 100) / one.devices) }}>{percentText(one.whole, one.devices)}</td>
                <td className="number">{countText(one.devices)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {days.some((one) => one.hours.length) ? <HoursChart days={days} hour={hour} /> : <div className="faint">{t('completeness.noHours')}</div>}
    </section>
  );
}

function HoursChart({ days, hour }: { days: Arrival[]; hour: number }) {
  const { t } = useTranslation('seeing');
  const colors = useChartColors();
  const option = useMemo<EChartsCoreOption>(() => {
    const base = chartBase(colors), noted = days.filter((one) => one.hours.length).slice(-7);
    return {
      ...base,
      grid: { left: 52, right: 16, top: 32, bottom: 28 },
      legend: { top: 0, type: 'scroll', icon: 'roundRect', itemWidth: 16, itemHeight: 4, textStyle: { color: colors.text } },
      xAxis: { type: 'category', data: Array.from({ length: HOURS }, (_, i) => `+${i + 1}`), axisLabel: { color: colors.faint }, axisLine: { lineStyle: { color: colors.line } } },
      yAxis: { type: 'value', max: 100, axisLabel: { color: colors.faint, formatter: '{value} %' }, splitLine: { lineStyle: { color: colors.line } } },
      tooltip: {
        ...(base.tooltip as object), trigger: 'axis',
        formatter: (points: { dataIndex: number; seriesIndex: number }[]) => [t('completeness.hourLabel', { count: (points[0]?.dataIndex ?? 0) + 1 }),
          ...points.map((point) => `${dayText(noted[point.seriesIndex].day)}: <b>${percentText(wholeBy(noted[point.seriesIndex], point.dataIndex + 1) ?? 0, noted[point.seriesIndex].devices)}</b> (${countText(wholeBy(noted[point.seriesIndex], point.dataIndex + 1) ?? 0)})`)].join('<br>'),
      },
      series: noted.map((one, i) => ({
        name: dayText(one.day), type: 'line', step: 'end', showSymbol: false, lineStyle: { width: i === noted.length - 1 ? 2.5 : 1.2 },
        data: Array.from({ length: HOURS }, (_, h) => { const whole = wholeBy(one, h + 1); return whole === undefined ? null : (whole * 100) / one.devices; }),
        markLine: i === 0 ? { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: colors.faint, type: 'dashed' }, data: [{ xAxis: hour - 1 }] } : undefined,
      })),
    };
  }, [days, hour, colors, t]);
  return <Chart option={option} height={220} label={t('completeness.hourChart')} />;
}
