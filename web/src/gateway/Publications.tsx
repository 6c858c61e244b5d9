// Publications: which template goes to which broker, and how far it has come (S0 4.6.1.3).
import { SendOutlined } from '@ant-design/icons';
import { Form, Input, Radio, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { countText, timeText } from '../app/format';
import { RowDialog, RowList } from '../parts/rows';
import { State } from '../parts/state';
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
  const changed = useMqttChanged();
  const required = [{ required: true, message: t('app:required') }];
  const preset = { broker: brokers.length === 1 ? brokers[0].id : undefined, template: templates.length === 1 ? templates[0].id : undefined, postfix: '', cause: 'arrival', layout: 'together', enabled: true };
  return (
    <RowDialog<Publication> words="mqtt:publications" path="/mqtt/publications" row={publication} preset={preset} changed={changed} onClose={onClose}>
      <Form.Item name="broker" label={t('field.broker')} rules={required}><Select options={brokers.map((broker) => ({ value: broker.id, label: brokerTitle(broker) }))} /></Form.Item>
      <Form.Item name="template" label={t('field.template')} rules={required}><Select showSearch={{ optionFilterProp: 'label' }} options={templates.map((template) => ({ value: template.id, label: `${template.title} (${t(`format.${template.format}`)})` }))} /></Form.Item>
      <Form.Item name="postfix" label={t('field.postfix')} extra={t('hint.postfix')}><Input maxLength={128} /></Form.Item>
      <Form.Item name="layout" label={t('field.layout')}><Radio.Group options={['together', 'tree'].map((value) => ({ value, label: t(`layout.${value}`) }))} /></Form.Item>
      <TopicShown brokers={brokers} />
      <Form.Item name="cause" label={t('field.cause')} extra={t('hint.cause')}><Radio.Group options={['arrival', 'order'].map((value) => ({ value, label: t(`cause.${value}`) }))} /></Form.Item>
      <Form.Item name="enabled" label={t('field.enabled')} valuePropName="checked"><Switch /></Form.Item>
    </RowDialog>
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
  const changed = useMqttChanged();
  const query = usePublications();
  const brokers = useBrokers().data?.items ?? [];
  const templates = useTemplates().data?.items ?? [];
  const write = may('Write.HesConfig');
  const brokerOf = (publication: Publication) => brokers.find((one) => one.id === publication.broker);
  const templateOf = (publication: Publication) => templates.find((one) => one.id === publication.template);
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
    <RowList<Publication> words="mqtt:publications" path="/mqtt/publications" query={query} columns={columns} opens="topic" titleOf={(one) => one.topic} write="Write.HesConfig" drop="Delete.HesConfig" changed={changed} switched
      missing={ready ? undefined : t('publications.notReady')} dialog={(one, close) => <PublicationDialog key={one?.id ?? 0} publication={one} brokers={brokers} templates={templates} onClose={close} />}
      menu={(one, act) => (write && one.enabled ? [{ key: 'send', icon: <SendOutlined />, label: t('publications.send'), onClick: () => act(() => api.post(`/mqtt/publications/${one.id}/send`), t('publications.ordered')) }] : [])} />
  );
}
