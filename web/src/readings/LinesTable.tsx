// The lines of many meters in one table: virtual, so that 500 meters × 60 days scroll as one; exact numbers, gaps with their reason
// and a way to ask again.
import { CheckOutlined, CloseOutlined, ExclamationCircleOutlined, ReloadOutlined } from '@ant-design/icons';
import { Button, Empty, Grid, Table, Tooltip, type TableColumnType } from 'antd';
import { useMemo, useSyncExternalStore, type Key, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { dayText, timeText } from '../app/format';
import { State } from '../parts/state';
import { compare, type Digits } from '../seeing/exact';
import { Value } from '../seeing/quality';
import type { Column, Device, Kind } from './kinds';
import type { Line, Value as AnyValue } from './lines';

interface Props {
  kind: Kind;
  lines: Line[];
  /** Those that are shown, with their place in the line and the unit of the scale. */
  columns: { column: Column; place: number; unit: string }[];
  statusOf?: (device: Device) => ReactNode;
  selection?: { keys: number[]; choose: (ids: number[]) => void };
  again?: (device: Device) => void;
  loading: boolean;
  empty: ReactNode;
}

const isNumber = (value: AnyValue): value is Digits => typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));

/** What is not there comes first. */
function byValue(a: AnyValue, b: AnyValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return isNumber(a) && isNumber(b) ? compare(a, b) : String(a).localeCompare(String(b));
}

/** A channel is a lamp and a word; the colour is not alone. */
function Channel({ on }: { on: boolean }) {
  const { t } = useTranslation('readings');
  return <span role="img" aria-label={t(on ? 'closed' : 'open')} title={t(on ? 'closed' : 'open')} className={on ? 'lamp on' : 'lamp'}>{on ? '●' : '○'}</span>;
}

function Cell({ kind, value, quality, why }: { kind: Kind; value: AnyValue; quality: number | null; why: string }) {
  const { t } = useTranslation('readings');
  if (value === null && why) return <span className="quiet" title={why}>—</span>;
  if (typeof value === 'boolean') return <span>{value ? <CheckOutlined aria-hidden /> : <CloseOutlined aria-hidden />} {t(value ? 'yes' : 'no')}</span>;
  if (kind.resource === 'telemechanics' && kind.page !== 'journal' && value !== null) return <Channel on={String(value) !== '0'} />;
  if (value !== null && !isNumber(value)) return <>{value}</>;
  if (value === null && kind.page === 'journal') return null;
  return <Value value={value} quality={quality} />;
}

function useHeight() {
  const height = useSyncExternalStore((told) => {
    addEventListener('resize', told);
    return () => removeEventListener('resize', told);
  }, () => innerHeight);
  return Math.max(320, height - 300);
}

/** When, and at a gap why and the way to ask again. */
function Moment({ line, days, again }: { line: Line; days: boolean; again?: (device: Device) => void }) {
  const { t } = useTranslation('readings');
  return (
    <span className="moment">{days ? dayText(line.time) : timeText(line.time)}
      {line.gap && <Tooltip title={line.why}><ExclamationCircleOutlined tabIndex={0} aria-label={line.why} className="gap" /></Tooltip>}
      {line.gap && again && <Tooltip title={t('again')}><Button size="small" type="text" icon={<ReloadOutlined />} aria-label={`${t('again')}: ${line.device.serial} ${dayText(line.time)}`} onClick={() => again(line.device)} /></Tooltip>}
    </span>
  );
}

const width = (title: string, least: number) => Math.min(420, Math.max(least, 34 + title.length * 8));

/** Of columns of words. */
const wordWidths: Record<string, number> = { journal: 300, event: 320, code: 80, detail: 120, channel: 220, before: 160, now: 260 };

