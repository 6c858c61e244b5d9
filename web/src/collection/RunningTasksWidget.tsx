// The home page's widget «Задачи сбора/управления, запущенные по расписанию» (S3 2.2.4): who is being asked now, live; when
// nobody is, what comes next.
import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { RunCounts, RunLink, RunProgress } from './parts';
import type { Run, TaskRow } from './types';
import { untilText } from './words';

const secondary = { color: 'var(--svod-color-text-secondary)' };

function Next() {
  const { t } = useTranslation('collection');
  const { data } = useQuery({ queryKey: ['/tasks', { sort: 'next', order: 'asc', size: 200 }], queryFn: () => api.get<{ items: TaskRow[] }>('/tasks', { sort: 'next', order: 'asc', size: 200 }) });
  const next = data?.items.filter((task) => task.scheduled && task.next).slice(0, 3) ?? [];
  if (!data) return null;
  if (next.length === 0) return <div style={secondary}>{t('widget.noneScheduled')} <Link to="/tasks" style={{ textDecoration: 'underline' }}>{t('widget.toTasks')}</Link></div>;
  return (
    <>
      <div style={secondary}>{t('widget.next')}</div>
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>{next.map((task) => <li key={task.id}><Link to={`/tasks/${task.id}/runs`}>{task.title}</Link> <span style={secondary}>{timeText(task.next, false)} · {untilText(task.next!)}</span></li>)}</ul>
    </>
  );
}

function Runs({ runs }: { runs: Run[] }) {
  return (
    <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {runs.map((run) => (
        <li key={run.id} style={{ display: 'flex', flexWrap: 'wrap', gap: '2px 14px', padding: '5px 0', borderBottom: '1px solid var(--svod-color-border-secondary)', alignItems: 'center' }}>
          <span style={{ flex: '1 1 160px', minWidth: 0, overflowWrap: 'anywhere' }}>{run.title}</span><RunCounts run={run} /><RunProgress run={run} /><RunLink run={run} />
        </li>
      ))}
    </ul>
  );
}

export function RunningTasksWidget() {
  const { t } = useTranslation('collection');
  const allowed = useMay()('Read.DataCollection.Job');
  const runs = (state: string, size: number) => ({ queryKey: ['/runs', { cause: 'schedule', state, size }], enabled: allowed, queryFn: () => api.get<{ items: Run[]; total: number }>('/runs', { cause: 'schedule', state, size }) });
  const going = useQuery(runs('running', 10)), former = useQuery(runs('ended', 3));
  if (!allowed) return null;
  if (going.isPending) return <Skeleton active title={false} />;
  const now = going.data?.items.filter((run) => !run.ended) ?? [];
  return (
    <div style={{ display: 'grid', gap: 8 }} data-testid="running-tasks">
      {now.length > 0 ? <Runs runs={now} /> : <div>{t('widget.nobody')}</div>}
      {going.data && going.data.total > now.length && now.length > 0 && <Link to="/tasks">{t('outcome.more', { count: going.data.total - now.length })}</Link>}
      {now.length === 0 && <Next />}
      {former.data && former.data.items.length > 0 && <><div style={secondary}>{t('widget.former')}</div><Runs runs={former.data.items} /></>}
    </div>
  );
}
