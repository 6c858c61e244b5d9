// The heat map of communication (S3 2.2.14): a day, week, month or year, of all devices together or each in a row.
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Button, DatePicker, Empty, Input, Pagination, Segmented, Select, Spin } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { countText, dayText, zoneText } from '../app/format';
import { currentLanguage } from '../app/i18n';
import { PageFrame } from '../parts/page';
import { CollectionLine } from './collect';
import { useGroups } from './groups';
import { HeatChart, HeatLegend, type HeatCell } from './HeatChart';
import './seeing.css';
import { date, monthText, shortDay, useWords, wall } from './time';

type Fleet = Answer<'/api/v1/contacts'>;
type Page = Answer<'/api/v1/contacts/devices'>;
type Period = 'day' | 'week' | 'month' | 'year';
type View = 'fleet' | 'devices';

const PAGE = 40;

interface Choice {
  period: Period;
  view: View;
  start: Dayjs;
  group?: string;
  search?: string;
  sort: string;
  page: number;
}

/** The first day of the period that holds it; weeks begin on Monday. */
function startOf(at: Dayjs, period: Period): Dayjs {
  return period === 'week' ? at.startOf('day').subtract((at.day() + 6) % 7, 'day') : at.startOf(period);
}

function useChoice(): [Choice, (part: Record<string, string | undefined>) => void] {
  const [word, change] = useWords('');
  const period = (word('period') ?? 'day') as Period, asked = dayjs(word('date') ?? undefined);
  const put = (part: Record<string, string | undefined>) => change({ page: undefined, ...part });
  return [{ period, view: (word('view') ?? 'fleet') as View, start: startOf(asked.isValid() ? asked : dayjs(), period), group: word('group') ?? undefined, search: word('q') ?? undefined,
            sort: word('sort') ?? 'worst', page: Number(word('page')) || 1 }, put];
}

export default function HeatMapPage() {
  const { t } = useTranslation('seeing');
  const [choice, put] = useChoice();
  const groups = useGroups();
  const [typed, setTyped] = useState(choice.search ?? '');
  const { period, view, start } = choice;
  const move = (by: number) => put({ date: date(start.add(by, period)) });
  return (
    <PageFrame title={t('heat.title')}>
      <div className="toolbar">
        <Segmented value={period} aria-label={t('heat.period')} onChange={(next) => put({ period: next })} options={(['day', 'week', 'month', 'year'] as const).map((value) => ({ value, label: t(`heat.${value}`) }))} />
        <Button icon={<LeftOutlined />} aria-label={t('heat.previous')} onClick={() => move(-1)} />
        <DatePicker value={start} allowClear={false} picker={period === 'day' ? 'date' : period === 'week' ? 'week' : period} aria-label={t('heat.period')} onChange={(next) => next && put({ date: date(next) })}
          format={(at) => periodText(startOf(at, period), period)} style={{ width: period === 'week' ? 220 : 150 }} />
        <Button icon={<RightOutlined />} aria-label={t('heat.next')} disabled={start.add(1, period).isAfter(dayjs())} onClick={() => move(1)} />
        <Segmented value={view} aria-label={t('heat.view')} onChange={(next) => put({ view: next })} options={[{ value: 'fleet', label: t('heat.fleet') }, { value: 'devices', label: t('heat.byDevice') }]} />
        <Select allowClear value={choice.group} placeholder={t('widget.allGroups')} aria-label={t('widget.group')} style={{ minWidth: 160 }} showSearch={{ optionFilterProp: 'label' }}
          onChange={(next: string | undefined) => put({ group: next })} options={groups.map((title) => ({ value: title, label: title }))} />
        <Input.Search allowClear value={typed} placeholder={t('heat.search')} aria-label={t('heat.search')} style={{ width: 180 }} onChange={(e) => setTyped(e.target.value)} onSearch={(value) => put({ q: value })} />
        {view === 'devices' && (
          <Select value={choice.sort} aria-label={t('heat.sort')} onChange={(next) => put({ sort: next })} style={{ minWidth: 170 }} options={(['worst', 'serial', 'group'] as const).map((value) => ({ value, label: t(`heat.${value}`) }))} />
        )}
      </div>
      <CollectionLine quiet />
      {view === 'fleet' ? <FleetMap choice={choice} /> : <DeviceMap choice={choice} turn={(page) => put({ page: String(page) })} />}
      <HeatLegend />
    </PageFrame>
  );
}

function periodText(start: Dayjs, period: Period): string {
  const day = (at: Dayjs) => dayText(date(at));
  return period === 'day' ? day(start) : period === 'week' ? `${day(start)} — ${day(start.add(6, 'day'))}` : period === 'month' ? start.locale(currentLanguage()).format('MMMM YYYY') : start.format('YYYY');
}

