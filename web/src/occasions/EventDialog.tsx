// An event: its condition, which is one of eight kinds, and up to eight actions in their order.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Button, Flex, Form, Input, InputNumber, Radio, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useGroups } from '../devices/registry';
import { RemoteSelect } from '../devices/RemoteSelect';
import { useTemplates, usePublications } from '../gateway/mqtt';
import { RowDialog } from '../parts/rows';
import { actionKinds, actionOf, atStop, conditionKinds, conditionOf, letterArchives, letterData, stateEdges, useCalendars, useOccasionsChanged, useTimetables, valueEdges, type Action, type Condition, type Occasion } from './occasions';

interface Typed {
  title: string;
  condition: Condition;
  actions: Action[];
  enabled: boolean;
  pause_s: number;
}

const grow = (basis: number) => ({ flex: `1 1 ${basis}px`, minWidth: 0 });

function useRequired() {
  const { t } = useTranslation('app');
  return [{ required: true, message: t('required') }];
}

/** What is known of the device: its states, or its newest values of an archive; another code can be typed. */
function CodeField({ of }: { of: 'states' | 'latest' }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const device = Form.useWatch<number | undefined>(['condition', 'device']);
  const { data } = useQuery({
    queryKey: [`/devices/${device}/${of}`], enabled: !!device, queryFn: () => api.get<{ items: { obis: string; title: string; value: unknown; value_text?: string }[] }>(`/devices/${device}/${of}`),
  });
  const options = (data?.items ?? []).map((row) => ({ value: row.obis, label: `${row.title} — ${row.value_text || String(row.value)} (${row.obis})` }));
  return (
    <Form.Item name={['condition', 'code']} label={t('field.code')} rules={required} extra={device && data && !options.length ? t('hint.unread') : t('hint.code')} style={grow(280)}>
      <AutoComplete options={options} showSearch={{ filterOption: (typed, option) => String(option?.label).toLowerCase().includes(typed.toLowerCase()) }} placeholder="0.1.96.3.1.255" />
    </Form.Item>
  );
}

function DeviceField({ name, label }: { name: (string | number)[]; label: string }) {
  const required = useRequired();
  return (
    <Form.Item name={name} label={label} rules={required} style={grow(240)}>
      <RemoteSelect<{ id: number; title: string; serial: string }> path="/devices" detail={(row) => row.serial} />
    </Form.Item>
  );
}

function EdgeField({ edges }: { edges: readonly string[] }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  return <Form.Item name={['condition', 'edge']} label={t('field.edge')} rules={required} style={grow(200)}><Select options={edges.map((value) => ({ value, label: t(`edge.${value}`) }))} /></Form.Item>;
}

function LimitFields({ unit }: { unit?: string }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  return (
    <>
      <Form.Item name={['condition', 'limit']} label={t('field.limit')} rules={required} style={grow(130)}><Input maxLength={24} suffix={unit} inputMode="decimal" /></Form.Item>
      <Form.Item name={['condition', 'hysteresis']} label={t('field.hysteresis')} extra={t('hint.hysteresis')} style={grow(130)}><Input maxLength={24} suffix={unit} inputMode="decimal" placeholder="0" /></Form.Item>
    </>
  );
}

function ConditionFields({ kind }: { kind?: Condition['kind'] }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const timetables = useTimetables().data?.items ?? [], calendars = useCalendars().data?.items ?? [];
  const titled = (rows: { id: number; title: string }[]) => rows.map((row) => ({ value: row.id, label: row.title }));
  switch (kind) {
    case 'schedule': return <Form.Item name={['condition', 'timetable']} label={t('field.timetable')} rules={required} extra={timetables.length ? undefined : t('hint.noTimetables')} style={grow(280)}><Select options={titled(timetables)} /></Form.Item>;
    case 'calendar': return <Form.Item name={['condition', 'calendar']} label={t('field.calendar')} rules={required} extra={calendars.length ? undefined : t('hint.noCalendars')} style={grow(280)}><Select options={titled(calendars)} /></Form.Item>;
    case 'input': return (
      <>
        <Form.Item name={['condition', 'input']} label={t('field.input')} rules={required} style={grow(200)}><Select options={[1, 2, 3, 4, 5].map((value) => ({ value, label: t(`input.${value}`) }))} /></Form.Item>
        <EdgeField edges={stateEdges} />
      </>
    );
    case 'state': return <><DeviceField name={['condition', 'device']} label={t('field.device')} /><CodeField of="states" /><EdgeField edges={stateEdges} /></>;
    case 'loop': return <><EdgeField edges={valueEdges} /><LimitFields unit={t('milliamperes')} /></>;
    case 'value': return (
      <>
        <DeviceField name={['condition', 'device']} label={t('field.device')} />
        <Form.Item name={['condition', 'archive']} label={t('field.archive')} rules={required} style={grow(180)}><Select options={['current', 'network', 'profile'].map((value) => ({ value, label: t(`archive.${value}`) }))} /></Form.Item>
        <CodeField of="latest" />
        <EdgeField edges={valueEdges} />
        <LimitFields />
      </>
    );
    default: return null;
  }
}

