// Groups × data template (S0 4.3.2.3): a task without a schedule, run by hand and by the event system.
import { CaretRightOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Flex, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { RunProgress } from '../collection/parts';
import { useGroups } from '../devices/registry';
import { useAct } from '../parts/acts';
import { RowDialog, RowList } from '../parts/rows';
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
  const body = (values: Typed) => ({ ...values, title: titleOf(values).slice(0, 200) });
  const required = [{ required: true, message: t('app:required') }];
  return (
    <RowDialog words="templates:polls" path="/tasks" row={poll} preset={{ title: '', groups: [] }} body={body} changed={changed} onClose={onClose} width={520}
      valuesOf={({ title, groups: chosen, template }) => ({ title, groups: chosen, template })} label={(field) => t(field === 'title' ? 'name' : `polls.${field}`)}>
      <Form.Item name="groups" label={t('polls.groups')} rules={required}><Select mode="multiple" showSearch={{ optionFilterProp: 'label' }} options={groups?.map((group) => ({ value: group.id, label: `${group.title} (${group.devices})` }))} /></Form.Item>
      <Form.Item name="template" label={t('polls.template')} rules={required}><Select showSearch={{ optionFilterProp: 'label' }} options={templates?.map((template) => ({ value: template.id, label: template.title }))} /></Form.Item>
      <Form.Item name="title" label={t('name')} extra={t('polls.titleHint')}><Input maxLength={200} /></Form.Item>
    </RowDialog>
  );
}

export function PollTemplates() {
  const { t } = useTranslation('templates');
  const may = useMay();
  const act = useAct();
  const changed = useTemplatesChanged();
  const groups = useGroups(), templates = useDataTemplates().data?.items;
  const templated = { templated: true, size: 1000 };
  const query = useQuery({ queryKey: ['/tasks', templated], queryFn: () => api.get<{ items: PollTemplate[] }>('/tasks', templated) });
  const run = (poll: PollTemplate) => act(async () => {
    await api.post(`/tasks/${poll.id}/run`);
    await changed();
  }, t('polls.begun'));
  const groupText = (poll: PollTemplate) => poll.groups.map((id) => groups?.find((group) => group.id === id)?.title ?? id).join(', ');
  const columns: Column<PollTemplate>[] = [
    { key: 'id', title: 'ID', sortable: true, number: true, width: 70 },
    { key: 'title', title: t('name'), sortable: true },
    { key: 'groups', title: t('polls.groups'), render: groupText, text: groupText },
    { key: 'template', title: t('polls.template'), render: (poll) => templates?.find((one) => one.id === poll.template)?.title ?? poll.template },
    { key: 'run', title: t('polls.last'), text: (poll) => poll.run?.result_text ?? '', render: (poll) => (
      <Flex gap={4} align="center">
        {may('Write.Scheduler.JobLaunches') && <Button type="text" size="small" icon={<CaretRightOutlined />} disabled={poll.running} aria-label={`${t('polls.run')}: ${poll.title}`} onClick={() => void run(poll)} />}
        {poll.run ? <RunProgress run={poll.run} /> : '—'}
      </Flex>
    ) },
  ];
  return (
    <RowList<PollTemplate> words="templates:polls" path="/tasks" query={query} columns={columns} opens="title" titleOf={(poll) => poll.title} write="Write.DataCollection.Job" drop="Delete.DataCollection.Job" changed={changed} searchable
      hint={t('polls.hint')} dialog={(poll, close) => <PollDialog key={poll?.id ?? 0} poll={poll} onClose={close} />} />
  );
}
