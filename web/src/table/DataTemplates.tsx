// What is read of meters, named once (S0 4.3.2.2): kinds of data with their depth.
import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { isEmpty, nothing, type Work } from '../collection/types';
import { WorkEditor } from '../collection/WorkEditor';
import { workText, type Words } from '../collection/words';
import { RowDialog, RowList } from '../parts/rows';
import type { Column } from '../parts/table/columns';
import { useDataTemplates, useTemplatesChanged, type DataTemplate } from './templates';

function WorkField({ value = nothing, onChange = () => {} }: { value?: Work; onChange?: (work: Work) => void }) {
  return <WorkEditor value={value} onChange={onChange} reason="" onReason={() => {}} mayControl={false} readsOnly />;
}

function TemplateDialog({ template, onClose }: { template?: DataTemplate; onClose: () => void }) {
  const { t } = useTranslation('templates');
  const changed = useTemplatesChanged();
  const first: Work = { ...nothing, measurements: [{ archive: 'day', depth_days: 3, registers: [], again: false }] };
  return (
    <RowDialog words="templates:data" path="/templates" row={template} preset={{ title: '', work: first }} changed={changed} onClose={onClose} width={820}
      valuesOf={({ title, work }) => ({ title, work: work ?? nothing })} label={(field) => t(field === 'title' ? 'name' : 'data.kinds')}>
      <Form.Item name="title" label={t('name')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={200} autoFocus /></Form.Item>
      <Form.Item name="work" rules={[{ validator: (_, work: Work) => (isEmpty(work) ? Promise.reject(new Error(t('data.nothing'))) : Promise.resolve()) }]}><WorkField /></Form.Item>
    </RowDialog>
  );
}

export function DataTemplates() {
  const { t } = useTranslation('templates');
  const words = useTranslation('collection').t as Words;
  const changed = useTemplatesChanged();
  const query = useDataTemplates();
  const columns: Column<DataTemplate>[] = [
    { key: 'id', title: 'ID', sortable: true, number: true, width: 70 },
    { key: 'title', title: t('name'), sortable: true },
    { key: 'work', title: t('data.kinds'), render: (template) => workText(template.work, words), text: (template) => workText(template.work, words) },
    { key: 'tasks', title: t('data.polls'), sortable: true, number: true },
  ];
  return (
    <RowList<DataTemplate> words="templates:data" path="/templates" query={query} columns={columns} opens="title" titleOf={(template) => template.title} write="Write.DataCollection.Job" drop="Delete.DataCollection.Job" changed={changed} searchable
      deleteHint={(template) => (template.tasks ? t('data.used', { count: template.tasks }) : undefined)} hint={t('data.hint')}
      dialog={(template, close) => <TemplateDialog key={template?.id ?? 0} template={template} onClose={close} />} />
  );
}
