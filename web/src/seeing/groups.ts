// Titles of the project's groups, for choices.
import { useQuery } from '@tanstack/react-query';
import { api, type Row } from '../api/client';
import { useMay } from '../api/session';

export function useGroups(wanted = true): string[] {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['/groups', 'titles'], enabled: wanted && may('Read.Devices'), staleTime: 60_000,
    queryFn: ({ signal }) => api.get<{ items: Row<'/api/v1/groups'>[] }>('/groups', undefined, signal),
  });
  return (data?.items ?? []).map((group) => group.title);
}
