// Tasks of collection and control (S3 2.2.22): run now, schedules on and off, make, make after another, change, delete, history.
import {
  ClockCircleOutlined, CopyOutlined, DeleteOutlined, EditOutlined, FieldTimeOutlined, HistoryOutlined, PauseCircleOutlined, PlayCircleOutlined, PlusOutlined, StopOutlined,
} from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Empty, Switch, Tooltip } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { useAct, useDestructive } from '../parts/acts';
import { PageFrame } from '../parts/page';
import type { Column } from '../parts/table/columns';
import { DataTable } from '../parts/table/DataTable';
import { RunLink, RunProgress } from './parts';
import type { TaskRow } from './types';
import { scheduleText, untilText, zonedText, type Words } from './words';

/** What can be done with tasks, by the rights of who is here. */
function useTaskWork() {
  const { t } = useTranslation('collection');
  const act = useAct();
  const destructive = useDestructive();
  const client = useQueryClient();
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['/tasks'] }), client.invalidateQueries({ queryKey: ['/runs'] })]);
  return {
    run: (task: TaskRow) => act(async () => { await api.post(`/tasks/${task.id}/run`); await refresh(); }, t('list.begun', { title: task.title })),
    cancel: (task: TaskRow) => act(async () => { await api.delete(`/tasks/${task.id}/run`); await refresh(); }, t('list.cancelled', { title: task.title })),
    schedule: (tasks: TaskRow[], on: boolean) => act(async () => {
      await api.post('/tasks/schedule', { tasks: tasks.map((task) => task.id), on });
      await refresh();
    }, t(on ? 'list.scheduleIsOn' : 'list.scheduleIsOff', { count: tasks.length })),
    remove: (tasks: TaskRow[], done: () => void) => destructive({
      title: t('list.removeTitle', { count: tasks.length }),
      content: <>{t('list.removeHint')}<ul style={{ paddingInlineStart: 20, marginBottom: 0 }}>{tasks.slice(0, 8).map((task) => <li key={task.id}>{task.title}</li>)}{tasks.length > 8 && <li>…</li>}</ul></>,
      okText: t('list.removeOk', { count: tasks.length }),
      act: async () => {
        for (const task of tasks) await api.delete(`/tasks/${task.id}`);
        done();
        await refresh();
      },
      done: t('list.removed', { count: tasks.length }),
    }),
  };
}

type TaskWork = ReturnType<typeof useTaskWork>;

function Doing({ task, work, mayRun, mayWrite, t }: { task: TaskRow; work: TaskWork; mayRun: boolean; mayWrite: boolean; t: TFunction<'collection'> }) {
  const label = t(task.running ? 'list.cancelOf' : 'list.runOf', { title: task.title });
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
      {mayRun && (
        <Tooltip title={t(task.running ? 'list.cancel' : 'list.run')}>
          <Button size="small" type="text" aria-label={label} icon={task.running ? <StopOutlined /> : <PlayCircleOutlined />} danger={task.running}
            onClick={() => void (task.running ? work.cancel(task) : work.run(task))} />
        </Tooltip>
      )}
      <Tooltip title={task.schedule ? scheduleText(task.schedule, t as Words) : t('schedule.none')}>
        <Switch size="small" checked={task.scheduled} disabled={!mayWrite || !task.schedule} aria-label={t('list.scheduleOf', { title: task.title })}
          onChange={(on) => void work.schedule([task], on)} />
      </Tooltip>
    </span>
  );
}

function Next({ task }: { task: TaskRow }) {
  if (!task.scheduled || !task.next) return <>—</>;
  return <Tooltip title={`${zonedText(task.next, task.zone)} ${task.zone}`}><span>{timeText(task.next, false)} <span className="quiet">· {untilText(task.next)}</span></span></Tooltip>;
}

/** When its schedule was last switched on, or off. */
function Switched({ task }: { task: TaskRow }) {
  const { t } = useTranslation('collection');
  const at = task.scheduled ? task.scheduled_on : task.scheduled_off;
  return at ? <>{t(task.scheduled ? 'switchedOn' : 'switchedOff', { at: timeText(at, false) })}</> : <>—</>;
}

