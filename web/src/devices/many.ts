// One change of many devices: all of them or none.
import { api, type Answer } from '../api/client';

/** Gives the devices these fields; returns how many were changed. */
export async function changeMany(ids: number[], device: object): Promise<number> {
  return (await api.post<Answer<'/api/v1/devices/wizard', 'post'>>('/devices/wizard', { ids, set: { device } })).devices;
}
