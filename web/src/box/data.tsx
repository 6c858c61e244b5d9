// What the pages of the box share: the box as it is now, its words, writing a form that somebody else may have written.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, type Answer } from '../api/client';
import { timeText } from '../app/format';
import { Stay } from '../parts/forms';
import { State, type StateKind } from '../parts/state';

export type Box = Answer<'/api/v1/box'>;
export type Clock = Box['clock'];

/** Asked again every few seconds, whichever page shows it. */
export function useBox() {
  return useQuery({ queryKey: ['/box'], queryFn: () => api.get<Box>('/box'), refetchInterval: 10_000 });
}

/** A moment of UTC by the box's own zone. */
export function boxTime(utc: string | null | undefined, zone: number): string {
  return utc ? timeText(new Date(Date.parse(utc) + zone * 60_000).toISOString().slice(0, 19)) : '—';
}

const signalKinds = [[70, 'excellent', 'ok'], [50, 'good', 'ok'], [30, 'fair', 'partial'], [0, 'poor', 'failed']] as const;

/** «4G Превосходный». */
export function Signal({ modem }: { modem: Box['modem'] }) {
  const { t } = useTranslation('box');
  if (modem.signal_percent === null || modem.signal_percent === undefined)
    return <State kind="never">{t(`modem.states.${modem.state}`)}</State>;
  const [, word, kind] = signalKinds.find(([least]) => modem.signal_percent! >= least)!;
  return <State kind={kind}>{modem.technology} {t(`signal.${word}`)} ({modem.signal_percent} %)</State>;
}

export const modemKinds: Record<string, StateKind> = { absent: 'never', off: 'never', searching: 'waiting', denied: 'failed', registered: 'partial', connected: 'ok' };

/** Rows of a name and a value, as dense as a label on a case. */
export function Facts({ rows }: { rows: [string, ReactNode][] }) {
  return <dl className="facts">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/** Writes a form of the box as a whole; when somebody was faster, asks whether to see what he wrote. */
export function useBoxSave() {
  const { modal } = App.useApp();
  const { t } = useTranslation('box');
  const client = useQueryClient();
  return async <T,>(path: string, body: unknown): Promise<T> => {
    try {
      const answer = await api.patch<T>(path, body);
      client.setQueryData([path], answer);
      void client.invalidateQueries({ queryKey: ['/box'] });
      return answer;
    } catch (e) {
      if (!(e instanceof ApiError) || e.code !== 'changed') throw e;
      await new Promise<void>((decided) => modal.confirm({
        title: t('changed.title'), content: t('changed.hint'), okText: t('changed.take'), cancelText: t('changed.stay'), onCancel: () => decided(),
        onOk: async () => {
          await client.invalidateQueries({ queryKey: [path] });
          decided();
        },
      }));
      throw new Stay();
    }
  };
}
