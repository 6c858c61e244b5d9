// What a device measured: a chart with zoom, missing and doubtful intervals marked, consumption, and every value in a table.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Button, Descriptions, Empty, Segmented, Select, Spin } from 'antd';
import dayjs from 'dayjs';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer, type Row } from '../api/client';
import { countText, timeText, valueText } from '../app/format';
import { useAct } from '../parts/acts';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { difference, sum, type Digits } from './exact';
import { MISSING, Value } from './quality';
import { RangeBox } from './RangeBox';
import { ReadingsChart } from './ReadingsChart';
import { daySpan, lastDays, monthSpan, rangeRead, rangeText, useWords, type Range } from './time';

export type Pivot = Answer<'/api/v1/devices/{id}/readings'>;
export type Gap = Row<'/api/v1/devices/{id}/gaps'>;
export type GridArchive = 'profile' | 'hour' | 'day' | 'month';
type Archive = GridArchive | 'current';

const archives: Archive[] = ['profile', 'hour', 'day', 'month', 'current'];
const ROWS = 5000;

interface Device {
  id: number;
  depths?: Record<string, number>;
}

/** Values are sums of their interval, or registers that only count up. */
export const isInterval = (archive: string) => archive === 'profile' || archive === 'hour';

function usualRange(archive: Archive): Range {
  return archive === 'month' ? [dayjs().subtract(11, 'month').startOf('month'), dayjs().startOf('month')] : lastDays(archive === 'day' ? 31 : 3);
}

export default function ReadingsPanel({ device }: { device: Device }) {
  const { t } = useTranslation('seeing');
  const kept = archives.filter((a) => !device.depths || device.depths[a]);
  const offered = kept.length ? kept : archives;
  const [word, put] = useWords('r.');
  const archive = offered.find((a) => a === word('archive')) ?? offered[0];
  const range = rangeRead(word('range'), usualRange(archive));
  const codes = word('registers');
  const chosen = useMemo(() => codes?.split(',') ?? undefined, [codes]);
  const act = useAct();
  const span = archive === 'month' ? monthSpan(range) : daySpan(range);
  const query = { archive, ...(archive === 'current' ? {} : span) };
  const path = `/devices/${device.id}/readings`;
  const { data, error, isPending, isFetching } = useQuery({
    queryKey: [path, query], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Pivot>(path, { ...query, limit: ROWS }, signal),
  });
  const gaps = useQuery({
    queryKey: [`/devices/${device.id}/gaps`, query], enabled: archive !== 'current',
    queryFn: ({ signal }) => api.get<{ items: Gap[] }>(`/devices/${device.id}/gaps`, query, signal),
  });
  const shown = useMemo(() => choose(data, chosen), [data, chosen]);
  return (
    <div className="page" style={{ padding: 0 }}>
      <div className="toolbar">
        <Segmented value={archive} onChange={(next) => put({ archive: next, range: undefined, registers: undefined, page: undefined })} options={offered.map((a) => ({ value: a, label: t(`archive.${a}`) }))} aria-label={t('archive.title')} />
        {archive !== 'current' && <RangeBox value={range} onChange={(next) => put({ range: rangeText(next), page: undefined })} months={archive === 'month'} most={archive === 'month' ? 120 : 370} />}
        <Select mode="multiple" allowClear value={chosen ?? []} onChange={(next: string[]) => put({ registers: next.join(',') })} maxTagCount="responsive" style={{ minWidth: 220, flex: '0 1 360px' }}
          placeholder={t('readings.allRegisters')} aria-label={t('readings.registers')} options={(data?.columns ?? []).map((c) => ({ value: c.obis, label: `${c.title}, ${c.unit}` }))} />
        <span className="grow" />
        <Button onClick={() => void act(() => api.download(`${path}.csv`, { ...query, obis: chosen }))}>CSV</Button>
      </div>
      {error && <Alert type="error" showIcon title={error.message} />}
      {data?.next && <Alert type="info" showIcon title={t('readings.cut', { count: ROWS, time: timeText(data.next) })} />}
      {isPending ? <Spin /> : shown.rows.length === 0
        ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(gaps.data?.items.length ? 'readings.emptyOwed' : 'readings.empty')} />
        : (
          <>
            {archive !== 'current' && <ReadingsChart archive={archive} data={shown} gaps={gaps.data?.items ?? []} span={span} />}
            {archive !== 'current' && <Consumption archive={archive} data={shown} gaps={gaps.data?.items ?? []} />}
            <ReadingsTable data={shown} loading={isFetching} archive={archive} />
          </>
        )}
    </div>
  );
}

