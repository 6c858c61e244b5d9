// How lines live: their rows as the server tells them, brought up to date by news; who holds one, and whether its plan fits.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Answer, Row } from '../api/client';
import { useNews } from '../api/news';
import { durationText } from '../app/format';
import { State, type StateKind } from '../parts/state';

export type Life = Row<'/api/v1/lines'>;
export type WholeLife = Answer<'/api/v1/lines/{id}'>;
export type Holder = Life['holder'];
type News = Pick<Life, 'id' | 'holder' | 'cycle' | 'former' | 'plan_ms' | 'period_ms' | 'fit'>;

export const linesPath = '/lines';
export const linePath = (id: number) => `/lines/${id}`;

/** Puts news of lines into the answers at hand; what news do not carry (the journal, the devices) is asked again now and then. */
export function useLineNews(open?: number) {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useNews<News>('line', (news) => {
    client.setQueryData<{ items: Life[] }>([linesPath], (list) => list && { ...list, items: list.items.map((row) => (row.id === news.id ? { ...row, ...news } : row)) });
    if (news.id !== open) return;
    client.setQueryData<WholeLife>([linePath(news.id)], (row) => row && { ...row, ...news });
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: [linePath(news.id)] });
    }, 2000);
  });
}

/** Seconds go on between the news. */
function useElapsed(holder: Holder) {
  const [now, setNow] = useState(Date.now());
  const came = useRef({ holder, at: Date.now() });
  if (came.current.holder !== holder) came.current = { holder, at: Date.now() };
  useEffect(() => {
    const beat = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(beat);
  }, []);
  return holder.ms + Math.max(0, now - came.current.at);
}

/** Who it is: a device of the registry, or where a transit client calls from. */
export function WhoHolds({ holder }: { holder: Pick<Holder, 'device' | 'title' | 'client'> }) {
  const { t } = useTranslation('lines');
  if (holder.device) return <Link to={`/devices/${holder.device}`}>{holder.title || t('deleted', { id: holder.device })}</Link>;
  return holder.client ? <span className="mono">{holder.client}</span> : null;
}

export function HolderNow({ holder }: { holder: Holder }) {
  const { t } = useTranslation('lines');
  const elapsed = useElapsed(holder);
  if (holder.use === 'free') return <State kind="never">{t('use.free')}</State>;
  return (
    <span>
      <State kind={holder.use === 'transit' ? 'partial' : 'waiting'}>{t(`use.${holder.use}`)}</State> <WhoHolds holder={holder} /> <span style={{ whiteSpace: 'nowrap' }}>{durationText(elapsed)}</span>
    </span>
  );
}

const fitKinds: Record<Life['fit'], StateKind> = { unknown: 'never', yes: 'ok', close: 'partial', no: 'failed' };

export function Fit({ life }: { life: Pick<Life, 'fit' | 'period_ms'> }) {
  const { t } = useTranslation('lines');
  return <State kind={fitKinds[life.fit]}>{t(life.period_ms ? `fit.${life.fit}` : 'fit.noPeriod')}</State>;
}