function useColumns(work: TaskWork): Column<TaskRow>[] {
  const { t } = useTranslation('collection');
  const may = useMay();
  const mayRun = may('Write.Scheduler.JobLaunches'), mayWrite = may('Write.DataCollection.Job');
  return [
    { key: 'title', title: t('name'), sortable: true },
    { key: 'act', title: t('action'), width: 84, render: (task) => <Doing task={task} work={work} mayRun={mayRun} mayWrite={mayWrite} t={t} /> },
    { key: 'progress', title: t('progress'), render: (task) => (task.run ? <RunProgress run={task.run} /> : <span className="quiet">{t('list.never')}</span>) },
    { key: 'begun', title: t('begun'), sortable: true, render: (task) => (task.run ? <RunLink run={task.run} /> : '—') },
    { key: 'ended', title: t('ended'), render: (task) => timeText(task.run?.ended) },
    { key: 'next', title: t('next'), sortable: true, render: (task) => <Next task={task} /> },
    { key: 'priority', title: t('priority'), sortable: true, number: true },
    { key: 'switched', title: t('switched'), render: (task) => <Switched task={task} /> },
    { key: 'login', title: t('user') },
    { key: 'targets', title: t('targets'), number: true, hidden: true },
    { key: 'schedule', title: t('schedule.title'), hidden: true, render: (task) => scheduleText(task.schedule, t as Words) },
  ];
}

export default function TaskList() {
  const { t } = useTranslation('collection');
  const may = useMay();
  const navigate = useNavigate();
  const work = useTaskWork();
  const columns = useColumns(work);
  const mayRun = may('Write.Scheduler.JobLaunches'), mayWrite = may('Write.DataCollection.Job'), mayDelete = may('Delete.DataCollection.Job');
  const add = <Button type="primary" icon={<PlusOutlined />} onClick={() => navigate('/tasks/new')}>{t('list.add')}</Button>;
  return (
    <PageFrame title={t('list.title')} actions={mayWrite && add}>
      <DataTable<TaskRow> name="tasks" path="/tasks" columns={columns} selectable searchable onOpen={(task) => navigate(task.run ? `/runs/${task.run.id}` : `/tasks/${task.id}/runs`)}
        actions={({ rows, clear }) => rows.length > 0 && (
          <>
            {mayWrite && <Button icon={<FieldTimeOutlined />} disabled={rows.every((task) => task.scheduled)} onClick={() => void work.schedule(rows, true)}>{t('list.scheduleOn')}</Button>}
            {mayWrite && <Button icon={<PauseCircleOutlined />} disabled={rows.every((task) => !task.scheduled)} onClick={() => void work.schedule(rows, false)}>{t('list.scheduleOff')}</Button>}
            {mayWrite && rows.length === 1 && <Button icon={<CopyOutlined />} onClick={() => navigate(`/tasks/new?from=${rows[0].id}`)}>{t('list.clone')}</Button>}
            {mayWrite && rows.length === 1 && <Button icon={<EditOutlined />} onClick={() => navigate(`/tasks/${rows[0].id}/edit`)}>{t('app:edit')}</Button>}
            {mayDelete && <Button icon={<DeleteOutlined />} danger onClick={() => work.remove(rows, clear)}>{t('app:delete')}</Button>}
          </>
        )}
        menu={(rows, { clear }) => [
          ...(rows.length === 1 ? [
            ...(mayRun ? [rows[0].running
              ? { key: 'cancel', icon: <StopOutlined />, label: t('list.cancel'), onClick: () => void work.cancel(rows[0]) }
              : { key: 'run', icon: <PlayCircleOutlined />, label: t('list.run'), onClick: () => void work.run(rows[0]) }] : []),
            { key: 'history', icon: <HistoryOutlined />, label: t('list.history'), onClick: () => navigate(`/tasks/${rows[0].id}/runs`) },
          ] : []),
          ...(mayWrite ? [
            { key: 'on', icon: <ClockCircleOutlined />, label: t('list.scheduleOn'), disabled: rows.every((task) => task.scheduled || !task.schedule), onClick: () => void work.schedule(rows, true) },
            { key: 'off', icon: <PauseCircleOutlined />, label: t('list.scheduleOff'), disabled: rows.every((task) => !task.scheduled), onClick: () => void work.schedule(rows, false) },
            ...(rows.length === 1 ? [
              { key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => navigate(`/tasks/${rows[0].id}/edit`) },
              { key: 'clone', icon: <CopyOutlined />, label: t('list.clone'), onClick: () => navigate(`/tasks/new?from=${rows[0].id}`) },
            ] : []),
          ] : []),
          ...(mayDelete ? [{ type: 'divider' as const }, { key: 'delete', icon: <DeleteOutlined />, danger: true, label: t('app:delete'), onClick: () => work.remove(rows, clear) }] : []),
        ]}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={<>{t('list.empty')}<br /><span className="quiet">{t('list.emptyHint')}</span></>}>{mayWrite && add}</Empty>} />
    </PageFrame>
  );
}