/** Only the chosen registers; without a choice all of them. */
function choose(data: Pivot | undefined, chosen: string[] | undefined): Pivot {
  if (!data) return { archive: '', zone_minutes: 0, server_zone_minutes: 0, columns: [], rows: [], next: null };
  const at = data.columns.flatMap((column, i) => (!chosen || chosen.includes(column.obis) ? [i] : []));
  if (at.length === data.columns.length) return data;
  return { ...data, columns: at.map((i) => data.columns[i]), rows: data.rows.map((row) => ({ ...row, values: at.map((i) => row.values[i]), quality: at.map((i) => row.quality[i]) })) };
}

/** Exact: the sum of intervals, or the last register less the first. */
function consumed(data: Pivot, column: number, interval: boolean): { value: Digits; from: string; to: string; count: number } | undefined {
  const rows = data.rows.filter((row) => row.values[column] !== null && row.values[column] !== undefined);
  if (rows.length < (interval ? 1 : 2)) return undefined;
  const first = rows[0], last = rows[rows.length - 1];
  const value = interval ? rows.reduce<Digits>((all, row) => sum(all, row.values[column] as Digits), 0) : difference(last.values[column] as Digits, first.values[column] as Digits);
  return { value, from: first.time, to: last.time, count: rows.length };
}

function Consumption({ archive, data, gaps }: { archive: GridArchive; data: Pivot; gaps: Gap[] }) {
  const { t } = useTranslation('seeing');
  const interval = isInterval(archive);
  const doubtful = data.rows.filter((row) => row.quality.some((quality) => quality & ~MISSING)).length;
  return (
    <div data-testid="consumption"><Descriptions size="small" bordered column={{ xs: 1, sm: 2, lg: 4 }} items={[
      ...data.columns.flatMap((column, i) => {
        const found = consumed(data, i, interval);
        if (!found) return [];
        return [{ key: column.obis + i, label: `${column.title}: ${t(interval ? 'readings.consumed' : 'readings.grown')}`,
          children: <span title={`${timeText(found.from)} — ${timeText(found.to)}`}>{valueText(found.value)} {column.unit}</span> }];
      }).slice(0, 12),
      { key: 'gaps', label: t('readings.gaps'), children: countText(gaps.length) },
      { key: 'doubtful', label: t('readings.doubtful'), children: countText(doubtful) },
    ]} /></div>
  );
}

type Line = { time: string; stored: string | null; values: (Digits | null)[]; quality: number[] };

/** Minutes east of UTC: "UTC+3", "UTC+5:30". */
function zoneText(minutes: number): string {
  const far = Math.abs(minutes), rest = far % 60;
  return minutes ? `UTC${minutes < 0 ? '−' : '+'}${Math.floor(far / 60)}${rest ? `:${String(rest).padStart(2, '0')}` : ''}` : 'UTC';
}

function ReadingsTable({ data, loading, archive }: { data: Pivot; loading: boolean; archive: string }) {
  const { t } = useTranslation('seeing');
  const columns: Column<Line>[] = [
    { key: 'time', title: `${t(isInterval(archive) ? 'readings.intervalStart' : 'readings.time')} (${zoneText(data.zone_minutes)})`, sortable: true, width: 170, render: (row) => timeText(row.time) },
    { key: 'stored', title: t('readings.stored'), sortable: true, hidden: true, width: 170, text: (row) => row.stored ?? '', render: (row) => (row.stored ? timeText(row.stored) : t('readings.storedUnknown')) },
    ...data.columns.map((column, i): Column<Line> => ({
      key: `${column.obis}/${column.unit}`, title: column.unit ? `${column.title}, ${column.unit}` : column.title, number: true, hidden: i >= 24,
      text: (row) => Number(row.values[i] ?? NaN), render: (row) => <Value value={row.values[i]} quality={row.quality[i]} />,
    })),
  ];
  const rows = useMemo(() => [...data.rows].reverse() as Line[], [data]);
  return <DataTable<Line> name={`readings-${archive}`} prefix="r." rows={rows} rowKey={(row) => row.time} columns={columns} loading={loading} searchable={false} />;
}
