// What the pages of events share: rows, kept fresh by news; what a condition and an action are made of.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, type Answer, type Row } from '../api/client';
import { useNews } from '../api/news';

export type Occasion = Row<'/api/v1/occasions'>;
export type Timetable = Row<'/api/v1/timetables'>;
export type Calendar = Row<'/api/v1/calendars'>;
export type Happening = Row<'/api/v1/happenings'>;
export type Condition = Partial<Occasion['condition']> & { kind: Occasion['condition']['kind'] };
export type Action = Partial<Occasion['actions'][number]> & { kind: Occasion['actions'][number]['kind'] };

export const conditionKinds = ['schedule', 'calendar', 'input', 'state', 'loop', 'value', 'start', 'stop'] as const;
export const actionKinds = ['poll', 'watch', 'clock', 'relay-own', 'relay', 'mqtt', 'mail', 'files'] as const;
export const stateEdges = ['appears', 'disappears', 'changes', 'none'] as const;
export const valueEdges = ['above', 'below', 'crosses', 'none'] as const;
export const letterData = ['none', 'csv', 'xlsx'] as const;
export const letterArchives = ['current', 'network', 'profile', 'hour', 'day', 'month', 'journal', 'state'] as const;
/** What can be done while the box stops: runs end with it. */
export const atStop: readonly string[] = ['relay-own', 'mqtt', 'mail'];

export const useOccasions = () => useQuery({ queryKey: ['/occasions'], queryFn: () => api.get<Answer<'/api/v1/occasions'>>('/occasions') });
export const useTimetables = () => useQuery({ queryKey: ['/timetables'], queryFn: () => api.get<Answer<'/api/v1/timetables'>>('/timetables') });
export const useCalendars = () => useQuery({ queryKey: ['/calendars'], queryFn: () => api.get<Answer<'/api/v1/calendars'>>('/calendars') });

/** After a change: events name timetables and calendars. */
export function useOccasionsChanged() {
  const client = useQueryClient();
  return useCallback(() => Promise.all(['/occasions', '/timetables', '/calendars', '/happenings'].map((path) => client.invalidateQueries({ queryKey: [path] }))), [client]);
}

/** The lists ask again when something has happened. */
export function useHappeningNews() {
  const client = useQueryClient();
  useNews('happening', () => {
    void client.invalidateQueries({ queryKey: ['/occasions'] });
    void client.invalidateQueries({ queryKey: ['/happenings'] });
  });
}

/** Only what the kind has: fields of another kind that was chosen before stay behind. */
const conditionFields: Record<Condition['kind'], (keyof Condition)[]> = {
  schedule: ['timetable'], calendar: ['calendar'], input: ['input', 'edge'], state: ['device', 'code', 'edge'], loop: ['edge', 'limit', 'hysteresis'],
  value: ['device', 'archive', 'code', 'edge', 'limit', 'hysteresis'], start: [], stop: [],
};
const actionFields: Record<Action['kind'], (keyof Action)[]> = {
  poll: ['task'], watch: ['scope', 'group', 'device'], clock: ['scope', 'group', 'device', 'from_s'], 'relay-own': ['relay', 'on'], relay: ['device', 'relay', 'on'], mqtt: ['publication'], mail: ['to', 'words', 'data', 'scope', 'group', 'device', 'archives'], files: [],
};

function only<T extends { kind: string }>(from: T, fields: (keyof T)[]): T {
  return Object.fromEntries([['kind', from.kind], ...fields.filter((field) => from[field] !== undefined && from[field] !== null && from[field] !== '').map((field) => [field, from[field]])]) as T;
}

const decimal = (text: string | undefined) => text?.replace(',', '.').trim();

export const conditionOf = (from: Condition): Condition => only({ ...from, limit: decimal(from.limit), hysteresis: decimal(from.hysteresis) }, conditionFields[from.kind]);

export function actionOf(from: Action): Action {
  const scope = from.scope ?? 'all';
  const plain = from.kind === 'mail' && (from.data ?? 'none') === 'none';
  const fields = plain ? (['to', 'words', 'data'] satisfies (keyof Action)[]) : actionFields[from.kind].filter((field) => !((field === 'group' && scope !== 'group') || (field === 'device' && 'scope' in from && scope !== 'device' && from.kind !== 'relay')));
  return only(from, fields);
}
