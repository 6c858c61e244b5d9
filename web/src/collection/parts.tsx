// Small parts of the pages of runs: result in words, progress, the counts.
import { Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { countText, durationText, timeText } from '../app/format';
import { State, useStateColors, type StateKind } from '../parts/state';
import type { Run, RunResult } from './types';
import { kindOf } from './words';

export function Result({ result }: { result: RunResult }) {
  const { t } = useTranslation('collection');
  return <State kind={kindOf(result)}>{t(`result.${result}`)}</State>;
}

/** Per cent and the word of the result beside a bar in its colour (S3 2.2.23). */
export function RunProgress({ run, wide = false }: { run: Run; wide?: boolean }) {
  const { t } = useTranslation('collection');
  const color = useStateColors()[kindOf(run.result)];
  return (
    <span style={{ verticalAlign: 'middle', display: 'inline-flex', alignItems: 'center', gap: 8, whiteSpace: 'nowrap' }}>
      <span role="progressbar" aria-label={t('progress')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={run.progress}
        style={{ width: wide ? 180 : 70, height: 6, borderRadius: 3, background: 'var(--svod-color-fill-secondary)', overflow: 'hidden' }}>
        <span style={{ display: 'block', width: `${run.progress}%`, height: '100%', background: color }} />
      </span>
      <span style={{ minWidth: 38, textAlign: 'right' }}>{run.progress}&nbsp;%</span>
      <Result result={run.result} />
    </span>
  );
}

const counted: { key: 'total' | 'good' | 'partial' | 'failed'; kind: StateKind }[] = [
  { key: 'total', kind: 'waiting' }, { key: 'good', kind: 'ok' }, { key: 'partial', kind: 'partial' }, { key: 'failed', kind: 'failed' },
];

/** «21 14 0 7»: all, success, partial, failed. */
export function RunCounts({ run }: { run: Run }) {
  const { t } = useTranslation('collection');
  return (
    <span style={{ verticalAlign: 'middle', display: 'inline-flex', gap: 10 }}>
      {counted.map(({ key, kind }) => (
        <Tooltip key={key} title={t(`count.${key}`)}>
          <span>{key === 'total' ? <b>{countText(run.total)}</b> : <State kind={kind}><span className="unseen">{t(`count.${key}`)} </span>{countText(run[key])}</State>}</span>
        </Tooltip>
      ))}
    </span>
  );
}

/** How long until a device is asked again, counted down; nothing once it is time. */
export function Resting({ until }: { until: string }) {
  const { t } = useTranslation('collection');
  const [now, setNow] = useState(Date.now);
  const left = Math.ceil((Date.parse(until) - now) / 1000);
  useEffect(() => {
    if (left <= 0) return;
    const tick = setTimeout(() => setNow(Date.now()), 1000);
    return () => clearTimeout(tick);
  }, [left]);
  return left > 0 ? <div className="quiet" title={timeText(until)} data-testid="resting">{t('run.resting', { time: durationText(left * 1000) })}</div> : null;
}

/** When a run began: the way to its page. */
export function RunLink({ run }: { run: Run }) {
  return <Link to={`/runs/${run.id}`}>{timeText(run.begun)}</Link>;
}
