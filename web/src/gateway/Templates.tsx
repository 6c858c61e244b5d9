// Templates of what is sent over MQTT: a group, a format, kinds of data with their depth (S0 4.6.1.2).
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, App, Button, Empty, Flex, Form, Input, InputNumber, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import type { MenuItems } from '../devices/actions';
import { useGroups } from '../devices/registry';
import { useDestructive } from '../parts/acts';
import { useCarefulSave } from '../parts/changed';
import { FormDialog } from '../parts/forms';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { useKinds, useMqttChanged, useTemplates, type Template, type Want } from './mqtt';

const depths = ['full', 'days', 'last'] as const;

/** One kind of data: which, how far back, how many days. */
function WantRow({ name, onRemove }: { name: number; onRemove: () => void }) {
  const { t } = useTranslation('mqtt');
  const kinds = useKinds();
  const wants = Form.useWatch<Want[] | undefined>('wants') ?? [];
  const kind = kinds.find((one) => one.kind === wants[name]?.kind);
  const taken = new Set(wants.map((want, at) => (at === name ? '' : want?.kind)));
  const offered = (journal: boolean) => kinds.filter((one) => one.journal === journal && !taken.has(one.kind)).map((one) => ({ value: one.kind, label: one.title }));
  return (
    <Flex wrap gap="0 8px" align="start" data-testid={`want-${name}`}>
      <Form.Item name={[name, 'kind']} label={t('field.kind')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '4 1 240px', minWidth: 0 }}>
        <Select showSearch={{ optionFilterProp: 'label' }} placeholder={t('templates.chooseKind')} options={[{ label: t('templates.readings'), options: offered(false) }, { label: t('templates.journals'), options: offered(true) }]} />
      </Form.Item>
      {!kind?.moment && (
        <Form.Item name={[name, 'depth']} label={t('field.depth')} initialValue="full" style={{ flex: '2 1 130px' }}>
          <Select options={depths.map((value) => ({ value, label: t(`depth.${value}`) }))} />
        </Form.Item>
      )}
      {!kind?.moment && wants[name]?.depth === 'days' && (
        <Form.Item name={[name, 'days']} label={t('field.days')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 90px' }}>
          <InputNumber min={1} max={3660} precision={0} style={{ width: '100%' }} />
        </Form.Item>
      )}
      <Button type="text" danger icon={<DeleteOutlined />} aria-label={t('app:delete')} onClick={onRemove} style={{ marginTop: 30 }} />
    </Flex>
  );
}

/** What the API takes: of a moment there is no depth, of other depths than days no size. */
function trimmed(want: Want, moment: boolean): Want {
  if (moment) return { kind: want.kind, depth: 'last' };
  const depth = want.depth ?? 'full';
  return { kind: want.kind, depth, ...(depth === 'days' ? { days: want.days } : {}) };
}

