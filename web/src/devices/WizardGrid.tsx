// The unique mode: a grid that is typed into and pasted into like a spreadsheet's (S3 3.9). Arrows and Enter move, Tab goes along.
import { Pagination, Tooltip } from 'antd';
import { useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { WizardColumn, WizardRow } from './wizardColumns';
import './wizard.css';

export type Edits = Record<string, string>;
export const cellKey = (row: WizardRow, column: WizardColumn) => `${row.id}:${column.key}`;
const pageSize = 100;

interface GridProps {
  rows: WizardRow[];
  columns: WizardColumn[];
  edits: Edits;
  problems: Record<string, string>;
  onEdit: (edits: Edits) => void;
}

/** A block of cells as spreadsheets copy it. */
const blockOf = (text: string) => text.replace(/\r?\n$/, '').split(/\r?\n/).map((line) => line.split('\t'));

export function WizardGrid({ rows, columns, edits, problems, onEdit }: GridProps) {
  const { t } = useTranslation('wizard');
  const frame = useRef<HTMLTableElement>(null);
  const [page, setPage] = useState(1);
  const first = (page - 1) * pageSize;
  const shown = rows.slice(first, first + pageSize);
  const cell = (row: WizardRow, column: WizardColumn) => edits[cellKey(row, column)] ?? column.read(row);

  const write = (changes: [WizardRow, WizardColumn, string][]) => {
    const next = { ...edits };
    for (const [row, column, text] of changes) {
      if (!column.applies(row)) continue;
      if (text === column.read(row)) delete next[cellKey(row, column)];
      else next[cellKey(row, column)] = text;
    }
    onEdit(next);
  };
  const placeOf = (target: EventTarget): [number, number] | undefined => {
    const { row, column } = (target as HTMLElement).dataset;
    return row === undefined || column === undefined ? undefined : [Number(row), Number(column)];
  };
  const paste = (event: ClipboardEvent) => {
    const from = placeOf(event.target);
    const block = blockOf(event.clipboardData.getData('text/plain'));
    if (!from || (block.length === 1 && block[0].length === 1 && columns[from[1]].kind !== 'choice')) return;
    event.preventDefault();
    write(block.flatMap((line, i) => line.flatMap((text, j): [WizardRow, WizardColumn, string][] => {
      const row = rows[from[0] + i], column = columns[from[1] + j];
      if (!row || !column) return [];
      const chosen = column.choices?.find((choice) => [choice.value, choice.label].some((word) => word.toLowerCase() === text.trim().toLowerCase()));
      return [[row, column, chosen?.value ?? text.trim()]];
    })));
  };
  const move = (event: KeyboardEvent) => {
    const from = placeOf(event.target);
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [event.shiftKey ? -1 : 1, 0] };
    const step = steps[event.key];
    if (!from || !step || ((event.target as HTMLElement).tagName === 'SELECT' && event.key !== 'Enter')) return;
    event.preventDefault();
    const next = frame.current?.querySelector<HTMLInputElement>(`[data-row="${from[0] + step[0]}"][data-column="${from[1] + step[1]}"]`);
    next?.focus();
    next?.select?.();
  };

  const input = (row: WizardRow, column: WizardColumn, i: number, j: number) => {
    if (!column.applies(row)) return <Tooltip title={t(row.line || column.entity === 'device' ? 'notHere' : 'noSingleLine')}><span className="wizard-none">—</span></Tooltip>;
    const key = cellKey(row, column), problem = problems[key];
    const words = {
      'data-row': first + i, 'data-column': j, value: cell(row, column), 'aria-label': `${column.title}: ${row.serial}`, 'aria-invalid': problem ? true : undefined,
      className: `wizard-cell${key in edits ? ' changed' : ''}${problem ? ' wrong' : ''}${column.kind === 'number' ? ' number' : ''}`,
    };
    const field = column.choices ? (
      <select {...words} onChange={(e) => write([[row, column, e.target.value]])}>
        {!column.choices.some((choice) => choice.value === words.value) && <option value={words.value}>{words.value || '—'}</option>}
        {column.choices.map((choice) => <option key={choice.value} value={choice.value}>{choice.label}</option>)}
      </select>
    ) : <input {...words} type="text" inputMode={column.kind === 'number' ? 'numeric' : undefined} autoComplete="off" onFocus={(e) => e.target.select()} onChange={(e) => write([[row, column, e.target.value]])} />;
    return problem ? <Tooltip title={problem}>{field}</Tooltip> : field;
  };

  return (
    <div className="wizard-frame" onPaste={paste} onKeyDown={move}>
      <table ref={frame} className="wizard-grid" aria-label={t('grid')}>
        <thead><tr><th scope="col">{t('devices:serial')}</th><th scope="col">{t('devices:name')}</th>{columns.map((column) => <th key={column.key} scope="col">{column.title}</th>)}</tr></thead>
        <tbody>
          {shown.map((row, i) => (
            <tr key={row.id}>
              <th scope="row"><Link to={`/devices/${row.id}`} target="_blank">{row.serial}</Link></th>
              <td className="wizard-name">{row.title}</td>
              {columns.map((column, j) => <td key={column.key}>{input(row, column, i, j)}{problems[cellKey(row, column)] && <div className="wizard-problem" role="alert">{problems[cellKey(row, column)]}</div>}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > pageSize && <Pagination size="small" current={page} pageSize={pageSize} total={rows.length} showSizeChanger={false} onChange={setPage} style={{ marginTop: 8 }} />}
    </div>
  );
}
