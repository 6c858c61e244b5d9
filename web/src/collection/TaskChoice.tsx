// A task chosen for devices: to add them to it («Добавить в задачу сбора»), or to do its work with them once («Запустить разовую
// задачу», S3 2.2.5).
import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Empty, Modal } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import type { Column } from '../parts/table/columns';
import { DataTable } from '../parts/table/DataTable';
import { Outcome } from './Outcome';
import { switches, type Chosen, type Run, type Task, type TaskRow } from './types';
import { freshKey, scheduleText, workText, type Words } from './words';

interface Props {
  devices: Chosen[];
  purpose: 'add' | 'run';
  onClose: () => void;
}

export default function TaskChoice({ devices, purpose, onClose }: Props) {
  const { t } = useTranslation('collection');
  const { message, modal } = App.useApp();
  const client = useQueryClient();
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [run, setRun] = useState<number>();
  const key = useRef(freshKey());
  const ids = devices.map((device) => device.id);
  const doing = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await work();
    } catch (e) {
      setTrouble(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const add = (tasks: number[]) => doing(async () => {
    await api.post('/tasks/devices', { tasks, devices: ids });
    await client.invalidateQueries({ queryKey: ['/tasks'] });
    void message.success(t('actions.added', { count: devices.length }));
    onClose();
  });
  const order = async (task: Task) => setRun((await api.post<Run>('/runs', { task: task.id, title: task.title, devices: ids, reason: task.reason, request: `${key.current}-${task.id}` })).id);
  const once = (id: number) => doing(async () => {
    const task = await api.get<Task>(`/tasks/${id}`);
    if (!switches(task.work)) return order(task);
    modal.confirm({
      title: t('actions.confirmSwitch', { count: devices.length }), content: workText(task.work, t as Words), okText: t('actions.start'), okButtonProps: { danger: true }, cancelText: t('app:cancel'),
      onOk: () => doing(() => order(task)),
    });
  });
  const columns: Column<TaskRow>[] = [
    { key: 'title', title: t('name'), sortable: true },
    { key: 'schedule', title: t('schedule.title'), render: (task) => scheduleText(task.schedule, t as Words) },
    { key: 'targets', title: t('targets'), number: true },
  ];
  return (
    <Modal open title={t(purpose === 'add' ? 'actions.addToTask' : 'actions.runOnce')} onCancel={onClose} footer={null} width={run ? 600 : 760} mask={{ closable: false }}>
      <div style={{ display: 'grid', gap: 10 }} data-testid="task-choice">
        {trouble && <Alert type="error" showIcon title={trouble} role="alert" />}
        {run ? <Outcome id={run} onClose={onClose} /> : (
          <>
            <div>{t('relays.of', { count: devices.length })}: {devices.slice(0, 4).map((device) => device.serial).join(', ')}{devices.length > 4 && '…'}</div>
            <DataTable<TaskRow> name="choose-task" prefix="t." path="/tasks" columns={columns} selectable
              actions={({ keys }) => (
                <Button type="primary" loading={busy} disabled={purpose === 'add' ? keys.length === 0 : keys.length !== 1}
                  onClick={() => void (purpose === 'add' ? add(keys as number[]) : once(keys[0] as number))}>
                  {purpose === 'add' ? t('actions.addTo', { count: keys.length }) : t('actions.start')}
                </Button>
              )}
              empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('actions.noTasks')} />} />
            {purpose === 'run' && <span className="quiet">{t('actions.runOnceHint')}</span>}
          </>
        )}
      </div>
    </Modal>
  );
}
