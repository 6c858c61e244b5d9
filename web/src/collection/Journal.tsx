// The exchange with a device within a run: what was done when, in words; the frames between, explained, when asked for (S3 2.2.23).
import { ArrowDownOutlined, ArrowUpOutlined, DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Drawer, Empty, Skeleton, Switch } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { gist, type Frame } from '../seeing/ExchangePanel';
import { FrameView } from '../seeing/FrameView';
import { Result } from './parts';
import type { Run, RunDevice } from './types';
import './collection.css';

interface Step {
  time: string;
  kind: 'step' | 'sent' | 'received' | 'note';
  text: string;
  /** Of frames. */
  frame?: string;
  lines?: Frame['lines'];
}

/** A frame in a line; opened, its bytes and what they mean. */
function FrameLine({ step, clock }: { step: Step; clock: string }) {
  const { t } = useTranslation('collection');
  const [open, setOpen] = useState(false);
  const frame: Frame = { time: step.time, direction: step.kind === 'sent' ? 'sent' : 'received', frame: step.frame ?? '', note: step.text, lines: step.lines ?? [] };
  return (
    <>
      <button type="button" className="journal-frame" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="frame">
        {step.kind === 'sent' ? <ArrowUpOutlined /> : <ArrowDownOutlined />}<span className="unseen">{t(`journal.${step.kind}`)}</span>
        <span style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{gist(frame)}</span>
        <code className="mono" style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', fontSize: 12 }}>{frame.frame.replace(/(..)/g, '$1 ')}</code>
      </button>
      {open && <div style={{ padding: '4px 0 8px' }}><FrameView frame={frame} clock={clock} /></div>}
    </>
  );
}

function Line({ step }: { step: Step }) {
  const clock = `${timeText(step.time).slice(11)}${step.time.slice(19).replace('Z', '')}`;
  const isFrame = step.kind === 'sent' || step.kind === 'received';
  return (
    <li className="journal-line">
      <span className="mono quiet" style={{ fontSize: 12, lineHeight: '22px' }}>{clock}</span>
      <div style={{ minWidth: 0 }}>{isFrame ? <FrameLine step={step} clock={clock} /> : <span style={{ overflowWrap: 'anywhere', lineHeight: '22px', fontWeight: step.kind === 'step' ? 500 : undefined }}>{step.text}</span>}</div>
    </li>
  );
}

export function Journal({ run, device, onClose }: { run: Run; device: RunDevice; onClose: () => void }) {
  const { t } = useTranslation('collection');
  const may = useMay();
  const act = useAct();
  const id = useId();
  const [detailed, setDetailed] = useState(false);
  const path = `/runs/${run.id}/devices/${device.device}/journal`;
  const { data, error, isPending } = useQuery({
    queryKey: [path, detailed, device.result, device.tries], placeholderData: (former) => former, queryFn: () => api.get<{ items: Step[] }>(path, { frames: detailed || undefined }),
    refetchInterval: run.ended ? false : 3_000,
  });
  const name = [device.serial, device.title].filter(Boolean).join(' · ') || `#${device.device}`;
  return (
    <Drawer open onClose={onClose} size={Math.min(window.innerWidth, detailed ? 1040 : 640)} title={<span style={{ fontWeight: 600 }}>{t('journal.of', { name })}</span>} data-testid="journal">
      <div style={{ display: 'grid', gap: 10 }}>
        <div className="toolbar">
          <Result result={device.result} />
          <span className="grow" />
          {may('Read.Logs.Debug') && <label htmlFor={id} style={{ display: 'flex', gap: 6, alignItems: 'center' }}><Switch id={id} size="small" checked={detailed} onChange={setDetailed} />{t('journal.detailed')}</label>}
          <Button size="small" icon={<DownloadOutlined />} onClick={() => void act(() => api.download(`${path}.txt`, { frames: detailed || undefined }))}>{t('journal.download')}</Button>
        </div>
        {device.note && <Alert type={device.result === 'error' ? 'error' : 'warning'} showIcon title={device.note} />}
        {error && <Alert type="error" showIcon title={error.message} />}
        {isPending && !error && <Skeleton active />}
        {data?.items.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('journal.empty')} />}
        <ol style={{ listStyle: 'none', margin: 0, padding: 0 }}>{data?.items.map((step, i) => <Line key={i} step={step} />)}</ol>
      </div>
    </Drawer>
  );
}
