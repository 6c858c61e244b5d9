// What a list shows, as CSV for a spreadsheet: all pages, the columns given, in words.
import { api, saveBlob, type Query } from '../../api/client';
import { cellText, type Column } from './columns';

const pageSize = 1000;

/** Quoted where needed; what a spreadsheet would take for a formula is made text. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export async function exportCsv<R>(name: string, path: string, query: Query, columns: Column<R>[]): Promise<void> {
  const lines = [columns.map((column) => cell(column.title)).join(';')];
  for (let page = 1, total = 1; (page - 1) * pageSize < total; page++) {
    const answer = await api.get<{ items: R[]; total: number }>(path, { ...query, page, size: pageSize });
    total = answer.total;
    for (const row of answer.items) lines.push(columns.map((column) => cell(cellText(column, row))).join(';'));
  }
  saveBlob(new Blob(['\ufeff', lines.join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
}
