// Clocks of meters (S0 4.4.1.1): chosen ones are read, corrected or set while one looks on; how far off each is.
import { FieldTimeOutlined, SafetyOutlined, StopOutlined, SyncOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Empty } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Row } from '../api/client';
import { useNews } from '../api/news';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { RunCounts, RunProgress } from '../collection/parts';
import type { Run } from '../collection/types';
import { useAct, useDestructive } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { State, type StateKind } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';

type Clock = Row<'/api/v1/clocks'>;

const kinds: Record<Clock['state'], StateKind> = { unread: 'never', good: 'ok', off: 'partial', beyond: 'failed' };

/** The list asks again while meters answer, at most once a second. */
function useLiveClocks() {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const soon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['/clocks'] });
    }, 1000);
  };
  useNews('run-device', soon);
  useNews<Run>('run', (run) => run.ended && soon());
}

/** How the order goes: progress, counts, «stop». */
function Progress({ id }: { id: number }) {
  const { t } = useTranslation('occasions');
  const act = useAct();
  const { data: run, error } = useQuery({ queryKey: [`/runs/${id}`], queryFn: () => api.get<Run>(`/runs/${id}`), refetchInterval: ({ state }) => (state.data?.ended ? false : 2_000) });
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (!run) return null;
  return (
    <div className="toolbar" data-testid="clock-run" aria-live="polite" style={{ flexWrap: 'wrap' }}>
      <Link to={`/runs/${id}`}>{run.title}</Link><RunProgress run={run} wide /><RunCounts run={run} />
      {!run.ended && <Button danger icon={<StopOutlined />} onClick={() => void act(() => api.delete(`/runs/${id}`), t('clocks.stopped'))}>{t('clocks.stop')}</Button>}
    </div>
  );
}

function useColumns(): Column<Clock>[] {
  const { t } = useTranslation('occasions');
  const error = (one: Clock) => (one.error_s === null ? '—' : one.error_s > 0 ? `+${one.error_s}` : String(one.error_s).replace('-', '−'));
  return [
    { key: 'id', title: 'ID', number: true, width: 60, sortable: true },
    { key: 'serial', title: t('clocks.serial'), sortable: true, render: (one) => <Link to={`/devices/${one.id}`}>{one.serial}</Link> },
    { key: 'state', title: t('state'), render: (one) => <State kind={kinds[one.state]}>{t(`clocks.states.${one.state}`)}</State>, filter: (['good', 'off', 'beyond', 'unread'] as const).map((value) => ({ value, label: t(`clocks.states.${value}`) })) },
    { key: 'error_s', title: t('clocks.error'), number: true, render: error },
    { key: 'title', title: t('clocks.name'), sortable: true },
    { key: 'driver', title: t('clocks.type'), sortable: true, render: (one) => one.driver_title },
    { key: 'group', title: t('field.group'), sortable: true, hidden: true },
    { key: 'shown', title: t('clocks.shown'), render: (one) => timeText(one.shown) },
    { key: 'read', title: t('clocks.read'), render: (one) => timeText(one.read) },
    { key: 'corrected', title: t('clocks.corrected'), render: (one) => (one.corrected ? <>{timeText(one.corrected)} <span className="quiet">{t('clocks.by', { seconds: one.corrected_s })}</span></> : '—') },
    { key: 'limit_s', title: t('clocks.limit'), number: true, render: (one) => one.limit_s || '—' },
    { key: 'note', title: t('clocks.note'), hidden: true },
  ];
}

export default function Clocks() {
  const { t } = useTranslation('occasions');
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const columns = useColumns();
  const [run, setRun] = useState<number>();
  useLiveClocks();
  const order = async (rows: Clock[], kind: 'clock-read' | 'clock-check' | 'clock-set') => {
    const begun = await act(() => api.post<Run>('/runs', { devices: rows.map((row) => row.id), title: t(`clocks.orders.${kind}`), work: { commands: [{ kind }] } }));
    if (begun) setRun(begun.id);
  };
  const set = (rows: Clock[]) => destructive({ title: t('clocks.setTitle', { count: rows.length }), content: t('clocks.setHint'), okText: t('clocks.set'), act: () => order(rows, 'clock-set') });
  const mayRead = may('Write.Scheduler.JobLaunches');
  return (
    <PageFrame title={t('clocks.title')}>
      {run !== undefined && <Progress key={run} id={run} />}
      <DataTable<Clock> name="clocks" path="/clocks" columns={columns} selectable
        actions={({ rows }) => mayRead && (
          <>
            <Button type="primary" icon={<SyncOutlined />} disabled={!rows.length} onClick={() => void order(rows, 'clock-read')}>{t('clocks.readNow')}</Button>
            <Button icon={<SafetyOutlined />} disabled={!rows.length} onClick={() => void order(rows, 'clock-check')}>{t('clocks.check')}</Button>
            <Button icon={<FieldTimeOutlined />} disabled={!rows.length} onClick={() => set(rows)}>{t('clocks.set')}…</Button>
          </>
        )}
        menu={(rows) => (mayRead ? [
          { key: 'read', icon: <SyncOutlined />, label: t('clocks.readNow'), onClick: () => void order(rows, 'clock-read') },
          { key: 'check', icon: <SafetyOutlined />, label: t('clocks.check'), onClick: () => void order(rows, 'clock-check') },
          { key: 'set', icon: <FieldTimeOutlined />, label: `${t('clocks.set')}…`, onClick: () => set(rows) },
        ] : [])}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('clocks.empty')} />} />
      <span className="quiet">{t('clocks.hint')} <Link to="/occasions" style={{ textDecoration: 'underline' }}>{t('title')}</Link></span>
    </PageFrame>
  );
}
