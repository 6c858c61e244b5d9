// Publications: which template goes to which broker, and how far it has come (S0 4.6.1.3).
import { DeleteOutlined, EditOutlined, PlusOutlined, PoweroffOutlined, SendOutlined } from '@ant-design/icons';
import { Alert, App, Button, Empty, Form, Input, Radio, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { countText, timeText } from '../app/format';
import type { MenuItems } from '../devices/actions';
import { useAct, useDestructive } from '../parts/acts';
import { useCarefulSave } from '../parts/changed';
import { FormDialog } from '../parts/forms';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { brokerTitle, useBrokers, useMqttChanged, usePublications, useTemplates, type Broker, type Publication, type Template } from './mqtt';

interface Around {
  brokers: Broker[];
  templates: Template[];
}

/** The topic as it will be, while it is typed. */
function TopicShown({ brokers }: { brokers: Broker[] }) {
  const { t } = useTranslation('mqtt');
  const broker = brokers.find((one) => one.id === Form.useWatch('broker'));
  const postfix = Form.useWatch<string | undefined>('postfix');
  const layout = Form.useWatch('layout');
  const parts = [broker?.prefix, broker?.device, postfix, layout === 'tree' ? 'meter/7/arch/aDay' : ''].filter(Boolean);
  return broker ? <p className="quiet" style={{ marginTop: 0 }}>{t('publications.topic')}: <span className="mono">{parts.join('/')}</span></p> : null;
}

function PublicationDialog({ publication, brokers, templates, onClose }: Around & { publication?: Publication; onClose: () => void }) {
  const { t } = useTranslation('mqtt');
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const [seen, setSeen] = useState(publication);
  const careful = useCarefulSave();
  const changed = useMqttChanged();
  const save = async (mine: Partial<Publication>) => {
    if (seen) await careful({ seen, mine, form, onTaken: setSeen, label: (field) => t(`field.${field}`), patch: (fields) => api.patch(`/mqtt/publications/${seen.id}`, fields), fresh: () => api.get<Publication>(`/mqtt/publications/${seen.id}`) });
    else await api.post('/mqtt/publications', mine);
    await changed();
    void message.success(t('app:saved'));
  };
  const required = [{ required: true, message: t('app:required') }];
  const preset = { broker: brokers.length === 1 ? brokers[0].id : undefined, template: templates.length === 1 ? templates[0].id : undefined, postfix: '', cause: 'arrival', layout: 'together', enabled: true };
  return (
    <FormDialog open onClose={onClose} title={t(publication ? 'publications.edit' : 'publications.add')} width={560} form={form} save={save} draft={`mqtt.publication.${publication?.id ?? 'new'}`} initialValues={publication ?? preset}>
      <Form.Item name="broker" label={t('field.broker')} rules={required}><Select options={brokers.map((broker) => ({ value: broker.id, label: brokerTitle(broker) }))} /></Form.Item>
      <Form.Item name="template" label={t('field.template')} rules={required}><Select showSearch={{ optionFilterProp: 'label' }} options={templates.map((template) => ({ value: template.id, label: `${template.title} (${t(`format.${template.format}`)})` }))} /></Form.Item>
      <Form.Item name="postfix" label={t('field.postfix')} extra={t('hint.postfix')}><Input maxLength={128} /></Form.Item>
      <Form.Item name="layout" label={t('field.layout')}><Radio.Group options={['together', 'tree'].map((value) => ({ value, label: t(`layout.${value}`) }))} /></Form.Item>
      <TopicShown brokers={brokers} />
      <Form.Item name="cause" label={t('field.cause')} extra={t('hint.cause')}><Radio.Group options={['arrival', 'order'].map((value) => ({ value, label: t(`cause.${value}`) }))} /></Form.Item>
      <Form.Item name="enabled" label={t('field.enabled')} valuePropName="checked"><Switch /></Form.Item>
    </FormDialog>
  );
}

/** Delivered, under way, or waiting for the broker: with the reason. */
function Progress({ publication, broker }: { publication: Publication; broker?: Broker }) {
  const { t } = useTranslation('mqtt');
  const ahead = publication.waiting > 0 || publication.under_way > 0 || publication.ordered;
  const off = !publication.enabled || !broker?.enabled;
  const kind = off ? 'never' : publication.trouble ? 'failed' : !ahead ? 'ok' : broker?.state === 'connected' ? 'waiting' : 'partial';
  const word = off ? 'off' : publication.trouble ? 'failed' : !ahead ? 'delivered' : broker?.state === 'connected' ? 'delivering' : 'noBroker';
  return (
    <>
      <State kind={kind}>{t(`progress.${word}`)}</State>
      {publication.waiting > 0 && !off && <div className="quiet">{t('waiting', { count: publication.waiting })}</div>}
      {publication.ordered && <div className="quiet">{t('ordered')}</div>}
      {publication.lost > 0 && <div><State kind="failed">{t('lost', { count: publication.lost })}</State></div>}
      {publication.trouble && <div className="quiet">{publication.trouble}</div>}
    </>
  );
}

export function Publications() {
  const { t } = useTranslation('mqtt');
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const changed = useMqttChanged();
  const [open, setOpen] = useState<{ publication?: Publication }>();
  const { data, error, isPending } = usePublications();
  const brokers = useBrokers().data?.items ?? [];
  const templates = useTemplates().data?.items ?? [];
  const write = may('Write.HesConfig');
  const brokerOf = (publication: Publication) => brokers.find((one) => one.id === publication.broker);
  const templateOf = (publication: Publication) => templates.find((one) => one.id === publication.template);
  const done = async (work: Promise<unknown>) => {
    await work;
    await changed();
  };
  const send = (publication: Publication) => act(() => done(api.post(`/mqtt/publications/${publication.id}/send`)), t('publications.ordered'));
  const remove = (publication: Publication) => destructive({
    title: t('publications.deleteTitle'), content: publication.topic, okText: t('app:delete'), act: () => done(api.delete(`/mqtt/publications/${publication.id}`)), done: t('app:saved'),
  });
  const menu = ([one]: Publication[]): MenuItems => [
    ...(write ? [
      ...(one.enabled ? [{ key: 'send', icon: <SendOutlined />, label: t('publications.send'), onClick: () => void send(one) }] : []),
      { key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => setOpen({ publication: one }) },
      { key: 'switch', icon: <PoweroffOutlined />, label: t(one.enabled ? 'off' : 'on'), onClick: () => void act(() => done(api.patch(`/mqtt/publications/${one.id}`, { revision: one.revision, enabled: !one.enabled })), t('app:saved')) },
    ] : []),
    ...(may('Delete.HesConfig') ? [{ key: 'delete', danger: true, icon: <DeleteOutlined />, label: t('app:delete'), onClick: () => remove(one) }] : []),
  ];
  const columns: Column<Publication>[] = [
    { key: 'id', title: 'ID', number: true, width: 60, sortable: true },
    { key: 'topic', title: t('publications.topic'), sortable: true, render: (one) => <span className="mono">{one.topic}</span> },
    { key: 'progress', title: t('state'), render: (one) => <Progress publication={one} broker={brokerOf(one)} /> },
    { key: 'broker', title: t('field.broker'), text: (one) => brokerTitle(brokerOf(one)) },
    { key: 'template', title: t('field.template'), text: (one) => templateOf(one)?.title ?? '—' },
    { key: 'cause', title: t('field.cause'), text: (one) => t(`cause.${one.cause}`) },
    { key: 'layout', title: t('field.layout'), hidden: true, text: (one) => t(`layout.${one.layout}`) },
    { key: 'sent', title: t('sent'), number: true, render: (one) => countText(one.sent) },
    { key: 'sent_at', title: t('sentAt'), render: (one) => timeText(one.sent_at) },
  ];
  const ready = brokers.length > 0 && templates.length > 0;
  return (
    <>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<Publication> name="mqtt-publications" rows={data?.items ?? []} loading={isPending} columns={columns} menu={menu} onOpen={(publication) => write && setOpen({ publication })} searchable={false} prefix="p"
        actions={() => write && <Button type="primary" icon={<PlusOutlined />} disabled={!ready} onClick={() => setOpen({})}>{t('publications.add')}</Button>}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(ready ? 'publications.empty' : 'publications.notReady')} />} />
      {open && <PublicationDialog key={open.publication?.id ?? 0} publication={open.publication} brokers={brokers} templates={templates} onClose={() => setOpen(undefined)} />}
    </>
  );
}
