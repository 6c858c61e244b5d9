// Page, sorting, search and filters of a table live in the address, so that what is seen can be sent as a link.
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

export interface TableState {
  page: number;
  size: number;
  sort?: string;
  order: 'asc' | 'desc';
  search: string;
  filters: Record<string, string>;
  group?: string;
}

export const usualSize = 50;

/** `prefix` keeps two tables of one page apart. Changes of anything but the page go back to the first one. */
export function useTableState(prefix = ''): [TableState, (change: Partial<TableState>) => void] {
  const [words, setWords] = useSearchParams();
  const name = useCallback((key: string) => prefix + key, [prefix]);
  const state = useMemo<TableState>(() => {
    const filters: Record<string, string> = {};
    for (const [key, value] of words) if (key.startsWith(name('f.'))) filters[key.slice(name('f.').length)] = value;
    return {
      page: Math.max(1, Number(words.get(name('page'))) || 1),
      size: Number(words.get(name('size'))) || usualSize,
      sort: words.get(name('sort')) ?? undefined,
      order: words.get(name('order')) === 'desc' ? 'desc' : 'asc',
      search: words.get(name('q')) ?? '',
      group: words.get(name('group')) ?? undefined,
      filters,
    };
  }, [words, name]);
  const change = useCallback((part: Partial<TableState>) => {
    setWords((former) => {
      const next = new URLSearchParams(former);
      const put = (key: string, value: string | undefined) => (value ? next.set(name(key), value) : next.delete(name(key)));
      if (!('page' in part)) next.delete(name('page'));
      if ('page' in part) put('page', part.page && part.page > 1 ? String(part.page) : undefined);
      if ('size' in part) put('size', part.size === usualSize ? undefined : String(part.size));
      if ('sort' in part) put('sort', part.sort);
      if ('order' in part) put('order', part.order === 'desc' ? 'desc' : undefined);
      if ('search' in part) put('q', part.search);
      if ('group' in part) put('group', part.group);
      if (part.filters) {
        for (const key of [...next.keys()]) if (key.startsWith(name('f.'))) next.delete(key);
        for (const [key, value] of Object.entries(part.filters)) put(`f.${key}`, value);
      }
      return next;
    }, { replace: !('page' in part) });
  }, [setWords, name]);
  return [state, change];
}