function ScopeFields({ name, scope }: { name: number; scope?: string }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const groups = useGroups() ?? [];
  return (
    <>
      <Form.Item name={[name, 'scope']} label={t('field.scope')} initialValue="all" style={grow(150)}><Select options={['all', 'group', 'device'].map((value) => ({ value, label: t(`scope.${value}`) }))} /></Form.Item>
      {scope === 'group' && <Form.Item name={[name, 'group']} label={t('field.group')} rules={required} style={grow(180)}><Select showSearch={{ optionFilterProp: 'label' }} options={groups.map((group) => ({ value: group.id, label: group.title }))} /></Form.Item>}
      {scope === 'device' && <DeviceField name={[name, 'device']} label={t('field.device')} />}
    </>
  );
}

function SwitchFields({ name, own }: { name: number; own: boolean }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const relays = own ? [1, 2, 3, 4].map((value) => ({ value, label: t('relay.own', { number: value }) })) : [{ value: 0, label: t('relay.load') }, ...Array.from({ length: 32 }, (_, i) => ({ value: i + 1, label: t('relay.output', { number: i + 1 }) }))];
  return (
    <>
      {!own && <DeviceField name={[name, 'device']} label={t('field.device')} />}
      <Form.Item name={[name, 'relay']} label={t('field.relay')} rules={required} style={grow(160)}><Select options={relays} /></Form.Item>
      <Form.Item name={[name, 'on']} label={t('field.on')} rules={required} style={grow(160)}><Radio.Group options={[{ value: true, label: t('relay.on') }, { value: false, label: t('relay.off') }]} /></Form.Item>
    </>
  );
}

function PollField({ name }: { name: number }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const { data } = useQuery({ queryKey: ['/tasks', 'all'], queryFn: () => api.get<{ items: { id: number; title: string }[] }>('/tasks', { size: 1000 }) });
  return (
    <Form.Item name={[name, 'task']} label={t('field.task')} rules={required} extra={data && !data.items.length ? t('hint.noTasks') : undefined} style={grow(240)}>
      <Select showSearch={{ optionFilterProp: 'label' }} options={data?.items.map((task) => ({ value: task.id, label: task.title }))} />
    </Form.Item>
  );
}

function PublicationField({ name }: { name: number }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const publications = usePublications().data?.items ?? [], templates = useTemplates().data?.items ?? [];
  const titleOf = (template: number) => templates.find((one) => one.id === template)?.title ?? '';
  return (
    <Form.Item name={[name, 'publication']} label={t('field.publication')} rules={required} extra={publications.length ? undefined : t('hint.noPublications')} style={grow(240)}>
      <Select options={publications.map((one) => ({ value: one.id, label: `${titleOf(one.template)} → ${one.topic}` }))} />
    </Form.Item>
  );
}

function LetterFields({ name, action }: { name: number; action: Action }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const data = action.data ?? 'none';
  return (
    <>
      <Form.Item name={[name, 'to']} label={t('field.to')} rules={required} style={grow(200)}><Input maxLength={254} inputMode="email" /></Form.Item>
      <Form.Item name={[name, 'words']} label={t('field.words')} style={grow(240)}><Input maxLength={200} /></Form.Item>
      <Form.Item name={[name, 'data']} label={t('field.data')} initialValue="none" extra={data !== 'none' && t('hint.data')} style={grow(data === 'none' ? 240 : 700)}>
        <Select options={letterData.map((value) => ({ value, label: t(`data.${value}`) }))} />
      </Form.Item>
      {data !== 'none' && (
        <>
          <ScopeFields name={name} scope={action.scope} />
          <Form.Item name={[name, 'archives']} label={t('field.archives')} style={grow(320)}>
            <Select mode="multiple" allowClear placeholder={t('archive.all')} options={letterArchives.map((value) => ({ value, label: t(`archive.${value}`) }))} />
          </Form.Item>
        </>
      )}
    </>
  );
}

