// Data templates and the poll templates made of them, as the server tells them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, type Row } from '../api/client';
import type { TaskRow, Work } from '../collection/types';

export interface DataTemplate extends Omit<Row<'/api/v1/templates'>, 'work'> {
  work: Work | null;
}

export type PollTemplate = TaskRow;

export function useDataTemplates() {
  return useQuery({ queryKey: ['/templates'], queryFn: () => api.get<{ items: DataTemplate[] }>('/templates') });
}

/** After a change both lists ask again: poll templates follow their data template. */
export function useTemplatesChanged() {
  const client = useQueryClient();
  return useCallback(() => client.invalidateQueries({ predicate: (query) => /^\/(templates|tasks)/.test(String(query.queryKey[0])) }), [client]);
}
