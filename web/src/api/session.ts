// Who is signed in, what he may do, and the settings of pages kept for him.
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from './client';
import { remember, whoAmI, type Me } from './who';

export type { Me };

/** Somebody has signed in, gone to another project, or left (null): nothing of what was seen before remains. */
export function becomes(client: QueryClient, me: Me | null) {
  remember(me);
  client.setQueryData(['session'], me);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' || query.queryKey.length > 1 });
}

/** null: nobody; undefined: not known yet. */
export function useMe() {
  return useQuery({ queryKey: ['session'], queryFn: whoAmI, staleTime: Infinity, retry: 1 });
}

/** A function that tells whether the permission is there; an empty name is anybody's. */
export function useMay(): (permission?: string) => boolean {
  const { data: me } = useMe();
  return useCallback((permission?: string) => !permission || !!me?.permissions.includes(permission), [me]);
}

/** Whether a page is there for this person in this face of the program. */
export function useMayOpen(): (page: { permission?: string; face?: string }) => boolean {
  const may = useMay();
  const face = useMe().data?.face;
  return useCallback((page) => may(page.permission) && (!page.face || page.face === face), [may, face]);
}

type Settings = Record<string, unknown>;
let pending: ReturnType<typeof setTimeout> | undefined;

/** A setting of a page, kept per user on the server; written a moment after the last change. */
export function useSetting<T>(key: string, preset: T): [T, (value: T) => void] {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['session', 'settings'], queryFn: () => api.get<Settings>('/session/settings'), staleTime: Infinity,
  });
  const write = useCallback((value: T) => {
    const all = { ...(client.getQueryData<Settings>(['session', 'settings']) ?? {}), [key]: value };
    client.setQueryData(['session', 'settings'], all);
    clearTimeout(pending);
    pending = setTimeout(() => void api.put('/session/settings', { settings: client.getQueryData(['session', 'settings']) }).catch(() => {}), 600);
  }, [client, key]);
  return [(data?.[key] as T | undefined) ?? preset, write];
}
