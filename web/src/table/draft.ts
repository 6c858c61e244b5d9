// The table of meters as it is being edited: rows with keys of their own, what was changed, what is sent.
import type { Answer } from '../api/client';

export type Table = Answer<'/api/v1/table'>;
export type ServerRow = Table['rows'][number];
export type Interface = Table['interfaces'][number];
export type Taken = Answer<'/api/v1/table/import.json', 'post'>;

/** Fields that a person edits; the others of a row only show how it answers. */
export const fields = ['id', 'parent', 'driver', 'model', 'serial', 'address', 'password', 'password2', 'interface', 'baud', 'bits', 'parity', 'stop', 'clock', 'monthly', 'enabled', 'comment'] as const;
export type Field = (typeof fields)[number];

export interface DraftRow extends Pick<ServerRow, Field> {
  /** Its own name while it is edited. */
  key: string;
  /** Copied from this meter: its passwords are that one's. */
  like?: number;
  /** As the server has it; absent of a new row. */
  was?: ServerRow;
}

export type Problems = Record<string, string>;
export const cellKey = (row: DraftRow, field: string) => `${row.key}.${field}`;

let made = 0;
const newKey = () => `new-${++made}`;

export const draftOf = (row: ServerRow): DraftRow => ({ ...row, key: `id-${row.id}`, was: row });
export const isChanged = (row: DraftRow) => !row.was || fields.some((field) => row[field] !== row.was![field]);
export const nextId = (rows: DraftRow[], free: number) => rows.reduce((most, row) => Math.max(most, row.id), free - 1) + 1;

export function newRow(id: number, like: Partial<DraftRow> = {}): DraftRow {
  return {
    parent: 0, driver: '', model: '', serial: '', address: '', password: '', password2: '', interface: 0, baud: 0, bits: 0, parity: '', stop: 0, clock: 0, monthly: true, enabled: true, comment: '',
    ...like, id, key: newKey(), was: undefined,
  };
}

/** The same meter once more, to be given another address. */
export const copyOf = (row: DraftRow, id: number): DraftRow => newRow(id, { ...row, serial: '', like: row.was?.id ?? row.like });

/** What goes to the server: of rows that are there only what a person changed, so that what changed by itself meanwhile stays. */
export function bodyOf(rows: DraftRow[]): object[] {
  return rows.map((row) => {
    const names = row.was ? fields.filter((field) => row[field] !== row.was![field]) : fields;
    return { ...Object.fromEntries(names.map((field) => [field, row[field]])), id: row.id, ...(row.like && !row.was ? { like: row.like } : {}) };
  });
}

export interface Mistake {
  row: number;
  cell: string;
  message: string;
}

export const problemsOf = (rows: DraftRow[], mistakes: Mistake[]): Problems =>
  Object.fromEntries(mistakes.filter((m) => rows[m.row]).map((m) => [cellKey(rows[m.row], m.cell), m.message]));

/** Rows of a tried import over what is being edited. New numbers that are taken here meanwhile are given anew, parents following. */
export function merge(rows: DraftRow[], taken: ServerRow[], server: ServerRow[], replace: boolean): { rows: DraftRow[]; from: DraftRow[] } {
  const known = new Map(server.map((row) => [row.id, row]));
  const base = replace ? [] : rows;
  const busy = new Set(base.filter((row) => !row.was).map((row) => row.id));
  let free = Math.max(0, ...base.map((row) => row.id), ...server.map((row) => row.id), ...taken.map((row) => row.id)) + 1;
  const renamed = new Map<number, number>();
  for (const row of taken) if (!known.has(row.id) && busy.has(row.id)) renamed.set(row.id, free++);
  const from = taken.map((row): DraftRow => {
    const was = known.get(row.id);
    return { ...row, id: renamed.get(row.id) ?? row.id, parent: renamed.get(row.parent) ?? row.parent, key: was ? `id-${row.id}` : newKey(), was };
  });
  const now = new Map(from.map((row) => [row.key, row]));
  const seen = new Set(base.map((row) => row.key));
  return { rows: [...base.map((row) => now.get(row.key) ?? row), ...from.filter((row) => !seen.has(row.key))], from };
}
