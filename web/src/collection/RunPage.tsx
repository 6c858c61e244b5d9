// «Информация запуска» (S3 2.2.23): how it goes, who was read and who was not, and why; the exchange with each.
import { DownloadOutlined, FileSearchOutlined, RedoOutlined, StopOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Descriptions, Empty, Skeleton, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { countText, durationText, timeText } from '../app/format';
import { useAct, useDestructive } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { State, type StateKind } from '../parts/state';
import type { Column } from '../parts/table/columns';
import { DataTable } from '../parts/table/DataTable';
import { countUnread, readAgain } from './again';
import { Journal } from './Journal';
import { Resting, Result, RunProgress } from './parts';
import { switches, type Run, type RunDevice, type RunResult } from './types';
import { workText, type Words } from './words';

interface Tile {
  result?: RunResult;
  count: number;
  kind?: StateKind;
  title: string;
}

/** The counts of S3: all, success, partial, error; the rest only where there are any. */
function tilesOf(run: Run, t: Words): Tile[] {
  const rest = run.total - run.good - run.partial - run.failed - run.absent;
  const restResult: RunResult = run.ended && run.result.startsWith('cancelled') ? run.result : run.ended ? 'interrupted' : 'pending';
  return [
    { count: run.total, title: t('count.total') },
    { result: 'success', count: run.good, kind: 'ok', title: t('count.good') },
    { result: 'partial', count: run.partial, kind: 'partial', title: t('count.partial') },
    { result: 'error', count: run.failed, kind: 'failed', title: t('count.failed') },
    ...(run.absent ? [{ result: 'absent' as const, count: run.absent, kind: 'never' as const, title: t('result.absent') }] : []),
    ...(rest > 0 ? [{ result: restResult, count: rest, kind: run.ended ? 'never' as const : 'waiting' as const, title: t(`result.${restResult}`) }] : []),
  ];
}

/** The counts as filters of the table below; the choice is in the address. */
function Tiles({ run }: { run: Run }) {
  const { t } = useTranslation('collection');
  const [words, setWords] = useSearchParams();
  const now = words.get('f.result') ?? undefined;
  const choose = (result: string | undefined) => {
    const next = new URLSearchParams(words);
    next.delete('page');
    if (result) next.set('f.result', result);
    else next.delete('f.result');
    setWords(next, { replace: true });
  };
  return (
    <div className="toolbar" role="group" aria-label={t('counts')} data-testid="tiles">
      {tilesOf(run, t as Words).map((tile) => (
        <Button key={tile.result ?? 'all'} aria-pressed={now === tile.result}
          style={{ height: 44, minWidth: 104, justifyContent: 'flex-start', ...(now === tile.result ? { borderColor: 'var(--svod-color-primary)', background: 'var(--svod-control-item-bg-active)' } : {}) }}
          onClick={() => choose(tile.result)} data-testid={`tile-${tile.result ?? 'all'}`}>
          <span style={{ display: 'grid', lineHeight: 1.2, textAlign: 'start' }}>
            <b style={{ fontSize: 16 }}>{countText(tile.count)}</b>
            <span style={{ fontSize: 12 }}>{tile.kind ? <State kind={tile.kind}>{tile.title}</State> : tile.title}</span>
          </span>
        </Button>
      ))}
    </div>
  );
}

function Facts({ run }: { run: Run }) {
  const { t } = useTranslation('collection');
  const took = run.begun ? (run.ended ? Date.parse(run.ended) : Date.now()) - Date.parse(run.begun) : undefined;
  return (
    <div className="panel" data-testid="facts">
      <div style={{ marginBottom: 10 }}><RunProgress run={run} wide /></div>
      <Descriptions size="small" column={{ xs: 1, sm: 2, lg: 3 }} items={[
        { key: 'begun', label: t('begun'), children: timeText(run.begun) },
        { key: 'ended', label: t('ended'), children: run.ended ? timeText(run.ended) : t('run.goesOn') },
        { key: 'took', label: t('took'), children: took === undefined ? '—' : durationText(Math.max(0, took)) },
        { key: 'cause', label: t('cause'), children: run.task && run.cause !== 'one-off' ? <Link to={`/tasks/${run.task}/runs`}>{t(`causes.${run.cause}`)}</Link> : t(`causes.${run.cause}`) },
        { key: 'user', label: t('user'), children: run.login || t('bySchedule') },
        { key: 'initiator', label: t('initiator'), children: t(`initiators.${run.initiator}`, { defaultValue: run.initiator }) },
        { key: 'work', label: t('work.title'), span: 'filled', children: workText(run.work, t as Words) },
        ...(run.reason ? [{ key: 'reason', label: t('reason'), span: 'filled' as const, children: run.reason }] : []),
      ]} />
    </div>
  );
}

/** Cancel, ask the unread again, the whole journal. */
function RunActions({ run }: { run: Run }) {
  const { t } = useTranslation('collection');
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const unread = countUnread(run);
  const again = async () => {
    setBusy(true);
    const next = await act(() => readAgain(run, t('run.againTitle', { title: run.title })), t('run.againBegun', { count: unread }));
    setBusy(false);
    if (next) navigate(`/runs/${next.id}`);
  };
  // What switches relays is ordered again only by who says so twice.
  const ask = () => (switches(run.work)
    ? modal.confirm({ title: t('run.againSwitches', { count: unread }), content: workText(run.work, t as Words), okText: t('run.again'), okButtonProps: { danger: true }, cancelText: t('app:cancel'), onOk: again })
    : void again());
  const cancel = () => destructive({
    title: t('run.cancelTitle'), content: t('run.cancelHint', { count: run.total - run.good - run.partial - run.failed - run.absent }), okText: t('run.cancel'),
    act: async () => {
      await api.delete(`/runs/${run.id}`);
      await client.invalidateQueries({ queryKey: [`/runs/${run.id}`] });
    },
  });
  return (
    <>
      {!run.ended && may('Write.Scheduler.JobLaunches') && <Button danger icon={<StopOutlined />} onClick={cancel}>{t('run.cancel')}</Button>}
      {unread > 0 && run.work && may('Write.Scheduler.JobLaunches') && <Button type="primary" icon={<RedoOutlined />} loading={busy} onClick={ask}>{t('run.again')} ({countText(unread)})</Button>}
      <Tooltip title={t('journal.whole')}><Button icon={<DownloadOutlined />} onClick={() => void act(() => api.download(`/runs/${run.id}/journal.txt`))}>{t('journal.download')}</Button></Tooltip>
    </>
  );
}

function DeviceResults({ run }: { run: Run }) {
  const { t } = useTranslation('collection');
  const [open, setOpen] = useState<RunDevice>();
  const results = ['success', 'partial', 'error', 'absent', 'cancelled-by-schedule', 'cancelled-by-user', 'interrupted', 'pending'] as const;
  const columns: Column<RunDevice>[] = [
    { key: 'journal', title: t('journal.title'), width: 70, render: (row) => <Tooltip title={t('journal.open')}><Button size="small" type="text" icon={<FileSearchOutlined />} aria-label={t('journal.openOf', { serial: row.serial })} onClick={() => setOpen(row)} /></Tooltip> },
    { key: 'result', title: t('result.title'), render: (row) => <Result result={row.result} />, filter: results.map((value) => ({ value, label: t(`result.${value}`) })) },
    { key: 'serial', title: t('serial'), render: (row) => <Link to={`/devices/${row.device}`}>{row.serial || `#${row.device}`}</Link> },
    { key: 'title', title: t('deviceName') },
    { key: 'note', title: t('note'), render: (row) => <div data-testid="note" style={{ minWidth: 220, maxWidth: 440, whiteSpace: 'normal' }}>{row.note || (row.resting_until ? '' : '—')} {row.resting_until && <Resting until={row.resting_until} />}</div> },
    { key: 'driver', title: t('type'), text: (row) => row.driver_title },
    { key: 'readings', title: t('readings'), number: true, render: (row) => countText(row.readings) },
    { key: 'events', title: t('events'), number: true, render: (row) => countText(row.events) },
    { key: 'tries', title: t('tries'), number: true, render: (row) => countText(row.tries) },
    { key: 'begun', title: t('begun'), hidden: true, render: (row) => timeText(row.begun) },
    { key: 'ended', title: t('ended'), render: (row) => timeText(row.ended) },
  ];
  return (
    <>
      <DataTable<RunDevice> name="run-devices" path={`/runs/${run.id}/devices`} rowKey={(row) => row.device} columns={columns} onOpen={setOpen}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('run.nobody')} />} />
      {open && <Journal run={run} device={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

export default function RunPage() {
  const { t } = useTranslation('collection');
  const { id } = useParams();
  const { data: run, error } = useQuery({
    queryKey: [`/runs/${id}`], queryFn: () => api.get<Run>(`/runs/${id}`), refetchInterval: ({ state }) => (state.data && !state.data.ended ? 5_000 : false),
  });
  const back = run?.task && run.cause !== 'one-off' ? `/tasks/${run.task}/runs` : run?.cause === 'one-off' ? '/runs' : run?.cause === 'event' ? '/occasions?tab=happenings' : '/tasks';
  if (error) return <PageFrame title={t('run.title')} back="/tasks"><Alert type="error" showIcon title={error.message} /></PageFrame>;
  return (
    <PageFrame title={run ? t('run.of', { title: run.title }) : t('run.title')} back={back} actions={run && <RunActions run={run} />}>
      {run ? <><Facts run={run} /><Tiles run={run} /><DeviceResults key={run.id} run={run} /></> : <Skeleton active />}
    </PageFrame>
  );
}