export function LinesTable({ kind, lines, columns, statusOf, selection, again, loading, empty }: Props) {
  const { t } = useTranslation('readings');
  const wide = Grid.useBreakpoint().md ?? true;
  const height = useHeight();
  const now = kind.page === 'now', words = kind.page === 'journal', days = kind.grid === 'day' || kind.grid === 'month';
  const table = useMemo(() => {
    const id: TableColumnType<Line> = { key: 'id', title: 'ID', width: 62, className: 'number', render: (_, line) => line.device.id, sorter: (a, b) => a.device.id - b.device.id };
    const meter: TableColumnType<Line> = { key: 'meter', title: t('meter'), width: wide ? 200 : 120, fixed: wide ? 'left' : undefined, ellipsis: true, sorter: (a, b) => a.device.serial.localeCompare(b.device.serial), render: (_, { device }) => (
      <Link to={`/devices/${device.id}`} title={`${device.serial} ${device.title}`}>{device.serial}{device.title && <span className="quiet"> · {device.title}</span>}</Link>) };
    const moment: TableColumnType<Line>[] = [
      ...(statusOf ? [{ key: 'status', title: t('status'), width: 126, render: (_: unknown, line: Line) => statusOf(line.device) }] : []),
      { key: 'time', title: t('time'), width: days ? 156 : 200, render: (_, line) => <Moment line={line} days={days} again={again} />, sorter: (a, b) => (a.time ?? '').localeCompare(b.time ?? '') },
    ];
    const place: TableColumnType<Line>[] = [
      ...(now ? [{ key: 'drift', title: t('drift'), width: 130, className: 'number', render: (_: unknown, line: Line) => line.device.clock_error_s ?? '—', sorter: (a: Line, b: Line) => (a.device.clock_error_s ?? 0) - (b.device.clock_error_s ?? 0) }] : []),
      { key: 'type', title: t('type'), width: 180, ellipsis: true, render: (_, line) => line.device.type, sorter: (a, b) => a.device.type.localeCompare(b.device.type) },
      ...(now ? [
        { key: 'address', title: t('address'), width: 130, render: (_: unknown, line: Line) => line.device.address || '—' },
        { key: 'interface', title: t('interface'), width: 150, ellipsis: true, render: (_: unknown, line: Line) => line.device.interface || '—' },
      ] : []),
    ];
    const values = columns.map(({ column, place: at, unit }): TableColumnType<Line> => {
      const name = kind.resource === 'heat' || (!unit && column.title.length < 26) ? column.title : column.name;
      const title = words ? column.title : unit ? `${name}, ${unit}` : name;
      return {
        key: column.name, title: <Tooltip title={`${column.group}: ${column.title}`}><span>{title}</span></Tooltip>, width: words ? (wordWidths[column.name] ?? 220) : width(title, kind.resource === 'telemechanics' ? 80 : 108),
        className: words ? undefined : 'number', ellipsis: words, sorter: (a, b) => byValue(a.values[at], b.values[at]),
        render: (_, line) => <Cell kind={kind} value={line.values[at]} quality={line.quality[at]} why={line.why} />,
      };
    });
    const why: TableColumnType<Line>[] = words ? [] : [{
      key: 'why', title: t('note'), width: wide ? 320 : 240, ellipsis: true, sorter: (a, b) => a.why.localeCompare(b.why),
      render: (_, line) => <span title={line.why}>{line.why}</span>,
    }];
    // On a telephone what was asked for comes first; beside it one sees little.
    if (!wide) return words ? [...moment, meter, ...values] : [meter, ...values, ...moment, ...why, ...place];
    return [id, meter, ...moment, ...values, ...why, ...place];
  }, [kind, columns, statusOf, again, now, words, days, wide, t]);
  const x = table.reduce((sum, column) => sum + Number(column.width), selection ? 40 : 0);
  // A head without rows would be a place that scrolls and that no key reaches.
  if (!loading && lines.length === 0) return <div className="panel" data-testid="lines"><Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty} /></div>;
  return (
    <div role="region" aria-label={kind.title} tabIndex={0} className="lines-table" data-testid="lines">
      <Table<Line> virtual size="small" bordered rowKey={(line) => (selection ? line.device.id : line.key)} dataSource={lines} columns={table} scroll={{ x, y: height }} pagination={false}
        loading={{ spinning: loading, delay: 300 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty} /> }} showSorterTooltip={false}
        rowSelection={selection && {
          selectedRowKeys: selection.keys, columnWidth: 40, onChange: (keys: Key[]) => selection.choose(keys as number[]),
          getTitleCheckboxProps: () => ({ 'aria-label': t('chooseAll') }) as object, getCheckboxProps: (line) => ({ 'aria-label': t('choose', { serial: line.device.serial }) }) as object,
        }} />
    </div>
  );
}

/** How the meter was read last, before anything was ordered here. */
export function Contact({ device }: { device: Device }) {
  const { t } = useTranslation('readings');
  if (!device.reason) return <State kind="ok">{t('read')}</State>;
  return <Tooltip title={device.reason}><span tabIndex={0}><State kind={device.asked ? 'failed' : 'never'}>{t(device.asked ? 'notRead' : 'notAsked')}</State></span></Tooltip>;
}
