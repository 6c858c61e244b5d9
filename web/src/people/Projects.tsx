// Projects: separate worlds of devices and users, made in two steps (S3 2.2.26, 3.1).
import { PlusOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Space, Steps, Tag } from 'antd';
import { useState, type Key } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api, ApiError } from '../api/client';
import { useMay, useMe, type Me } from '../api/session';
import { countText } from '../app/format';
import { useDestructive } from '../parts/acts';
import { putFieldErrors } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { useProjects, type Project } from './data';
import { PeopleChoice } from './PeopleChoice';

interface Words {
  title: string;
  note: string;
}

/** Step 1 what it is, step 2 who works in it. */
function NewProject({ onClose, onMade }: { onClose: () => void; onMade: (id: number, title: string) => void }) {
  const { t } = useTranslation('people');
  const { modal, message } = App.useApp();
  const [form] = Form.useForm<Words>();
  const [step, setStep] = useState(0);
  const [people, setPeople] = useState<Key[]>([]);
  const [busy, setBusy] = useState(false);
  const close = () => {
    const { title, note } = form.getFieldsValue(true) as Words;
    if (!title && !note && people.length === 0) return onClose();
    modal.confirm({ title: t('app:unsaved.title'), content: t('app:unsaved.hint'), okText: t('app:unsaved.leave'), okButtonProps: { danger: true }, cancelText: t('app:unsaved.stay'), onOk: onClose });
  };
  const next = () => void form.validateFields().then(() => setStep(1), () => {});
  const make = async () => {
    setBusy(true);
    const words = form.getFieldsValue(true) as Words;
    try {
      const { id } = await api.post<{ id: number }>('/projects', { ...words, users: people });
      onMade(id, words.title);
    } catch (e) {
      const taken = e instanceof ApiError && e.code === 'taken';
      if (!taken && !(e instanceof ApiError && e.fields.length)) void message.error(e instanceof Error ? e.message : String(e));
      else {
        setStep(0);
        setTimeout(() => putFieldErrors(form, taken ? new ApiError(409, 'taken', '', [{ field: 'title', message: t('projects.taken') }]) : e));
      }
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open title={t('projects.new')} onCancel={close} width={680} mask={{ closable: false }}
      footer={[
        <Button key="back" disabled={step === 0} onClick={() => setStep(0)}>{t('projects.back')}</Button>,
        step === 0 ? <Button key="next" type="primary" onClick={next}>{t('projects.next')}</Button>
          : <Button key="make" type="primary" loading={busy} onClick={() => void make()}>{t('projects.make')}</Button>,
      ]}>
      <Steps size="small" current={step} items={[{ title: t('projects.about') }, { title: t('projects.people') }]} style={{ margin: '8px 0 16px' }} />
      <Form<Words> form={form} layout="vertical" preserve hidden={step !== 0} onFinish={next} initialValues={{ title: '', note: '' }}>
        <Form.Item name="title" label={t('projects.name')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={120} autoFocus /></Form.Item>
        <Form.Item name="note" label={t('projects.note')}><Input.TextArea maxLength={1000} rows={3} /></Form.Item>
        <button type="submit" hidden />
      </Form>
      {step === 1 && <PeopleChoice value={people} onChange={setPeople} />}
    </Modal>
  );
}

export default function Projects() {
  const { t } = useTranslation('people');
  const may = useMay();
  const { data: me } = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { notification } = App.useApp();
  const destroy = useDestructive();
  const projects = useProjects();
  const [making, setMaking] = useState(false);
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['/projects'] }), client.invalidateQueries({ queryKey: ['/users'] }), client.invalidateQueries({ queryKey: ['session'], exact: true })]);
  const enter = async (id: number) => {
    const next = await api.patch<Me>('/session', { project: id });
    client.clear();
    client.setQueryData(['session'], next);
  };
  const made = (id: number, title: string) => {
    setMaking(false);
    void refresh();
    notification.success({
      key: 'project', title: t('projects.made', { title }), duration: 15,
      actions: <Button type="primary" size="small" onClick={() => { notification.destroy('project'); void enter(id); }}>{t('projects.enter')}</Button>,
    });
  };
  const remove = (project: Project) => destroy({
    title: t('projects.removeTitle', { title: project.title }), okText: t('app:delete'), done: t('projects.removed'),
    content: project.devices > 0 ? t('projects.notEmpty', { count: project.devices }) : t('projects.removeHint', { count: project.users.length }),
    act: async () => { await api.delete(`/projects/${project.id}`); await refresh(); },
  });
  const columns: Column<Project>[] = [
    { key: 'title', title: t('projects.name'), sortable: true, render: (project) => <Space size={8}><Link to={`/admin/projects/${project.id}`}>{project.title}</Link>{project.id === me?.project && <Tag>{t('projects.current')}</Tag>}</Space> },
    { key: 'note', title: t('projects.note') },
    { key: 'devices', title: t('projects.devices'), number: true, sortable: true, render: (project) => countText(project.devices) },
    { key: 'users', title: t('projects.users'), number: true, sortable: true, text: (project) => project.users.length },
  ];
  return (
    <PageFrame title={t('projects.title')}>
      <DataTable<Project> name="projects" columns={columns} rows={projects.data ?? []} loading={projects.isFetching} selectable onOpen={(project) => navigate(`/admin/projects/${project.id}`)}
        actions={({ rows, clear }) => (
          <>
            {may('Create.Projects') && <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t('projects.create')}</Button>}
            {may('Delete.Projects') && <Button danger disabled={rows.length !== 1} onClick={() => { remove(rows[0]); clear(); }}>{t('app:delete')}</Button>}
          </>
        )}
        menu={([project]) => [
          { key: 'edit', label: t('app:edit'), onClick: () => navigate(`/admin/projects/${project.id}`) },
          { key: 'enter', label: t('projects.enter'), disabled: project.id === me?.project, onClick: () => void enter(project.id) },
          { type: 'divider' },
          { key: 'delete', label: t('app:delete'), danger: true, disabled: !may('Delete.Projects'), onClick: () => remove(project) },
        ]} />
      {making && <NewProject onClose={() => setMaking(false)} onMade={made} />}
    </PageFrame>
  );
}
