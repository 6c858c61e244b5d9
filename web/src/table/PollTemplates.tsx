// Groups × data template (S0 4.3.2.3): a task without a schedule, run by hand and by the event system.
import { CaretRightOutlined, DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Flex, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { RunProgress } from '../collection/parts';
import { useGroups } from '../devices/registry';
import { useAct, useDestructive } from '../parts/acts';
import { FormDialog } from '../parts/forms';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { useDataTemplates, useTemplatesChanged, type PollTemplate } from './templates';

interface Typed {
  title: string;
  groups: number[];
  template: number;
}

function PollDialog({ poll, onClose }: { poll?: PollTemplate; onClose: () => void }) {
  const { t } = useTranslation('templates');
  const changed = useTemplatesChanged();
  const groups = useGroups(), templates = useDataTemplates().data?.items;
  const titleOf = (values: Typed) => values.title.trim() || `${groups?.filter((g) => values.groups.includes(g.id)).map((g) => g.title).join(', ')}: ${templates?.find((one) => one.id === values.template)?.title}`;
  const save = async (values: Typed) => {
    const body = { ...values, title: titleOf(values).slice(0, 200) };
    await (poll ? api.patch(`/tasks/${poll.id}`, { ...body, revision: poll.revision }) : api.post('/tasks', body));
    await changed();
  };
  const required = [{ required: true, message: t('app:required') }];
  return (
    <FormDialog open onClose={onClose} title={t(poll ? 'polls.edit' : 'polls.add')} width={520} save={save} initialValues={poll ? { title: poll.title, groups: poll.groups, template: poll.template } : { title: '', groups: [] }}>
      <Form.Item name="groups" label={t('polls.groups')} rules={required}><Select mode="multiple" showSearch={{ optionFilterProp: 'label' }} options={groups?.map((group) => ({ value: group.id, label: `${group.title} (${group.devices})` }))} /></Form.Item>
      <Form.Item name="template" label={t('polls.template')} rules={required}><Select showSearch={{ optionFilterProp: 'label' }} options={templates?.map((template) => ({ value: template.id, label: template.title }))} /></Form.Item>
      <Form.Item name="title" label={t('name')} extra={t('polls.titleHint')}><Input maxLength={200} /></Form.Item>
    </FormDialog>
  );
}

export function PollTemplates() {
  const { t } = useTranslation('templates');
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const changed = useTemplatesChanged();
  const groups = useGroups(), templates = useDataTemplates().data?.items;
  const [open, setOpen] = useState<{ poll?: PollTemplate }>();
  const query = { templated: true, size: 1000 };
  const { data, error, isPending } = useQuery({ queryKey: ['/tasks', query], queryFn: () => api.get<{ items: PollTemplate[] }>('/tasks', query) });
  const write = may('Write.DataCollection.Job');
  const run = (poll: PollTemplate) => act(async () => {
    await api.post(`/tasks/${poll.id}/run`);
    await changed();
  }, t('polls.begun'));
  const remove = (poll: PollTemplate) => destructive({
    title: t('polls.deleteTitle', { title: poll.title }), okText: t('app:delete'), done: t('app:saved'),
    act: async () => {
      await api.delete(`/tasks/${poll.id}`);
      await changed();
    },
  });
  const groupText = (poll: PollTemplate) => poll.groups.map((id) => groups?.find((group) => group.id === id)?.title ?? id).join(', ');
  const columns: Column<PollTemplate>[] = [
    { key: 'id', title: 'ID', sortable: true, number: true, width: 70 },
    { key: 'title', title: t('name'), sortable: true },
    { key: 'groups', title: t('polls.groups'), render: groupText, text: groupText },
    { key: 'template', title: t('polls.template'), render: (poll) => templates?.find((one) => one.id === poll.template)?.title ?? poll.template },
    { key: 'run', title: t('polls.last'), render: (poll) => (poll.run ? <RunProgress run={poll.run} /> : '—'), text: (poll) => poll.run?.result_text ?? '' },
    {
      key: 'tools', title: t('actions'), render: (poll) => (
        <Flex gap={4}>
          {may('Write.Scheduler.JobLaunches') && <Button type="text" size="small" icon={<CaretRightOutlined />} disabled={poll.running} aria-label={`${t('polls.run')}: ${poll.title}`} onClick={() => void run(poll)} />}
          {write && <Button type="text" size="small" icon={<EditOutlined />} aria-label={`${t('app:edit')}: ${poll.title}`} onClick={() => setOpen({ poll })} />}
          {may('Delete.DataCollection.Job') && <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={`${t('app:delete')}: ${poll.title}`} onClick={() => remove(poll)} />}
        </Flex>
      ),
    },
  ];
  return (
    <>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<PollTemplate> name="templates.polls" prefix="polls" rows={data?.items ?? []} loading={isPending} columns={columns}
        actions={() => write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('polls.new')}</Button>}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('polls.empty')} />} />
      <span className="quiet">{t('polls.hint')}</span>
      {open && <PollDialog poll={open.poll} onClose={() => setOpen(undefined)} />}
    </>
  );
}
