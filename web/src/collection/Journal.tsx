// The exchange with a device within a run: what was done when, in words; the frames between, explained, when asked for (S3 2.2.23).
import { ArrowDownOutlined, ArrowUpOutlined, DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Drawer, Empty, Skeleton, Switch } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { useAct } from '../parts/forms';
import { Frame, type FrameLine } from './Frame';
import { Result } from './parts';
import type { Run, RunDevice } from './types';

interface Step {
  time: string;
  kind: 'step' | 'sent' | 'received' | 'note';
  text: string;
  frame: string;
  lines: FrameLine[];
}

function Line({ step, language }: { step: Step; language: string }) {
  const { t } = useTranslation('collection');
  const exact = `${timeText(step.time)}${/\.\d{3}/.exec(step.time)?.[0].replace('.', language === 'en' ? '.' : ',') ?? ''}`.slice(11);
  const isFrame = step.kind === 'sent' || step.kind === 'received';
  return (
    <li style={{ display: 'grid', gridTemplateColumns: '96px minmax(0, 1fr)', gap: 8, padding: '4px 0', borderBottom: '1px solid var(--svod-color-border-secondary)' }}>
      <span className="mono" style={{ color: 'var(--svod-color-text-secondary)', fontSize: 12, lineHeight: '20px' }}>{exact}</span>
      <div style={{ minWidth: 0 }}>
        {isFrame ? (
          <>
            <div style={{ color: 'var(--svod-color-text-secondary)', fontSize: 12 }}>{step.kind === 'sent' ? <ArrowUpOutlined /> : <ArrowDownOutlined />} {t(`journal.${step.kind}`)}{step.text && ` · ${step.text}`}</div>
            <Frame hex={step.frame} lines={step.lines ?? []} />
          </>
        ) : <span style={{ overflowWrap: 'anywhere', fontWeight: step.kind === 'step' ? 500 : undefined }}>{step.text}</span>}
      </div>
    </li>
  );
}

export function Journal({ run, device, onClose }: { run: Run; device: RunDevice; onClose: () => void }) {
  const { t, i18n } = useTranslation('collection');
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
        <ol style={{ listStyle: 'none', margin: 0, padding: 0 }}>{data?.items.map((step, i) => <Line key={i} step={step} language={i18n.language} />)}</ol>
      </div>
    </Drawer>
  );
}
