// The test of the link and the poll on demand (S0 4.3.1, S4 21–23): an order over meters, its result at each of them while it goes on.
import { useQuery } from '@tanstack/react-query';
import { Button, Progress, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { durationText } from '../app/format';
import { Result } from '../collection/parts';
import type { Run, RunDevice, Work } from '../collection/types';
import { Contact } from '../devices/Contact';
import { useAct } from '../parts/acts';
import { State } from '../parts/state';
import type { DraftRow } from './draft';
import './table.css';

export type Order = 'contact' | 'poll';
/** Anything else that is read over meters. */
export interface Reading {
  title: string;
  work: Partial<Work>;
}
const works: Record<Order, object> = { contact: { contact: true }, poll: { measurements: [{ archive: 'current', again: true }] } };

async function devicesOf(run: number): Promise<{ items: RunDevice[]; total: number }> {
  const items: RunDevice[] = [];
  for (let page = 1; ; page++) {
    const part = await api.get<{ items: RunDevice[]; total: number }>(`/runs/${run}/devices`, { page, size: 1000 });
    items.push(...part.items);
    if (!part.items.length || items.length >= part.total) return { items, total: part.total };
  }
}

export interface Test {
  run?: Run;
  devices: Map<number, RunDevice>;
  begin: (order: Order | Reading, ids: number[]) => Promise<unknown>;
  stop: () => Promise<unknown>;
}

/** The order that was given last from this page. */
export function useTest(): Test {
  const { t } = useTranslation('table');
  const act = useAct();
  const [id, setId] = useState<number>();
  const { data: run } = useQuery({ queryKey: [`/runs/${id}`], enabled: id !== undefined, queryFn: () => api.get<Run>(`/runs/${id}`), refetchInterval: ({ state }) => (state.data?.ended ? false : 1500) });
  const { data } = useQuery({ queryKey: [`/runs/${id}/devices`, 'all', run?.ended], enabled: id !== undefined, queryFn: () => devicesOf(id!), placeholderData: (former) => former, refetchInterval: run?.ended ? false : 1500 });
  return {
    run, devices: new Map(id === undefined ? [] : data?.items.map((row) => [row.device, row])),
    begin: (order, ids) => act(async () => {
      const what = typeof order === 'string' ? { title: t(`test.${order}`), work: works[order] } : order;
      setId((await api.post<Run>('/runs', { devices: ids, ...what })).id);
    }),
    stop: () => act(() => api.delete(`/runs/${id}`)),
  };
}

const tookMs = (row: RunDevice) => (row.begun && row.ended ? Date.parse(row.ended) - Date.parse(row.begun) : 0);

/** How the row's meter answered: in the order that goes on, else the last time anybody asked it. */
export function RowStatus({ row, test }: { row: DraftRow; test: Test }) {
  const { t } = useTranslation('table');
  const device = row.was && test.devices.get(row.was.id);
  if (!row.was) return <State kind="never">{t('newRow')}</State>;
  if (!device) return <Contact device={row.was} />;
  const about = [device.note, device.ended ? t('test.took', { time: durationText(tookMs(device)), tries: device.tries }) : ''].filter(Boolean).join('; ');
  return <Tooltip title={about}><span tabIndex={0}><Result result={device.result} /></span></Tooltip>;
}

/** Asked, answered, silent, how long it took; «Остановить» while it goes on. */
export function TestPanel({ test }: { test: Test }) {
  const { t } = useTranslation('table');
  const { run } = test;
  if (!run) return null;
  const rows = [...test.devices.values()], ended = rows.filter((row) => row.ended);
  const answered = rows.filter((row) => row.result === 'success' || row.result === 'partial').length;
  const failed = rows.filter((row) => row.result === 'error' || row.result === 'absent').length;
  const tries = ended.reduce((sum, row) => sum + Math.max(0, row.tries - 1), 0);
  const mean = ended.length ? ended.reduce((sum, row) => sum + tookMs(row), 0) / ended.length : 0;
  return (
    <section className="panel table-test" aria-label={run.title} aria-live="polite" data-testid="test">
      <b>{run.title}</b>
      <Progress percent={run.ended ? 100 : Math.round(((answered + failed) * 100) / Math.max(1, run.total))} size="small" style={{ width: 160 }} aria-label={run.title} status={run.ended ? (failed ? 'exception' : 'success') : 'active'} />
      <span>{t('test.asked', { count: rows.length })}</span>
      <State kind="ok">{t('test.answered', { count: answered })}</State>
      {failed > 0 && <State kind="failed">{t('test.failed', { count: failed })}</State>}
      <span className="quiet">{t('test.mean', { time: durationText(mean) })}, {t('test.again', { count: tries })}</span>
      {!run.ended && <Button danger size="small" onClick={() => void test.stop()}>{t('stop')}</Button>}
    </section>
  );
}
