// What the pages of MQTT share: rows with their states, asked anew every few seconds while they are looked at.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, type Answer, type Row } from '../api/client';
import type { StateKind } from '../parts/state';

export type Broker = Row<'/api/v1/mqtt/brokers'>;
export type Template = Row<'/api/v1/mqtt/templates'>;
export type Publication = Row<'/api/v1/mqtt/publications'>;
export type Kind = Row<'/api/v1/mqtt/kinds'>;
export type Want = Template['wants'][number];

const every = 3000;

export const useBrokers = () => useQuery({ queryKey: ['/mqtt/brokers'], queryFn: () => api.get<Answer<'/api/v1/mqtt/brokers'>>('/mqtt/brokers'), refetchInterval: every });
export const usePublications = () => useQuery({ queryKey: ['/mqtt/publications'], queryFn: () => api.get<Answer<'/api/v1/mqtt/publications'>>('/mqtt/publications'), refetchInterval: every });
export const useTemplates = () => useQuery({ queryKey: ['/mqtt/templates'], queryFn: () => api.get<Answer<'/api/v1/mqtt/templates'>>('/mqtt/templates') });

/** Kinds of data change with the program's version only. */
export function useKinds(): Kind[] {
  const { data } = useQuery({ queryKey: ['/mqtt/kinds'], queryFn: () => api.get<Answer<'/api/v1/mqtt/kinds'>>('/mqtt/kinds'), staleTime: Infinity });
  return data?.items ?? [];
}

/** After a change all three lists ask again: a publication shows its broker's topic. */
export function useMqttChanged() {
  const client = useQueryClient();
  return useCallback(() => Promise.all(['brokers', 'templates', 'publications'].map((list) => client.invalidateQueries({ queryKey: [`/mqtt/${list}`] }))), [client]);
}

export const stateOf: Record<Broker['state'], StateKind> = { off: 'never', waiting: 'failed', connecting: 'waiting', connected: 'ok' };
export const brokerTitle = (broker?: Broker) => (broker ? `${broker.device} → ${broker.address}:${broker.port}` : '—');
