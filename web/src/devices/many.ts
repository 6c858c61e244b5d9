// One change of many devices: all of them or none.
import { api } from '../api/client';

/** Gives the devices these fields; returns how many were changed. */
export async function changeMany(ids: number[], device: object): Promise<number> {
  return (await api.post<{ changed: number }>('/devices/edit', { rows: ids.map((id) => ({ id })), common: { device } })).changed;
}
