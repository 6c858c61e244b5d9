// The rows of the table of meters, typed into like a spreadsheet (S0 4.3.1). On a telephone every row is a card.
import { CopyOutlined, DeleteOutlined } from '@ant-design/icons';
import { Button, Checkbox, Pagination, Tooltip } from 'antd';
import { memo, useMemo, useState, type ChangeEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Driver } from '../devices/registry';
import { cellKey, isChanged, type DraftRow, type Field, type Interface, type Problems } from './draft';
import './table.css';

export const speeds = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200];
const pageSize = 50;

interface Choice {
  value: string;
  label: string;
}

export const typeValue = (row: Pick<DraftRow, 'driver' | 'model'>) => (row.driver ? `${row.driver}|${row.model}` : '');

/** Families with their models, for a choice of the type. */
export function useTypes(drivers: Driver[] | undefined): { title: string; options: Choice[] }[] {
  return useMemo(() => (drivers ?? []).map((driver) => ({
    title: driver.title, options: [{ value: `${driver.name}|`, label: driver.title }, ...driver.models.map((model) => ({ value: `${driver.name}|${model.name}`, label: model.name }))],
  })), [drivers]);
}

const hasParameter = (drivers: Driver[] | undefined, driver: string, name: string) => !!drivers?.find((d) => d.name === driver)?.parameters.some((p) => p.name === name);
export const isHub = (row: Pick<DraftRow, 'driver'>) => row.driver === 'hub';

interface RowProps {
  row: DraftRow;
  number: number;
  drivers: Driver[] | undefined;
  types: { title: string; options: Choice[] }[];
  interfaces: Interface[];
  problems: Problems;
  chosen: boolean;
  status: ReactNode;
  readOnly: boolean;
  onChange: (key: string, part: Partial<DraftRow>) => void;
  onChoose: (key: string, on: boolean) => void;
  onCopy: (row: DraftRow) => void;
  onDelete: (row: DraftRow) => void;
}

