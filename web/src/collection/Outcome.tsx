// What became of an order given in a dialog: its run, live, device by device, with the way to its page.
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '../api/client';
import { RunProgress, Result } from './parts';
import type { Run, RunDevice } from './types';

const most = 20;

export function Outcome({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation('collection');
  const navigate = useNavigate();
  const { data: run, error } = useQuery({
    queryKey: [`/runs/${id}`], queryFn: () => api.get<Run>(`/runs/${id}`), refetchInterval: ({ state }) => (state.data?.ended ? false : 3_000),
  });
  const { data: devices } = useQuery({
    queryKey: [`/runs/${id}/devices`, { size: most }, run?.ended], queryFn: () => api.get<{ items: RunDevice[]; total: number }>(`/runs/${id}/devices`, { size: most }),
    placeholderData: (former) => former,
  });
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (!run) return <Skeleton active />;
  return (
    <div style={{ display: 'grid', gap: 10 }} data-testid="outcome" aria-live="polite">
      <div><b>{run.title}</b></div>
      <RunProgress run={run} wide />
      <ul style={{ listStyle: 'none', margin: 0, padding: 0, maxHeight: 320, overflow: 'auto' }}>
        {devices?.items.map((row) => (
          <li key={row.device} style={{ padding: '4px 0', borderBottom: '1px solid var(--svod-color-border-secondary)' }}>
            <span style={{ display: 'flex', gap: 10, flexWrap: 'wrap' }}><span>{row.serial} {row.title}</span><span style={{ flex: 1 }} /><Result result={row.result} /></span>
            {row.note && <div className="quiet">{row.note}</div>}
          </li>
        ))}
        {devices && devices.total > most && <li style={{ padding: '4px 0', color: 'var(--svod-color-text-secondary)' }}>{t('outcome.more', { count: devices.total - most })}</li>}
      </ul>
      <div className="toolbar">
        <Button type="primary" onClick={() => { onClose(); navigate(`/runs/${id}`); }}>{t('outcome.open')}</Button>
        <Button onClick={onClose}>{t('app:close')}</Button>
      </div>
    </div>
  );
}
