// What devices are described with: families, groups; and what the pages of devices share.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, type Answer, type Row } from '../api/client';

export type { Device } from './actions';
export type { OpenDevice } from './tabs';
export type Driver = Row<'/api/v1/drivers'>;
export type Parameter = Driver['parameters'][number];
export type Group = Row<'/api/v1/groups'>;
export type Link = Row<'/api/v1/links'>;
export type Protocol = Row<'/api/v1/protocols'>;
export type Line = Answer<'/api/v1/devices/{id}'>['lines'][number];

export const statuses = ['in-use', 'in-stock', 'in-repair', 'retired'] as const;
export const sources = ['by-hand', 'imported', 'came-itself'] as const;
/** In the order in which the program keeps them; those of `presence` are read or not, the others have a depth in days. */
export const archives = ['current', 'network', 'state', 'day', 'month', 'profile', 'hour', 'journal'] as const;
export const presence: readonly string[] = ['current', 'network', 'state'];

/** Families of meters, as the program knows them: they change with its version only. */
export function useDrivers() {
  const { data } = useQuery({ queryKey: ['/drivers'], queryFn: () => api.get<Answer<'/api/v1/drivers'>>('/drivers'), staleTime: Infinity });
  return data?.items;
}

export function useDriverTitle(): (name: string) => string {
  const drivers = useDrivers();
  return useCallback((name) => drivers?.find((driver) => driver.name === name)?.title ?? name, [drivers]);
}

export function useGroups() {
  const { data } = useQuery({ queryKey: ['/groups'], queryFn: () => api.get<Answer<'/api/v1/groups'>>('/groups') });
  return data?.items;
}

/** After a change: every list and page that shows devices, groups, channels or profiles asks again. */
export function useRegistryChanged() {
  const client = useQueryClient();
  return useCallback(
    () => client.invalidateQueries({ predicate: (query) => /^\/(devices|groups|links|protocols|wizard)/.test(String(query.queryKey[0])) }),
    [client]);
}
