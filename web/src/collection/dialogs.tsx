// Dialogs that are opened from menus, where nothing stands that could hold them: the frame of the app does (topbar.tsx).
import { Suspense, useSyncExternalStore, type ReactNode } from 'react';

type Make = (close: () => void) => ReactNode;

const watchers = new Set<() => void>();
let opened: { key: number; make: Make } | undefined;
let count = 0;

function set(next: typeof opened) {
  opened = next;
  watchers.forEach((watcher) => watcher());
}

/** Opens what `make` draws, until it calls `close`. */
export function openDialog(make: Make) {
  set({ key: ++count, make });
}

function subscribe(watcher: () => void) {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export function DialogHost() {
  const now = useSyncExternalStore(subscribe, () => opened);
  return now ? <Suspense key={now.key} fallback={null}>{now.make(() => set(undefined))}</Suspense> : null;
}
