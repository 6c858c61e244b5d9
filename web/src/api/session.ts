// Who is signed in, what he may do, and the settings of pages kept for him.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, ApiError, setCsrf, type Answer } from './client';

export type Me = Answer<'/api/v1/session'>;

async function whoAmI(): Promise<Me | null> {
  try {
    const me = await api.get<Me>('/session');
    setCsrf(me.csrf);
    return me;
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) return null;
    throw e;
  }
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