const TableRow = memo(function TableRow({ row, number, drivers, types, interfaces, problems, chosen, status, readOnly, onChange, onChoose, onCopy, onDelete }: RowProps) {
  const { t } = useTranslation('table');
  const label = (field: string) => `${t(`column.${field}`)}: ${t('rowNumber', { number })}`;
  const classOf = (field: Field) => `table-cell${row.was && row[field] !== row.was[field] ? ' changed' : ''}${problems[cellKey(row, field)] ? ' wrong' : ''}`;
  const cell = (field: Field, control: ReactNode) => {
    const problem = problems[cellKey(row, field)];
    return <td data-label={t(`column.${field}`)}>{control}{problem && <div className="table-problem" role="alert">{problem}</div>}</td>;
  };
  const words = (field: Field) => ({ 'aria-label': label(field), className: classOf(field), disabled: readOnly, 'aria-invalid': problems[cellKey(row, field)] ? true : undefined });
  const text = (field: 'serial' | 'address' | 'password' | 'password2' | 'comment', width: string, off = false) => cell(field, off
    ? <span className="table-none">—</span>
    : <input {...words(field)} type="text" size={1} style={{ minWidth: width }} autoComplete="off" value={row[field]} onFocus={(e) => e.target.select()} onChange={(e) => onChange(row.key, { [field]: e.target.value })} />);
  const count = (field: 'id' | 'parent', off = false) => cell(field, off
    ? <span className="table-none">—</span>
    : <input {...words(field)} type="text" inputMode="numeric" size={1} style={{ minWidth: 56 }} value={row[field]} onFocus={(e) => e.target.select()} onChange={(e) => onChange(row.key, { [field]: Number(e.target.value.replace(/\D/g, '').slice(0, 9)) })} />);
  const select = (field: Field, value: string | number, options: Choice[], change: (value: string) => void, width = 70) => cell(field, (
    <select {...words(field)} style={{ minWidth: width }} value={value} onChange={(e: ChangeEvent<HTMLSelectElement>) => change(e.target.value)}>
      {!options.some((option) => option.value === String(value)) && <option value={value}>{value || '—'}</option>}
      {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
    </select>
  ));
  const type = typeValue(row);
  const known = types.some((group) => group.options.some((option) => option.value === type));
  const hub = isHub(row);
  const automatic = { value: '0', label: '-' };
  // Bits, parity and stop bits are given together.
  const format = (part: Partial<DraftRow>) => {
    const off = part.bits === 0 || part.parity === '' || part.stop === 0;
    onChange(row.key, off ? { bits: 0, parity: '', stop: 0 } : { bits: row.bits || 8, parity: row.parity || 'N', stop: row.stop || 1, ...part });
  };
  return (
    <tr className={chosen ? 'chosen' : undefined} data-testid={`row-${row.id}`}>
      <td className="table-tools" data-label="">
        <Checkbox checked={chosen} onChange={(e) => onChoose(row.key, e.target.checked)} aria-label={t('choose', { number })} />
        <Tooltip title={t('copy')}><Button type="text" size="small" icon={<CopyOutlined />} aria-label={`${t('copy')}: ${t('rowNumber', { number })}`} disabled={readOnly} onClick={() => onCopy(row)} /></Tooltip>
        <span className="table-number">{number}</span>
        {isChanged(row) && <span className="table-mark" title={t(row.was ? 'changedRow' : 'newRow')}>●</span>}
      </td>
      <td data-label={t('column.status')} className="table-status">{status}</td>
      {count('id')}
      {count('parent', hub)}
      {cell('driver', (
        <select {...words('driver')} style={{ minWidth: 190 }} value={type} onChange={(e) => {
          const [driver, model] = e.target.value.split('|');
          onChange(row.key, { driver, model, ...(hasParameter(drivers, driver, 'password') ? {} : { password: '' }), ...(hasParameter(drivers, driver, 'password2') ? {} : { password2: '' }), ...(driver === 'hub' ? { interface: 0, parent: 0 } : {}) });
        }}>
          {!known && <option value={type}>{row.model || row.driver || t('chooseType')}</option>}
          {types.map((group) => <optgroup key={group.title} label={group.title}>{group.options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}</optgroup>)}
        </select>
      ))}
      {text('serial', '96px', hub)}
      {text('address', '110px')}
      {text('password', '110px', !hasParameter(drivers, row.driver, 'password') && !row.password)}
      {text('password2', '110px', !hasParameter(drivers, row.driver, 'password2') && !row.password2)}
      {hub ? cell('interface', <span className="table-none">Ethernet</span>) : row.parent ? cell('interface', <span className="table-none">{t('ofParent')}</span>) :
        select('interface', row.interface, [{ value: '0', label: t('chooseInterface') }, ...interfaces.filter((link) => !link.hub || link.id === row.interface).map((link) => ({ value: String(link.id), label: link.title }))], (value) => onChange(row.key, { interface: Number(value) }), 130)}
      {select('baud', row.baud, [{ value: '0', label: t('automatic') }, ...speeds.map((speed) => ({ value: String(speed), label: String(speed) }))], (value) => onChange(row.key, { baud: Number(value) }), 110)}
      {select('bits', row.bits, [automatic, { value: '7', label: '7' }, { value: '8', label: '8' }], (value) => format({ bits: Number(value) }))}
      {select('parity', row.parity, [{ value: '', label: '-' }, ...(['N', 'E', 'O'] as const).map((value) => ({ value, label: t(`parity.${value}`) }))], (value) => format({ parity: value as DraftRow['parity'] }), 80)}
      {select('stop', row.stop, [automatic, { value: '1', label: '1' }, { value: '2', label: '2' }], (value) => format({ stop: Number(value) }))}
      {cell('enabled', <Checkbox checked={row.enabled} disabled={readOnly} aria-label={label('enabled')} onChange={(e) => onChange(row.key, { enabled: e.target.checked })} />)}
      {text('comment', '140px')}
      <td data-label="" className="table-tools"><Tooltip title={t('delete')}><Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={`${t('delete')}: ${t('rowNumber', { number })}`} disabled={readOnly} onClick={() => onDelete(row)} /></Tooltip></td>
    </tr>
  );
});

const columns = ['status', 'id', 'parent', 'driver', 'serial', 'address', 'password', 'password2', 'interface', 'baud', 'bits', 'parity', 'stop', 'enabled', 'comment'] as const;

interface GridProps extends Omit<RowProps, 'row' | 'number' | 'chosen' | 'status'> {
  rows: DraftRow[];
  chosen: Set<string>;
  statusOf: (row: DraftRow) => ReactNode;
  page: number;
  onPage: (page: number) => void;
  onChooseAll: (on: boolean) => void;
}

export function TableGrid({ rows, chosen, statusOf, page, onPage, onChooseAll, ...rest }: GridProps) {
  const { t } = useTranslation('table');
  const [size] = useState(pageSize);
  const first = (page - 1) * size;
  return (
    <div className="table-frame" role="region" aria-label={t('title')} tabIndex={0}>
      <table className="meter-table">
        <thead>
          <tr>
            <th scope="col"><Checkbox aria-label={t('chooseAll')} checked={rows.length > 0 && chosen.size === rows.length} indeterminate={chosen.size > 0 && chosen.size < rows.length} onChange={(e) => onChooseAll(e.target.checked)} /> №</th>
            {columns.map((column) => <th key={column} scope="col">{t(`column.${column}`)}</th>)}
            <th scope="col"><span className="unseen">{t('delete')}</span></th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(first, first + size).map((row, i) => <TableRow key={row.key} row={row} number={first + i + 1} chosen={chosen.has(row.key)} status={statusOf(row)} {...rest} />)}
        </tbody>
      </table>
      {rows.length > size && <Pagination size="small" current={page} pageSize={size} total={rows.length} showSizeChanger={false} onChange={onPage} style={{ margin: 8 }} />}
    </div>
  );
}

/** The page on which a row stands. */
export const pageOf = (place: number) => Math.floor(place / pageSize) + 1;
