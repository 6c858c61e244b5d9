// What is read of meters, named once (S0 4.3.2.2): kinds of data with their depth.
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, Button, Empty, Flex, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { isEmpty, nothing, type Work } from '../collection/types';
import { WorkEditor } from '../collection/WorkEditor';
import { workText, type Words } from '../collection/words';
import { useDestructive } from '../parts/acts';
import { FormDialog } from '../parts/forms';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { useDataTemplates, useTemplatesChanged, type DataTemplate } from './templates';

function WorkField({ value = nothing, onChange = () => {} }: { value?: Work; onChange?: (work: Work) => void }) {
  return <WorkEditor value={value} onChange={onChange} reason="" onReason={() => {}} mayControl={false} readsOnly />;
}

function TemplateDialog({ template, onClose }: { template?: DataTemplate; onClose: () => void }) {
  const { t } = useTranslation('templates');
  const changed = useTemplatesChanged();
  const save = async (values: { title: string; work: Work }) => {
    await (template ? api.patch(`/templates/${template.id}`, { ...values, revision: template.revision }) : api.post('/templates', values));
    await changed();
  };
  const first: Work = { ...nothing, measurements: [{ archive: 'day', depth_days: 3, registers: [], again: false }] };
  return (
    <FormDialog open onClose={onClose} title={t(template ? 'data.edit' : 'data.add')} width={820} save={save} initialValues={{ title: template?.title ?? '', work: template?.work ?? first }}>
      <Form.Item name="title" label={t('name')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={200} autoFocus /></Form.Item>
      <Form.Item name="work" rules={[{ validator: (_, work: Work) => (isEmpty(work) ? Promise.reject(new Error(t('data.nothing'))) : Promise.resolve()) }]}><WorkField /></Form.Item>
    </FormDialog>
  );
}

export function DataTemplates() {
  const { t } = useTranslation('templates');
  const words = useTranslation('collection').t as Words;
  const may = useMay();
  const destructive = useDestructive();
  const changed = useTemplatesChanged();
  const [open, setOpen] = useState<{ template?: DataTemplate }>();
  const { data, error, isPending } = useDataTemplates();
  const write = may('Write.DataCollection.Job');
  const remove = (template: DataTemplate) => destructive({
    title: t('data.deleteTitle', { title: template.title }), content: template.tasks ? t('data.used', { count: template.tasks }) : undefined, okText: t('app:delete'), done: t('app:saved'),
    act: async () => {
      await api.delete(`/templates/${template.id}`);
      await changed();
    },
  });
  const columns: Column<DataTemplate>[] = [
    { key: 'id', title: 'ID', sortable: true, number: true, width: 70 },
    { key: 'title', title: t('name'), sortable: true },
    { key: 'work', title: t('data.kinds'), render: (template) => workText(template.work, words), text: (template) => workText(template.work, words) },
    { key: 'tasks', title: t('data.polls'), sortable: true, number: true },
    ...(write ? [{
      key: 'tools', title: t('actions'), render: (template: DataTemplate) => (
        <Flex gap={4}>
          <Button type="text" size="small" icon={<EditOutlined />} aria-label={`${t('app:edit')}: ${template.title}`} onClick={() => setOpen({ template })} />
          {may('Delete.DataCollection.Job') && <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={`${t('app:delete')}: ${template.title}`} onClick={() => remove(template)} />}
        </Flex>
      ),
    }] : []),
  ];
  return (
    <>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<DataTemplate> name="templates.data" prefix="data" rows={data?.items ?? []} loading={isPending} columns={columns}
        actions={() => write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('data.new')}</Button>}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('data.empty')} />} />
      <span className="quiet">{t('data.hint')}</span>
      {open && <TemplateDialog template={open.template} onClose={() => setOpen(undefined)} />}
    </>
  );
}
