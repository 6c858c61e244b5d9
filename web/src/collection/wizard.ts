// What the wizard holds: as it is typed, kept over a reload, read from a task and sent to the server.
import type { ApiError } from '../api/client';
import { api } from '../api/client';
import { allPages } from '../parts/table/rows';
import { isEmpty, nothing, switches, type Chosen, type Schedule, type Task, type Work } from './types';
import { browserZone, scheduleText, workText, type Words } from './words';

export interface Draft {
  revision?: number;
  devices: Chosen[];
  groups: number[];
  work: Work;
  reason: string;
  title: string;
  priority: number;
  schedule: Schedule | null;
  zone: string;
  scheduled: boolean;
  restart_delay_s: number;
  restarts: number;
  endless: boolean;
}

export const emptyDraft = (): Draft => ({
  devices: [], groups: [], work: nothing, reason: '', title: '', priority: 1, schedule: null, zone: browserZone(), scheduled: false, restart_delay_s: 180, restarts: 3, endless: false,
});

/** Everybody a task names one by one. */
async function devicesOf(id: number): Promise<Chosen[]> {
  const all: Chosen[] = [];
  for await (const rows of allPages<Chosen>(`/tasks/${id}/devices`, {})) all.push(...rows.map(({ id: device, serial, title }) => ({ id: device, serial, title })));
  return all;
}

/** Without the empty lists of other kinds, which an answer has and a request must not. */
const tidied = (schedule: Schedule | null): Schedule | null =>
  schedule && (Object.fromEntries(Object.entries(schedule).filter(([, value]) => !Array.isArray(value) || value.length > 0)) as Schedule);

export async function draftOf(id: number, copyName?: (title: string) => string): Promise<Draft> {
  const task = await api.get<Task>(`/tasks/${id}`);
  const { groups, reason, priority, restart_delay_s, restarts, endless } = task;
  const schedule = tidied(task.schedule);
  return {
    revision: copyName ? undefined : task.revision, devices: await devicesOf(id), groups, work: task.work ?? nothing, reason, priority, schedule, restart_delay_s, restarts, endless,
    title: copyName ? copyName(task.title) : task.title, scheduled: !copyName && task.scheduled, zone: schedule ? task.zone : browserZone(),
  };
}

/** A draft, or some of its fields, as the server takes it. */
export function bodyOf<T extends Partial<Draft>>({ devices, ...rest }: T) {
  return { ...rest, ...(devices && { devices: devices.map((device) => device.id) }) };
}

/** A task's fields in words, for who compares two versions of it. */
export function fieldText(field: string, value: unknown, groupTitle: (id: number) => string, t: Words): string {
  switch (field) {
    case 'devices': return t('pick.devicesCount', { count: (value as Chosen[]).length });
    case 'groups': return (value as number[]).map(groupTitle).join(', ') || '—';
    case 'work': return workText(value as Work, t);
    case 'schedule': return scheduleText(value as Schedule | null, t);
    default: return typeof value === 'boolean' ? (value ? '✓' : '✗') : String(value ?? '') || '—';
  }
}

export type Problems = Record<string, string>;

/** What hinders leaving a step (1, 2, 3), in words at fields. */
export function problemsOf(draft: Draft, step: number, t: Words): Problems {
  const found: Problems = {};
  if (step === 1 && draft.devices.length + draft.groups.length === 0) found.devices = t('wizard.needDevices');
  if (step === 2 && isEmpty(draft.work)) found.work = t('wizard.needWork');
  if (step === 2 && switches(draft.work) && !draft.reason.trim()) found.reason = t('wizard.needReason');
  if (step === 3 && !draft.title.trim()) found.title = t('wizard.needTitle');
  return found;
}

export function stepOf(field: string): number {
  if (/^(devices|groups)/.test(field)) return 1;
  return /^(work|reason)/.test(field) ? 2 : 3;
}

export const problemsOfError = (error: ApiError): Problems => Object.fromEntries(error.fields.map((f) => [f.field, f.message]));

const keyOf = (name: string) => `svod.draft.task-${name}`;

/** What was typed, and what it was begun from. */
export interface Kept {
  seen: Draft;
  draft: Draft;
}

export const kept = {
  read: (name: string): Kept | undefined => {
    const text = sessionStorage.getItem(keyOf(name));
    return text ? (JSON.parse(text) as Kept) : undefined;
  },
  write: (name: string, what: Kept) => sessionStorage.setItem(keyOf(name), JSON.stringify(what)),
  drop: (name: string) => sessionStorage.removeItem(keyOf(name)),
};
