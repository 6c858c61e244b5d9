// «Опросить не прочитанные»: the same work again, of the devices of a run that were not read.
import { api } from '../api/client';
import type { Run, RunDevice, RunResult } from './types';
import { freshKey } from './words';

const unread: RunResult[] = ['error', 'absent', 'interrupted', 'cancelled-by-user', 'cancelled-by-schedule', 'pending'];

/** Devices of an ended run without a success. */
export async function unreadOf(run: Run): Promise<number[]> {
  const ids: number[] = [];
  for (const result of unread)
    for (let page = 1; ; page++) {
      const { items, total } = await api.get<{ items: RunDevice[]; total: number }>(`/runs/${run.id}/devices`, { result, page, size: 1000 });
      ids.push(...items.map((item) => item.device));
      if (items.length === 0 || page * 1000 >= total) break;
    }
  return ids;
}

export const countUnread = (run: Run) => (run.ended ? run.total - run.good - run.partial : 0);

/** Orders it; returns the new run. The key makes a double click one run. */
export async function readAgain(run: Run, title: string): Promise<Run> {
  const devices = await unreadOf(run);
  return api.post<Run>('/runs', { title, devices, work: run.work, reason: run.reason, request: `again-${run.id}-${freshKey()}` });
}
