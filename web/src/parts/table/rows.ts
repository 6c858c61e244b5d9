// Where a table's rows come from: a list of the server page by page, or rows that are all here.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, type Query } from '../../api/client';
import { cellText, fieldOf, type Column } from './columns';
import { within } from './moments';
import type { TableState } from './useTableState';

export interface Rows<R> {
  items: R[];
  total: number;
  loading: boolean;
  error: Error | null;
  refresh: () => void;
}

/** The query of a server's list that shows what the table shows. */
export function listQuery(state: TableState, extra: Query | undefined): Query {
  return { ...extra, ...state.filters, search: state.search || undefined, sort: state.sort, order: state.sort ? state.order : undefined };
}

const pageSize = 1000;

/** Everything a server's list has for a query, page by page; `most` rows at most. */
export async function* allPages<R>(path: string, query: Query, most = Infinity): AsyncGenerator<R[]> {
  for (let page = 1, total = 1; (page - 1) * pageSize < Math.min(total, most); page++) {
    const answer = await api.get<{ items: R[]; total: number }>(path, { ...query, page, size: pageSize });
    total = answer.total;
    yield answer.items.slice(0, most - (page - 1) * pageSize);
    if (answer.items.length === 0) return;
  }
}

export function useRemoteRows<R>(path: string | undefined, state: TableState, extra: Query | undefined): Rows<R> {
  const query = { ...listQuery(state, extra), page: state.page, size: state.size };
  const answer = useQuery({
    queryKey: [path, query], enabled: !!path, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<{ items: R[]; total: number }>(path!, query, signal),
  });
  return {
    items: answer.data?.items ?? [], total: answer.data?.total ?? 0, loading: answer.isFetching, error: answer.error,
    refresh: () => void answer.refetch(),
  };
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function useLocalRows<R>(rows: R[] | undefined, columns: Column<R>[], state: TableState): Omit<Rows<R>, 'refresh' | 'loading' | 'error'> & { found: R[] } {
  return useMemo(() => {
    const words = state.search.toLowerCase();
    const found = (rows ?? []).filter((row) =>
      (!words || columns.some((column) => String(cellText(column, row)).toLowerCase().includes(words))) &&
      columns.every((column) => (column.moment ? within(state.filters, column.key, fieldOf(row, column.key))
        : state.filters[column.key] === undefined || String(fieldOf(row, column.key)) === state.filters[column.key])));
    const by = columns.find((column) => column.key === state.sort);
    if (by) found.sort((a, b) => compare(cellText(by, a), cellText(by, b)) * (state.order === 'desc' ? -1 : 1));
    return { found, items: found.slice((state.page - 1) * state.size, state.page * state.size), total: found.length };
  }, [rows, columns, state]);
}
