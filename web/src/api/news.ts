// News of the server (server-sent events): one connection for the whole page, shared by whoever listens.
import { useEffect, useRef, useState } from 'react';

type Listener = (data: unknown) => void;

const listeners = new Map<string, Set<Listener>>();
const watchers = new Set<(open: boolean) => void>();
let source: EventSource | undefined;

function dispatch(name: string) {
  source?.addEventListener(name, (event) => {
    const data = JSON.parse((event as MessageEvent<string>).data);
    listeners.get(name)?.forEach((listener) => listener(data));
  });
}

function tell(open: boolean) {
  watchers.forEach((watcher) => watcher(open));
}

/** Begins to listen; the browser connects again by itself. Called when somebody has signed in or changed the project: who may
 * not look at collection hears of his own notices alone. */
export function openNews(permissions: string[]) {
  closeNews();
  source = new EventSource(permissions.includes('Read.DataCollection.Job') ? '/api/v1/collection/stream' : '/api/v1/notices/stream');
  source.onopen = () => tell(true);
  source.onerror = () => tell(false);
  for (const name of listeners.keys()) dispatch(name);
}

export function closeNews() {
  source?.close();
  source = undefined;
}

/** Calls `heard` with each event of that name while the component stands. */
export function useNews<T>(name: string, heard: (data: T) => void) {
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(() => {
    const listener: Listener = (data) => latest.current(data as T);
    if (!listeners.has(name)) {
      listeners.set(name, new Set());
      dispatch(name);
    }
    listeners.get(name)!.add(listener);
    return () => void listeners.get(name)!.delete(listener);
  }, [name]);
}

/** Whether news can come: false while the connection is lost. */
export function useNewsOpen(): boolean {
  const [open, setOpen] = useState(true);
  useEffect(() => {
    watchers.add(setOpen);
    return () => void watchers.delete(setOpen);
  }, []);
  return open;
}
