// What a table shows: its columns, and where their words come from.
import type { ReactNode } from 'react';

export interface Column<R> {
  /** Name of the field; also of the server's sort column and filter, unless said otherwise. */
  key: string;
  title: string;
  /** What stands in the cell; without it the field's own text. */
  render?: (row: R) => ReactNode;
  /** The cell as text, for local search, sorting and export; without it the field itself. */
  text?: (row: R) => string | number;
  sortable?: boolean;
  /** Numbers stand right, digits under digits. */
  number?: boolean;
  width?: number;
  /** Not shown until a person chooses it. */
  hidden?: boolean;
  /** Offered as a filter in the head: these values, sent as the query `key`. */
  filter?: { value: string; label: string }[];
  /** A moment: a range of days is offered as a filter, sent as the queries `key`_from and `key`_to (moments.ts). */
  moment?: boolean;
  /** May be dragged to the group bar. */
  groupable?: boolean;
}

/** How a person likes his columns. */
export interface ColumnChoice {
  order: string[];
  hidden: string[];
}

export function fieldOf<R>(row: R, key: string): unknown {
  return (row as Record<string, unknown>)[key];
}

export function cellText<R>(column: Column<R>, row: R): string | number {
  if (column.text) return column.text(row);
  const value = fieldOf(row, column.key);
  return typeof value === 'number' ? value : value === null || value === undefined ? '' : String(value);
}

/** Columns in the person's order; those that came with a new version stand where the page puts them. */
export function arrange<R>(columns: Column<R>[], choice: ColumnChoice | undefined): Column<R>[] {
  if (!choice) return columns.filter((column) => !column.hidden);
  const rank = new Map(choice.order.map((key, i) => [key, i]));
  return columns
    .map((column, i) => ({ column, at: rank.get(column.key) ?? i }))
    .sort((a, b) => a.at - b.at)
    .map(({ column }) => column)
    .filter((column) => (rank.has(column.key) ? !choice.hidden.includes(column.key) : !column.hidden));
}
