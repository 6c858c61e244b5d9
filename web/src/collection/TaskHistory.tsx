// Runs of one task, newest first («Просмотреть историю», S3 2.2.22).
import { EditOutlined, PlayCircleOutlined, StopOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { useAct } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';
import { useRunColumns } from './runColumns';
import type { Run, Task } from './types';
import { scheduleText, untilText, workText, type Words } from './words';

export default function TaskHistory() {
  const { t } = useTranslation('collection');
  const { id } = useParams();
  const navigate = useNavigate();
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const c = useRunColumns();
  const { data: task, error } = useQuery({ queryKey: ['/tasks', 'one', id], queryFn: () => api.get<Task>(`/tasks/${id}`) });
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['/tasks'] }), client.invalidateQueries({ queryKey: ['/runs'] })]);
  const going = task?.running;
  const toggle = () => act(async () => {
    await (going ? api.delete(`/tasks/${id}/run`) : api.post(`/tasks/${id}/run`));
    await refresh();
  });
  if (error) return <PageFrame title={t('history.title')} back="/tasks"><Alert type="error" showIcon title={error.message} /></PageFrame>;
  return (
    <PageFrame title={task ? t('history.of', { title: task.title }) : t('history.title')} back="/tasks" actions={task && (
      <>
        {may('Write.Scheduler.JobLaunches') && <Button icon={going ? <StopOutlined /> : <PlayCircleOutlined />} danger={going} onClick={() => void toggle()}>{t(going ? 'list.cancel' : 'list.run')}</Button>}
        {may('Write.DataCollection.Job') && <Button icon={<EditOutlined />} onClick={() => navigate(`/tasks/${id}/edit`)}>{t('app:edit')}</Button>}
      </>
    )}>
      {task && (
        <div className="panel" style={{ display: 'grid', gap: 4 }}>
          <span><b>{t('work.title')}:</b> {workText(task.work, t as Words)}</span>
          <span><b>{t('schedule.title')}:</b> {scheduleText(task.schedule, t as Words)}{task.schedule && ` (${task.zone || t('schedule.serverZone')})`}
            {task.scheduled && task.next ? ` · ${t('schedule.nextIn', { when: untilText(task.next) })}` : task.schedule && ` · ${t('schedule.isOff')}`}</span>
        </div>
      )}
      <DataTable<Run> name="task-runs" path="/runs" query={{ task: id }} columns={[c.begun, c.result, c.counts, c.ended, c.took, c.cause, c.login]} searchable={false}
        onOpen={(run) => navigate(`/runs/${run.id}`)}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('history.empty')} />} />
    </PageFrame>
  );
}
