// What the server's table of kinds says (docs/gateway-readings.md), and what an order must read for a kind.
import { useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { api, type Row } from '../api/client';
import { currentLanguage } from '../app/i18n';
import type { Measurement, Work } from '../collection/types';
import { daySpan, monthSpan, wall, type Range } from '../seeing/time';

export type Kind = Row<'/api/v1/readings/kinds'>;
export type Column = Kind['columns'][number];
export type Device = Row<'/api/v1/readings/devices'>;
export type Resource = 'electricity' | 'water' | 'heat' | 'pulses' | 'telemechanics';
export type Part = 'now' | 'archive' | 'journal';

/** Kinds change with the program's version only; their words with the language. */
export function useKinds(resource: Resource, part?: Part): Kind[] | undefined {
  const { data } = useQuery({ queryKey: ['/readings/kinds', currentLanguage()], queryFn: () => api.get<{ items: Kind[] }>('/readings/kinds'), staleTime: Infinity });
  return data?.items.filter((kind) => kind.resource === resource && (!part || kind.page === part));
}

export function useReadingDevices(resource: Resource) {
  return useQuery({ queryKey: ['/readings/devices', resource], queryFn: () => api.get<{ items: Device[]; total: number }>('/readings/devices', { resource }) });
}

export const usualRange = (kind: Kind): Range => {
  const now = dayjs();
  if (kind.grid === 'month') return [now.startOf('month').subtract(5, 'month'), now.startOf('month')];
  if (kind.page === 'journal') return [now.startOf('day').subtract(30, 'day'), now.endOf('day')];
  return kind.grid === 'day' ? [now.startOf('day').subtract(6, 'day'), now.startOf('day')] : [now.startOf('day').subtract(1, 'day'), now.endOf('day')];
};

export function spanOf(kind: Kind, range: Range): { from?: string; to?: string } {
  if (kind.page === 'now') return {};
  if (kind.grid === 'month') return monthSpan(range);
  return kind.grid === 'day' ? daySpan(range) : { from: wall(range[0]), to: wall(range[1].add(1, 'minute').startOf('minute')) };
}

const reach: Record<string, number> = { month: 32, day: 2 };

/** What to read for it: the present anew, of archives what is not there yet. */
export function workOf(kind: Kind, range: Range): Partial<Work> {
  const depth = Math.min(3660, Math.max(1, dayjs().diff(range[0].startOf('day'), 'day') + (reach[kind.grid] ?? 1)));
  const measurements = kind.archives.map((archive): Measurement => {
    const present = archive === 'current' || archive === 'network';
    return { archive: archive as Measurement['archive'], depth_days: present ? 1 : depth, registers: [], again: present };
  });
  const asks = measurements.length > 0 || kind.states || kind.events;
  return { owed: false, measurements, states: kind.states, events: kind.events ? { depth_days: depth, journals: [] } : null, commands: [], ...(asks ? {} : { contact: true }) };
}
