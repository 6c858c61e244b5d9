// Collection begun from a page that shows what is missing, and how it goes, live.
import { ThunderboltOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useNews } from '../api/news';
import { useMay } from '../api/session';
import { countText, timeText } from '../app/format';
import { useAct } from '../parts/acts';

export type Collection = Answer<'/api/v1/collection'>;

/** Paths whose answers change when something was collected. */
const stale = ['/home', '/completeness', '/completeness/missing', '/completeness/statistics', '/completeness/hours', '/contacts', '/contacts/devices', '/data', '/devices'];

/** How collection goes: asked once, then kept up by the news. What pages show is asked again now and then, and at its end. */
export function useCollection(): Collection | undefined {
  const may = useMay();
  const client = useQueryClient();
  const heard = useRef<Collection>(undefined);
  const { data } = useQuery({
    queryKey: ['/collection'], enabled: may('Read.DataCollection.Job'),
    queryFn: async () => {
      heard.current = undefined;
      const answer = await api.get<Collection>('/collection');
      // News that came meanwhile are the later word: the answer may have been written before a pass that has ended by now.
      return heard.current ?? answer;
    },
  });
  const seen = useRef<{ running: boolean; pass: number }>(undefined);
  const asked = useRef(0);
  useNews<Collection>('progress', (status) => {
    heard.current = status;
    client.setQueryData(['/collection'], status);
    // A short pass may have begun and ended between two news: then only its number tells.
    const ended = !status.running && !!seen.current && (seen.current.running || seen.current.pass !== status.pass);
    seen.current = { running: status.running, pass: status.pass };
    if (!ended && !(status.running && Date.now() - asked.current > 5_000)) return;
    asked.current = Date.now();
    for (const path of stale) void client.invalidateQueries({ queryKey: [path] });
  });
  return data;
}

/** Which devices: numbers, or what POST /completeness/collect takes. */
export type Whom = { devices: number[] } | { archive?: string; from?: string; to?: string; by?: string; key?: string; group?: string };

export function CollectButton({ whom, children, primary, disabled }: { whom: Whom; children: string; primary?: boolean; disabled?: boolean }) {
  const { t } = useTranslation('seeing');
  const client = useQueryClient();
  const may = useMay();
  const act = useAct();
  const running = useCollection()?.running ?? false;
  const [busy, setBusy] = useState(false);
  if (!may('Write.Scheduler.JobLaunches')) return null;
  const start = async () => {
    setBusy(true);
    await act(async () => {
      await api.post('devices' in whom ? '/collection' : '/completeness/collect', whom);
      await client.invalidateQueries({ queryKey: ['/collection'] });
    }, t('collect.started'));
    setBusy(false);
  };
  return <Button type={primary ? 'primary' : 'default'} icon={<ThunderboltOutlined />} loading={busy} disabled={disabled || running} onClick={() => void start()}>{children}</Button>;
}

/** The pass that runs, or when the last one ended and the next begins. */
export function CollectionLine({ quiet }: { quiet?: boolean }) {
  const { t } = useTranslation('seeing');
  const status = useCollection();
  const may = useMay();
  const act = useAct();
  const [first, setFirst] = useState<number>();
  useEffect(() => {
    if (status && first === undefined) setFirst(status.running ? status.pass - 1 : status.pass);
  }, [status, first]);
  if (!status || (quiet && !status.running && (first === undefined || status.pass === first))) return null;
  const finished = status.done + status.failed;
  const figures = t('collect.figures', { done: countText(status.done), failed: countText(status.failed), meters: countText(status.meters) });
  if (!status.running)
    return (
      <div data-testid="collection" style={{ color: 'var(--svod-color-text-secondary)' }}>
        {status.ended ? <>{t('collect.ended', { time: timeText(status.ended) })}: {figures}. </> : `${t('collect.idle')}. `}
        {status.next ? t('collect.next', { time: timeText(status.next) }) : t('collect.onDemand')}
      </div>
    );
  return (
    <div data-testid="collection" role="status" style={{ display: 'flex', flexWrap: 'wrap', gap: '4px 12px', alignItems: 'center' }}>
      <b>{t('collect.running')}</b>
      <Progress percent={status.meters ? Math.floor((finished * 100) / status.meters) : 0} style={{ flex: '1 1 160px', minWidth: 120, margin: 0 }} status="active" aria-label={t('collect.progress')} />
      <span>{figures}</span>
      {may('Write.Scheduler.JobLaunches') && <Button size="small" onClick={() => void act(() => api.delete('/collection'))}>{t('collect.stop')}</Button>}
    </div>
  );
}
