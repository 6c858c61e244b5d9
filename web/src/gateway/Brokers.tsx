// MQTT brokers (S0 4.6.1.1).
import { SyncOutlined } from '@ant-design/icons';
import { Alert, Collapse, Flex, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { countText, timeText } from '../app/format';
import { CertificateEnd } from '../parts/certificate';
import { RowDialog, RowList } from '../parts/rows';
import { State } from '../parts/state';
import type { Column } from '../parts/table/columns';
import { brokerTitle, stateOf, useBrokers, useMqttChanged, type Broker } from './mqtt';

const securities = ['none', 'tls1.1', 'tls1.2', 'tls1.3'] as const;
const requests = ['none', 'read', 'control'] as const;
const preset = { port: 1883, qos: 1, prefix: '', security: 'none', login: '', password: '', verify: true, authority: '', certificate: '', key: '', requests: 'none', enabled: true };

function Pem({ name, broker }: { name: 'authority' | 'certificate' | 'key'; broker?: Broker }) {
  const { t } = useTranslation('mqtt');
  return (
    <Form.Item name={name} label={t(`field.${name}`)} extra={broker ? <CertificateEnd owner="mqtt" id={broker.id} part={name} hint={t(`hint.${name}`)} /> : t(`hint.${name}`)}>
      <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} className="mono" placeholder={name === 'key' ? '-----BEGIN PRIVATE KEY-----' : '-----BEGIN CERTIFICATE-----'} />
    </Form.Item>
  );
}

function Encryption({ broker }: { broker?: Broker }) {
  const { t } = useTranslation('mqtt');
  const form = Form.useFormInstance();
  const security = Form.useWatch('security') ?? 'none';
  const ports: Record<string, number> = { none: 1883, tls: 8883 };
  const usual = (value: string) => ports[value === 'none' ? 'none' : 'tls'];
  return (
    <>
      <Form.Item name="security" label={t('field.security')}>
        <Select options={securities.map((value) => ({ value, label: t(`security.${value}`) }))}
          onChange={(value: string) => form.getFieldValue('port') === usual(security) && form.setFieldValue('port', usual(value))} />
      </Form.Item>
      <div hidden={security === 'none'}>
        <Form.Item name="verify" label={t('field.verify')} valuePropName="checked" extra={t('hint.verify')}><Switch /></Form.Item>
        <Collapse size="small" style={{ marginBottom: 14 }} items={[{
          key: 'certificates', label: t('certificates'), forceRender: true, children: <><Pem name="authority" broker={broker} /><Pem name="certificate" broker={broker} /><Pem name="key" /></>,
        }]} />
      </div>
    </>
  );
}

/** Who is let in by a broker is for everybody who may publish there: that is said where relays are. */
function Requests() {
  const { t } = useTranslation('mqtt');
  const value = Form.useWatch('requests') ?? 'none';
  const [prefix, device] = [Form.useWatch('prefix'), Form.useWatch('device')];
  const topic = [prefix, device, 'in'].filter(Boolean).join('/');
  return (
    <>
      <Form.Item name="requests" label={t('field.requests')} extra={value === 'none' ? t('hint.requests') : t('hint.requestsTopic', { topic })}>
        <Select options={requests.map((word) => ({ value: word, label: t(`requests.${word}`) }))} />
      </Form.Item>
      {value === 'control' && <Alert type="warning" showIcon title={t('hint.requestsControl')} style={{ marginBottom: 14 }} />}
    </>
  );
}