const spanOf = ({ start, period }: Choice) => ({ from: wall(start), to: wall(start.add(1, period)) });

/** Hours go by the server's clock; said where the reader's shows another time. */
function HoursZone({ minutes }: { minutes: number }) {
  const { t } = useTranslation('seeing');
  return minutes === -new Date().getTimezoneOffset() ? null : <div className="quiet">{t('heat.zone', { zone: zoneText(minutes) })}</div>;
}

/** The devices of one day, the worst first. */
function dayLink(day: string, { group, search }: Choice): string {
  const words = new URLSearchParams({ period: 'day', date: day, view: 'devices', ...(group && { group }), ...(search && { q: search }) });
  return `/heatmap?${words}`;
}

/** All devices as one: days down and hours across; months down and days across for a year. */
function FleetMap({ choice }: { choice: Choice }) {
  const year = choice.period === 'year';
  const query = { ...spanOf(choice), step: year ? 'day' : 'hour', group: choice.group, search: choice.search };
  const { data, error, isPending } = useQuery({ queryKey: ['/contacts', query], placeholderData: keepPreviousData, queryFn: ({ signal }) => api.get<Fleet>('/contacts', query, signal) });
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (isPending) return <Spin />;
  const rows = [...new Set(data.cells.map((cell) => cell.slice(0, year ? 7 : 10)))];
  const columns = year ? Array.from({ length: 31 }, (_, i) => String(i + 1)) : Array.from({ length: 24 }, (_, i) => String(i).padStart(2, '0'));
  const cells = data.cells.map((cell, i): HeatCell => ({
    row: rows.indexOf(cell.slice(0, year ? 7 : 10)), column: year ? Number(cell.slice(8, 10)) - 1 : Number(cell.slice(11, 13)), good: data.good[i], failed: data.failed[i],
    words: year ? dayText(cell) : `${dayText(cell)} ${cell.slice(11, 16)}`, to: dayLink(cell.slice(0, 10), choice),
  }));
  return <><Map cells={cells} rows={rows.map((row) => (year ? dayjs(`${row}-01`).locale(currentLanguage()).format('MMMM') : shortDay(row)))} columns={columns} title={periodText(choice.start, choice.period)} />{!year && <HoursZone minutes={data.zone_minutes} />}</>;
}

function Map({ cells, rows, columns, title }: { cells: HeatCell[]; rows: string[]; columns: string[]; title: string }) {
  const { t } = useTranslation('seeing');
  if (cells.every((cell) => !cell.good && !cell.failed)) return <div className="panel"><Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('heat.empty')} /></div>;
  return <div className="panel"><HeatChart cells={cells} rows={rows} columns={columns} label={t('heat.chart', { title })} /></div>;
}

/** A row for each device: hours of a day, hours of a week, days of a month, months of a year. */
function DeviceMap({ choice, turn }: { choice: Choice; turn: (page: number) => void }) {
  const { t } = useTranslation('seeing');
  const step = choice.period === 'year' ? 'month' : choice.period === 'month' ? 'day' : 'hour';
  const query = { ...spanOf(choice), step, group: choice.group, search: choice.search, sort: choice.sort, page: choice.page, size: PAGE };
  const { data, error, isPending } = useQuery({ queryKey: ['/contacts/devices', query], placeholderData: keepPreviousData, queryFn: ({ signal }) => api.get<Page>('/contacts/devices', query, signal) });
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (isPending) return <Spin />;
  const cellText = (cell: string) => (step === 'hour' ? `${dayText(cell)} ${cell.slice(11, 16)}` : step === 'day' ? dayText(cell) : monthText(cell));
  const head = (cell: string) => (step === 'month' ? dayjs(cell).locale(currentLanguage()).format('MMM') : step === 'day' ? cell.slice(8, 10) : choice.period === 'week' ? `${shortDay(cell)} ${cell.slice(11, 13)}` : cell.slice(11, 13));
  const cells = data.items.flatMap((device, row) => data.cells.map((cell, column): HeatCell => ({ row, column, good: device.good[column], failed: device.failed[column], words: `${device.serial} · ${device.title}\n${cellText(cell)}`, to: `/devices/${device.device}?tab=exchange` })));
  return (
    <>
      <Map cells={cells} rows={data.items.map((device) => device.serial)} columns={data.cells.map(head)} title={periodText(choice.start, choice.period)} />
      {step === 'hour' && <HoursZone minutes={data.zone_minutes} />}
      <Pagination size="small" current={choice.page} pageSize={PAGE} total={data.total} onChange={turn} showSizeChanger={false} hideOnSinglePage
        showTotal={(total, [from, to]) => t('heat.total', { from: countText(from), to: countText(to), total: countText(total) })} />
    </>
  );
}
