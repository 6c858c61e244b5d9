// Runs as they go on: news of the server put into the answers at hand, and lists asked again when their membership changes.
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useNews } from '../api/news';
import type { Run, RunDevice, TaskRow } from './types';

interface List<T> {
  items: T[];
  total: number;
}

const isList = (data: unknown): data is List<unknown> => Array.isArray((data as List<unknown> | undefined)?.items);

function patchLists<T>(client: QueryClient, path: string, change: (row: T) => T) {
  for (const [key, data] of client.getQueriesData({ predicate: (query) => query.queryKey[0] === path }))
    if (isList(data)) client.setQueryData(key, { ...data, items: (data as List<T>).items.map(change) });
}

/** Asks for paths again, but not more often than once in `pause` milliseconds. */
function useDebouncedRefresh(pause: number) {
  const client = useQueryClient();
  const waiting = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (...paths: string[]) => {
    paths.forEach((path) => waiting.current.add(path));
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const due = new Set(waiting.current);
      waiting.current.clear();
      void client.invalidateQueries({ predicate: (query) => due.has(String(query.queryKey[0])) });
    }, pause);
  };
}

/** Stands once in the frame of the app, so that every page of runs is live. Words of results are the reader's own: the news are for readers of both languages. */
export function useRunNews() {
  const client = useQueryClient();
  const refreshSoon = useDebouncedRefresh(700);
  useNews<Run>('run', (run) => {
    const known = client.getQueryData<Run>([`/runs/${run.id}`]);
    if (known) client.setQueryData([`/runs/${run.id}`], { ...known, ...run, result_text: known.result_text });
    let seen = false;
    patchLists<Run>(client, '/runs', (row) => {
      if (row.id !== run.id) return row;
      seen = true;
      return { ...row, ...run };
    });
    if (run.task) patchLists<TaskRow>(client, '/tasks', (row) => (row.id === run.task && (row.run?.id ?? 0) <= run.id ? { ...row, run: { ...row.run, ...run }, running: !run.ended } : row));
    if (run.ended) refreshSoon('/runs', `/runs/${run.id}`, `/runs/${run.id}/devices`, '/tasks', '/relays', '/devices');
    else if (!seen) refreshSoon('/runs', '/tasks');
  });
  useNews<{ run: number; items: RunDevice[] }>('run-device', ({ run, items }) => {
    const path = `/runs/${run}/devices`;
    const now = new Map(items.map((item) => [item.device, item]));
    patchLists<RunDevice>(client, path, (row) => {
      const next = now.get(row.device);
      return next ? { ...row, ...next, note: row.note, result_text: row.result_text, driver_title: row.driver_title } : row;
    });
    refreshSoon(path);
  });
}