function ActionFields({ name, action }: { name: number; action?: Action }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  switch (action?.kind) {
    case 'poll': return <PollField name={name} />;
    case 'watch': return <ScopeFields name={name} scope={action.scope} />;
    case 'clock': return (
      <>
        <ScopeFields name={name} scope={action.scope} />
        <Form.Item name={[name, 'from_s']} label={t('field.from_s')} initialValue={5} rules={required} style={grow(140)}><InputNumber min={1} max={900} precision={0} suffix={t('seconds')} style={{ width: '100%' }} /></Form.Item>
      </>
    );
    case 'relay-own':
    case 'relay': return <SwitchFields name={name} own={action.kind === 'relay-own'} />;
    case 'mqtt': return <PublicationField name={name} />;
    case 'mail': return <LetterFields name={name} action={action} />;
    default: return null;
  }
}

function ActionRow({ name, stop, onRemove }: { name: number; stop: boolean; onRemove: () => void }) {
  const { t } = useTranslation('occasions');
  const required = useRequired();
  const action = Form.useWatch<Action | undefined>(['actions', name]);
  return (
    <Flex wrap gap="0 10px" align="start" data-testid={`action-${name}`} style={{ borderBottom: '1px solid var(--svod-color-border-secondary)', marginBottom: 8 }}>
      <Form.Item name={[name, 'kind']} label={t('field.action', { number: name + 1 })} rules={required} style={grow(220)}>
        <Select options={actionKinds.filter((kind) => !stop || atStop.includes(kind)).map((value) => ({ value, label: t(`action.${value}`) }))} />
      </Form.Item>
      <ActionFields name={name} action={action} />
      <Button type="text" danger icon={<DeleteOutlined />} aria-label={t('events.dropAction', { number: name + 1 })} onClick={onRemove} style={{ marginTop: 30 }} />
    </Flex>
  );
}

export function EventDialog({ event, onClose }: { event?: Occasion; onClose: () => void }) {
  const { t } = useTranslation('occasions');
  const changed = useOccasionsChanged();
  const [form] = Form.useForm();
  const kind = Form.useWatch<Condition['kind'] | undefined>(['condition', 'kind'], form);
  const required = useRequired();
  const body = (typed: Typed) => ({ ...typed, condition: conditionOf(typed.condition), actions: typed.actions.map(actionOf) });
  const paced = kind === 'input' || kind === 'state' || kind === 'loop' || kind === 'value';
  return (
    <RowDialog<Occasion, Typed> words="occasions:events" path="/occasions" row={event} preset={{ enabled: true, pause_s: 10, condition: { kind: 'schedule' }, actions: [{ kind: 'poll' }] }} body={body} changed={changed} onClose={onClose} width={760} form={form}
      valuesOf={({ title, condition, actions, enabled, pause_s }) => ({ title, condition, actions, enabled, pause_s })}>
      <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={100} autoFocus /></Form.Item>
      <Flex wrap gap="0 10px" align="start">
        <Form.Item name={['condition', 'kind']} label={t('field.condition')} rules={required} style={grow(220)}><Select options={conditionKinds.map((value) => ({ value, label: t(`condition.${value}`) }))} /></Form.Item>
        <ConditionFields kind={kind} />
        <Form.Item name="pause_s" label={t('field.pause_s')} extra={t('hint.pause')} hidden={!paced} style={grow(170)}><InputNumber min={1} max={3600} precision={0} suffix={t('seconds')} style={{ width: '100%' }} /></Form.Item>
      </Flex>
      <Form.List name="actions" rules={[{ validator: async (_, rows?: Action[]) => { if (!rows?.length) throw new Error(t('events.oneAction')); } }]}>
        {(rows, { add, remove }, { errors }) => (
          <>
            {rows.map((row) => <ActionRow key={row.key} name={row.name} stop={kind === 'stop'} onRemove={() => remove(row.name)} />)}
            <Form.ErrorList errors={errors} />
            {rows.length < 8 && <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})} style={{ marginBottom: 8 }}>{t('events.addAction')}</Button>}
          </>
        )}
      </Form.List>
      <Form.Item name="enabled" label={t('field.enabled')} valuePropName="checked"><Switch /></Form.Item>
    </RowDialog>
  );
}
