// What a list shows, as CSV for a spreadsheet: all pages, the columns given, in words.
import { saveBlob, type Query } from '../../api/client';
import { cellText, type Column } from './columns';
import { allPages } from './rows';

/** Quoted where needed; what a spreadsheet would take for a formula is made text. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export async function exportCsv<R>(name: string, path: string, query: Query, columns: Column<R>[]): Promise<void> {
  const lines = [columns.map((column) => cell(column.title)).join(';')];
  for await (const rows of allPages<R>(path, query)) {
    for (const row of rows) lines.push(columns.map((column) => cell(cellText(column, row))).join(';'));
  }
  saveBlob(new Blob(['\ufeff', lines.join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
}
