// In the top bar: how many runs go on, and the way to them. Holds the dialogs that menus open, and the ear for news of runs.
import { SyncOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { DialogHost } from './dialogs';
import { useRunNews } from './live';
import { RunProgress } from './parts';
import type { Run } from './types';

function Running() {
  const { t } = useTranslation('collection');
  const { data } = useQuery({
    queryKey: ['/runs', { state: 'running', size: 8 }], queryFn: () => api.get<{ items: Run[]; total: number }>('/runs', { state: 'running', size: 8 }),
  });
  const runs = data?.items.filter((run) => !run.ended) ?? [];
  if (!data || runs.length === 0) return null;
  const list = (
    <div style={{ display: 'grid', gap: 6, maxWidth: 420 }}>
      {runs.map((run) => <span key={run.id}><Link to={`/runs/${run.id}`}>{run.title}</Link><br /><RunProgress run={run} /></span>)}
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t('running.title')} content={list}>
      <Button type="text" icon={<SyncOutlined spin />} aria-label={t('running.label', { count: data.total })} data-testid="running">{data.total}</Button>
    </Popover>
  );
}

export function TopBarItem() {
  const may = useMay();
  useRunNews();
  return <>{may('Read.DataCollection.Job') && <Running />}<DialogHost /></>;
}