function TemplateDialog({ template, onClose }: { template?: Template; onClose: () => void }) {
  const { t } = useTranslation('mqtt');
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const [seen, setSeen] = useState(template);
  const careful = useCarefulSave();
  const changed = useMqttChanged();
  const kinds = useKinds();
  const groups = useGroups() ?? [];
  const save = async (words: Pick<Template, 'title' | 'group' | 'format' | 'wants'>) => {
    const mine = { ...words, wants: words.wants.map((want) => trimmed(want, !!kinds.find((one) => one.kind === want.kind)?.moment)) };
    if (seen) await careful({ seen, mine, form, onTaken: setSeen, label: (field) => t(`field.${field}`), patch: (fields) => api.patch(`/mqtt/templates/${seen.id}`, fields), fresh: () => api.get<Template>(`/mqtt/templates/${seen.id}`) });
    else await api.post('/mqtt/templates', mine);
    await changed();
    void message.success(t('app:saved'));
  };
  return (
    <FormDialog open onClose={onClose} title={t(template ? 'templates.edit' : 'templates.add')} width={680} form={form} save={save} draft={`mqtt.template.${template?.id ?? 'new'}`} initialValues={template ?? { group: 0, format: 'json', wants: [{}] }}>
      <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={100} autoFocus /></Form.Item>
      <Flex wrap gap="0 12px">
        <Form.Item name="group" label={t('field.group')} style={{ flex: '2 1 220px' }}>
          <Select showSearch={{ optionFilterProp: 'label' }} options={[{ value: 0, label: t('templates.allMeters') }, ...groups.map((group) => ({ value: group.id, label: `${group.title} (${group.devices})` }))]} />
        </Form.Item>
        <Form.Item name="format" label={t('field.format')} style={{ flex: '1 1 180px' }}><Segmented options={['json', 'json-zip'].map((value) => ({ value, label: t(`format.${value}`) }))} /></Form.Item>
      </Flex>
      <Form.List name="wants" rules={[{ validator: async (_, rows?: Want[]) => { if (!rows?.length) throw new Error(t('templates.oneKind')); } }]}>
        {(rows, { add, remove }, { errors }) => (
          <>
            {rows.map((row) => <WantRow key={row.key} name={row.name} onRemove={() => remove(row.name)} />)}
            <Form.ErrorList errors={errors} />
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})} style={{ marginBottom: 8 }}>{t('templates.addKind')}</Button>
          </>
        )}
      </Form.List>
      <p className="quiet" style={{ marginTop: 0 }}>{t('hint.depth')}</p>
    </FormDialog>
  );
}

export function Templates() {
  const { t } = useTranslation('mqtt');
  const may = useMay();
  const destructive = useDestructive();
  const changed = useMqttChanged();
  const kinds = useKinds();
  const [open, setOpen] = useState<{ template?: Template }>();
  const { data, error, isPending } = useTemplates();
  const write = may('Write.HesConfig');
  const wantText = (want: Want) => {
    const kind = kinds.find((one) => one.kind === want.kind);
    return `${kind?.title ?? want.kind}${kind?.moment ? '' : ` — ${want.depth === 'days' ? t('depthDays', { count: want.days }) : t(`depth.${want.depth ?? 'full'}`).toLowerCase()}`}`;
  };
  const remove = (template: Template) => destructive({
    title: t('templates.deleteTitle'), content: template.title, okText: t('app:delete'), done: t('app:saved'),
    act: async () => {
      await api.delete(`/mqtt/templates/${template.id}`);
      await changed();
    },
  });
  const menu = ([template]: Template[]): MenuItems => [
    ...(write ? [{ key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => setOpen({ template }) }] : []),
    ...(may('Delete.HesConfig') ? [{ key: 'delete', danger: true, icon: <DeleteOutlined />, label: t('app:delete'), onClick: () => remove(template) }] : []),
  ];
  const columns: Column<Template>[] = [
    { key: 'id', title: 'ID', number: true, width: 60, sortable: true },
    { key: 'title', title: t('field.title'), sortable: true, render: (template) => (write ? <Button type="link" size="small" style={{ padding: 0, height: 'auto' }} onClick={() => setOpen({ template })}>{template.title}</Button> : template.title) },
    { key: 'group_title', title: t('field.group'), text: (template) => (template.group ? template.group_title || '—' : t('templates.allMeters')) },
    { key: 'format', title: t('field.format'), text: (template) => t(`format.${template.format}`) },
    { key: 'wants', title: t('templates.data'), text: (template) => template.wants.map(wantText).join('; '), render: (template) => template.wants.map((want) => <div key={want.kind}>{wantText(want)}</div>) },
  ];
  return (
    <>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<Template> name="mqtt-templates" rows={data?.items ?? []} loading={isPending} columns={columns} menu={menu} onOpen={(template) => write && setOpen({ template })} searchable={false} prefix="t"
        actions={() => write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('templates.add')}</Button>}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('templates.empty')} />} />
      {open && <TemplateDialog key={open.template?.id ?? 0} template={open.template} onClose={() => setOpen(undefined)} />}
    </>
  );
}