function BrokerDialog({ broker, onClose }: { broker?: Broker; onClose: () => void }) {
  const { t } = useTranslation('mqtt');
  const changed = useMqttChanged();
  const required = [{ required: true, whitespace: true, message: t('app:required') }];
  return (
    <RowDialog<Broker> words="mqtt:brokers" path="/mqtt/brokers" row={broker} preset={preset} changed={changed} onClose={onClose} secrets={['password', 'key']} width={620}>
      <Flex wrap gap="0 12px">
        <Form.Item name="address" label={t('field.address')} rules={required} style={{ flex: '3 1 220px' }}><Input maxLength={253} autoFocus placeholder="mqtt.example.org" /></Form.Item>
        <Form.Item name="port" label={t('field.port')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 100px' }}><InputNumber min={1} max={65535} precision={0} style={{ width: '100%' }} /></Form.Item>
      </Flex>
      <Flex wrap gap="0 12px">
        <Form.Item name="device" label={t('field.device')} rules={required} extra={t('hint.device')} style={{ flex: '1 1 200px' }}><Input maxLength={64} /></Form.Item>
        <Form.Item name="prefix" label={t('field.prefix')} extra={t('hint.prefix')} style={{ flex: '1 1 200px' }}><Input maxLength={128} /></Form.Item>
      </Flex>
      <Form.Item name="qos" label={t('field.qos')} extra={t('hint.qos')}><Select options={[0, 1, 2].map((value) => ({ value, label: t(`qos.${value}`) }))} /></Form.Item>
      <Flex wrap gap="0 12px">
        <Form.Item name="login" label={t('field.login')} style={{ flex: '1 1 200px' }}><Input maxLength={200} autoComplete="off" /></Form.Item>
        <Form.Item name="password" label={t('field.password')} style={{ flex: '1 1 200px' }}><Input.Password maxLength={200} autoComplete="new-password" /></Form.Item>
      </Flex>
      <Encryption broker={broker} />
      <Requests />
      <Form.Item name="enabled" label={t('field.enabled')} valuePropName="checked"><Switch /></Form.Item>
    </RowDialog>
  );
}

export function Brokers() {
  const { t } = useTranslation('mqtt');
  const may = useMay();
  const changed = useMqttChanged();
  const query = useBrokers();
  const write = may('Write.HesConfig');
  const columns: Column<Broker>[] = [
    { key: 'device', title: t('field.device'), sortable: true },
    { key: 'state', title: t('state'), sortable: true, text: (broker) => t(`states.${broker.state}`), render: (broker) => (
      <>
        <State kind={stateOf[broker.state]}>{t(`states.${broker.state}`)}</State>
        {broker.state === 'connected' && broker.since && <div className="quiet">{t('since', { time: timeText(broker.since) })}</div>}
        {broker.trouble && <div className="quiet" style={{ whiteSpace: 'normal', maxWidth: 360 }}>{broker.trouble}</div>}
      </>
    ) },
    { key: 'address', title: t('field.address'), sortable: true, text: (broker) => `${broker.address}:${broker.port}`, render: (broker) => <span className="mono">{`${broker.address}:${broker.port}`}</span> },
    { key: 'qos', title: t('field.qos'), text: (broker) => `QoS ${broker.qos}` },
    { key: 'prefix', title: t('field.prefix'), render: (broker) => <span className="mono">{broker.prefix}</span> },
    { key: 'security', title: t('field.security'), text: (broker) => t(`security.${broker.security}`) },
    { key: 'sent', title: t('sent'), number: true, render: (broker) => countText(broker.sent) },
    { key: 'sent_at', title: t('sentAt'), render: (broker) => timeText(broker.sent_at) },
    { key: 'requests', title: t('field.requests'), hidden: true, text: (broker) => t(`requests.${broker.requests}`), render: (broker) => (
      <>
        {t(`requests.${broker.requests}`)}
        {broker.requests !== 'none' && <div className="quiet">{t('asked', { taken: countText(broker.asked), refused: countText(broker.refused) })}</div>}
      </>
    ) },
    { key: 'login', title: t('field.login'), hidden: true },
    { key: 'type', title: t('field.type'), hidden: true, text: () => 'MQTT 3.1.1' },
  ];
  return (
    <RowList<Broker> words="mqtt:brokers" path="/mqtt/brokers" query={query} columns={columns} opens="device" titleOf={(broker) => broker.device} write="Write.HesConfig" drop="Delete.HesConfig" changed={changed} switched
      deleteHint={brokerTitle} dialog={(broker, close) => <BrokerDialog key={broker?.id ?? 0} broker={broker} onClose={close} />}
      menu={(broker, act) => (write && broker.enabled && broker.state !== 'connected' ? [{ key: 'retry', icon: <SyncOutlined />, label: t('brokers.retry'), onClick: () => act(() => api.post(`/mqtt/brokers/${broker.id}/retry`), t('brokers.retried')) }] : [])} />
  );
}
