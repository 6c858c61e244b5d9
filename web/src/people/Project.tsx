// One project: what it is, and who works in it (S3 2.2.26, figure 73).
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Spin } from 'antd';
import { useEffect, useState, type Key } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, ApiError } from '../api/client';
import { useMay } from '../api/session';
import { useAct } from '../parts/acts';
import { SaveForm, useLeaveGuard } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { useSaveOver } from '../parts/saveOver';
import { useProject, type Project as ProjectRow } from './data';
import { PeopleChoice } from './PeopleChoice';

type Words = Pick<ProjectRow, 'title' | 'note'>;

function About({ project, refresh }: { project: ProjectRow; refresh: () => Promise<unknown> }) {
  const { t } = useTranslation('people');
  const may = useMay();
  const saveOver = useSaveOver();
  const save = async (words: Words) => {
    try {
      await saveOver(project, words as never, (revision) => api.patch(`/projects/${project.id}`, { ...words, revision }), () => api.get<ProjectRow>(`/projects/${project.id}`));
    } catch (e) {
      if (!(e instanceof ApiError) || e.code !== 'taken') throw e;
      throw new ApiError(409, 'taken', e.message, [{ field: 'title', message: t('projects.taken') }]);
    }
    await refresh();
  };
  return (
    <Card title={t('projects.about')} size="small">
      <SaveForm<Words> save={save} initialValues={project} draft={`project-${project.id}`} disabled={!may('Update.Projects')}>
        <Form.Item name="title" label={t('projects.name')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={120} /></Form.Item>
        <Form.Item name="note" label={t('projects.note')}><Input.TextArea maxLength={1000} rows={3} /></Form.Item>
      </SaveForm>
    </Card>
  );
}

function People({ project, refresh }: { project: ProjectRow; refresh: () => Promise<unknown> }) {
  const { t } = useTranslation('people');
  const act = useAct();
  const mayManage = useMay()('Manage.Projects');
  const [chosen, setChosen] = useState<Key[]>(project.users);
  useEffect(() => setChosen(project.users), [project.users]);
  const dirty = [...chosen].sort().join() !== [...project.users].sort().join();
  useLeaveGuard(dirty);
  const save = () => act(async () => { await api.put(`/projects/${project.id}/users`, { users: chosen }); await refresh(); }, t('app:saved'));
  return (
    <Card title={t('projects.people')} size="small">
      <PeopleChoice value={chosen} onChange={setChosen} disabled={!mayManage} />
      <div className="toolbar" style={{ marginTop: 8 }}>
        <Button type="primary" disabled={!dirty || !mayManage} onClick={() => void save()}>{t('app:save')}</Button>
        <Button type="text" disabled={!dirty} onClick={() => setChosen(project.users)}>{t('app:clear')}</Button>
      </div>
    </Card>
  );
}

export default function Project() {
  const { t } = useTranslation('people');
  const { id = '' } = useParams();
  const client = useQueryClient();
  const project = useProject(id);
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['/projects'] }), client.invalidateQueries({ queryKey: ['/users'] }), client.invalidateQueries({ queryKey: ['session'], exact: true })]);
  return (
    <PageFrame title={project.data?.title ?? t('project.title')} back="/admin/projects">
      {project.isPending && <Spin />}
      {project.error && <Alert type="error" showIcon title={project.error.message} />}
      {project.data && <About key={project.data.revision} project={project.data} refresh={refresh} />}
      {project.data && <People project={project.data} refresh={refresh} />}
    </PageFrame>
  );
}
