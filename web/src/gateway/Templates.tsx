// Templates of what is sent over MQTT: a group, a format, kinds of data with their depth (S0 4.6.1.2).
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Form, Input, InputNumber, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useGroups } from '../devices/registry';
import { RowDialog, RowList } from '../parts/rows';
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
  const changed = useMqttChanged();
  const kinds = useKinds();
  const groups = useGroups() ?? [];
  const body = (words: Pick<Template, 'title' | 'group' | 'format' | 'wants'>) => ({ ...words, wants: words.wants.map((want) => trimmed(want, !!kinds.find((one) => one.kind === want.kind)?.moment)) });
  return (
    <RowDialog words="mqtt:templates" path="/mqtt/templates" row={template} preset={{ group: 0, format: 'json', wants: [{}] }} body={body} changed={changed} onClose={onClose} width={680}>
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
    </RowDialog>
  );
}

export function Templates() {
  const { t } = useTranslation('mqtt');
  const changed = useMqttChanged();
  const kinds = useKinds();
  const query = useTemplates();
  const wantText = (want: Want) => {
    const kind = kinds.find((one) => one.kind === want.kind);
    return `${kind?.title ?? want.kind}${kind?.moment ? '' : ` — ${want.depth === 'days' ? t('depthDays', { count: want.days }) : t(`depth.${want.depth ?? 'full'}`).toLowerCase()}`}`;
  };
  const columns: Column<Template>[] = [
    { key: 'id', title: 'ID', number: true, width: 60, sortable: true },
    { key: 'title', title: t('field.title'), sortable: true },
    { key: 'group_title', title: t('field.group'), text: (template) => (template.group ? template.group_title || '—' : t('templates.allMeters')) },
    { key: 'format', title: t('field.format'), text: (template) => t(`format.${template.format}`) },
    { key: 'wants', title: t('templates.data'), text: (template) => template.wants.map(wantText).join('; '), render: (template) => template.wants.map((want) => <div key={want.kind}>{wantText(want)}</div>) },
  ];
  return (
    <RowList<Template> words="mqtt:templates" path="/mqtt/templates" query={query} columns={columns} opens="title" titleOf={(template) => template.title} write="Write.HesConfig" drop="Delete.HesConfig" changed={changed}
      dialog={(template, close) => <TemplateDialog key={template?.id ?? 0} template={template} onClose={close} />} />
  );
}
