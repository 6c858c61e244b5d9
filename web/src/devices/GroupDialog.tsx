// A group's name and note, and whether new devices go into it (S3 2.2.11).
import { App, Form, Input, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useCarefulSave } from '../parts/changed';
import { FormDialog } from '../parts/forms';
import { useRegistryChanged, type Group } from './registry';

export function GroupDialog({ group, onClose }: { group?: Group; onClose: () => void }) {
  const { t } = useTranslation('groups');
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const [seen, setSeen] = useState(group);
  const careful = useCarefulSave();
  const changed = useRegistryChanged();
  const fresh = () => api.get<Group>(`/groups/${group!.id}`);
  const save = async (values: Partial<Group>) => {
    if (seen) await careful({ seen, mine: values, form, onTaken: setSeen, fresh, label: (field) => t(`field.${field}`), patch: (fields) => api.patch(`/groups/${seen.id}`, fields) });
    else await api.post('/groups', values);
    await changed();
    void message.success(t('app:saved'));
  };
  return (
    <FormDialog open onClose={onClose} title={t(group ? 'edit' : 'add')} width={460} form={form} save={save} draft={`group.${group?.id ?? 'new'}`} initialValues={group ?? { default: false }}>
      <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={200} autoFocus /></Form.Item>
      <Form.Item name="note" label={t('field.note')}><Input.TextArea maxLength={1000} autoSize={{ minRows: 2, maxRows: 6 }} /></Form.Item>
      <Form.Item name="default" label={t('field.default')} valuePropName="checked" extra={t('defaultHint')}><Switch disabled={group?.default} /></Form.Item>
    </FormDialog>
  );
}
