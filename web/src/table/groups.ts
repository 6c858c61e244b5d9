// Groups of a gateway as they are being edited: a group is any choice of the table's meters, written as a whole.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { useDriverTitle } from '../devices/registry';
import type { Column } from '../parts/table/columns';
import type { ServerRow, Table } from './draft';

export interface Group extends Row<'/api/v1/groups'> {
  members: number[];
}

/** A meter as a group shows it; one that the table does not have any more is its number alone. */
export type Meter = Pick<ServerRow, 'id' | 'parent' | 'driver' | 'model' | 'address' | 'interface_title' | 'comment'>;

export function useMemberGroups() {
  const query = { members: true };
  return useQuery({ queryKey: ['/groups', query], queryFn: () => api.get<Answer<'/api/v1/groups'>>('/groups', query) });
}

const nothing: Meter[] = [];

export function useMeters(): Meter[] {
  const may = useMay();
  return useQuery({ queryKey: ['/table'], enabled: may('Read.DeviceCommline'), queryFn: () => api.get<Table>('/table') }).data?.rows ?? nothing;
}

/** The rows of these numbers, in their order. */
export function metersOf(ids: number[], all: Meter[]): Meter[] {
  const known = new Map(all.map((meter) => [meter.id, meter]));
  return ids.map((id) => known.get(id) ?? { id, parent: 0, driver: '', model: '', address: '', interface_title: '', comment: '' });
}

export function useMeterColumns(): Column<Meter>[] {
  const { t } = useTranslation('templates');
  const driverTitle = useDriverTitle();
  return useMemo(() => [
    { key: 'id', title: t('meter.id'), sortable: true, number: true, width: 70 },
    { key: 'type', title: t('meter.type'), sortable: true, text: (meter) => meter.model || (meter.driver ? driverTitle(meter.driver) : '—') },
    { key: 'address', title: t('meter.address'), sortable: true },
    { key: 'interface', title: t('meter.interface'), sortable: true, text: (meter) => meter.interface_title || (meter.parent ? t('meter.behind', { id: meter.parent }) : '—') },
    { key: 'comment', title: t('meter.comment') },
  ], [t, driverTitle]);
}

export const sameMembers = (a: number[], b: number[]) => a.length === b.length && a.every((id, i) => id === b[i]);
