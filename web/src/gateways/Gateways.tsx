// «Шлюзы»: gateways that deliver to this head-end, their connection codes, how far behind they are; the port they come to.
import { KeyOutlined, RedoOutlined, SearchOutlined, StopOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Card, Flex, Form, Input, InputNumber, Modal, Switch, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { countText, timeText } from '../app/format';
import { useDestructive } from '../parts/acts';
import { FormDialog } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { RowDialog, RowList } from '../parts/rows';
import { State, type StateKind } from '../parts/state';
import type { Column } from '../parts/table/columns';
import { SearchDialog } from './Search';

type Gateway = Row<'/api/v1/gateways'>;
type Port = Answer<'/api/v1/gateway-port'>;

const every = 3000;

function stateOf(gateway: Gateway): [StateKind, string] {
  if (!gateway.enabled) return ['never', 'revoked'];
  if (gateway.connected) return gateway.behind > 0 ? ['waiting', 'delivering'] : ['ok', 'connected'];
  return gateway.seen ? ['failed', 'away'] : ['never', 'never'];
}

/** A code is shown once, to be carried to the gateway. */
function CodeDialog({ code, onClose }: { code: string; onClose: () => void }) {
  const { t } = useTranslation('gateways');
  return (
    <Modal open title={t('code.title')} onCancel={onClose} footer={<Button type="primary" onClick={onClose}>{t('app:close')}</Button>} width={620}>
      <p>{t('code.hint')}</p>
      <Typography.Paragraph copyable className="mono" data-testid="gateway-code" style={{ wordBreak: 'break-all', margin: 0 }}>{code}</Typography.Paragraph>
    </Modal>
  );
}

interface Words {
  title: string;
  note?: string;
}

/** `preset`: what is known of one that was found. */
function AddDialog({ preset, onMade, onClose }: { preset?: Words; onMade: (code: string) => Promise<unknown>; onClose: () => void }) {
  const { t } = useTranslation('gateways');
  return (
    <FormDialog<Words> open onClose={onClose} title={t('rows.add')} draft={preset ? undefined : 'gateways.new'} initialValues={preset} saveText={t('rows.add')}
      save={async (values) => { await onMade((await api.post<{ code: string }>('/gateways', values)).code); }}>
      <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={100} autoFocus placeholder={t('example')} /></Form.Item>
      <Form.Item name="note" label={t('field.note')}><Input.TextArea maxLength={500} autoSize={{ minRows: 2, maxRows: 6 }} /></Form.Item>
    </FormDialog>
  );
}

type PortWords = Partial<Port> & { away_min: number };

function PortDialog({ port, onClose }: { port: Port; onClose: () => void }) {
  const { t } = useTranslation('gateways');
  const { message } = App.useApp();
  const client = useQueryClient();
  const save = async ({ away_min, ...values }: PortWords) => {
    client.setQueryData(['/gateway-port'], await api.patch('/gateway-port', { ...values, away_s: away_min * 60, revision: port.revision }));
    void message.success(t('app:saved'));
  };
  return (
    <FormDialog<PortWords> open onClose={onClose} title={t('port.edit')} save={save} initialValues={{ enabled: port.enabled, host: port.host || window.location.hostname, port: port.port, tls: port.tls, away_min: Math.round(port.away_s / 60) }}>
      <Form.Item name="enabled" label={t('port.enabled')} valuePropName="checked"><Switch /></Form.Item>
      <Flex wrap gap="0 12px">
        <Form.Item name="host" label={t('port.host')} extra={t('port.hostHint')} rules={[{ required: true, whitespace: true, message: t('app:required') }]} style={{ flex: '3 1 220px' }}><Input maxLength={253} placeholder="hes.example.org" /></Form.Item>
        <Form.Item name="port" label={t('port.port')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 100px' }}><InputNumber min={1} max={65535} precision={0} style={{ width: '100%' }} /></Form.Item>
      </Flex>
      <Form.Item name="away_min" label={t('port.away')} extra={t('port.awayHint')} rules={[{ required: true, message: t('app:required') }]}><InputNumber min={0} max={10080} precision={0} suffix={t('port.minutes')} style={{ width: 160 }} /></Form.Item>
      <Form.Item name="tls" label={t('port.tls')} extra={t('port.tlsHint')} valuePropName="checked"><Switch /></Form.Item>
    </FormDialog>
  );
}

function PortCard() {
  const { t } = useTranslation('gateways');
  const may = useMay();
  const [open, setOpen] = useState(false);
  const { data: port } = useQuery({ queryKey: ['/gateway-port'], queryFn: () => api.get<Port>('/gateway-port'), refetchInterval: every, enabled: may('Read.HesConfig') });
  if (!port) return null;
  const kind: StateKind = port.listening ? 'ok' : port.enabled ? 'failed' : 'never';
  return (
    <Card size="small" style={{ marginBottom: 12 }}>
      <Flex wrap gap="4px 16px" align="center">
        <State kind={kind}>{t(port.listening ? 'port.listening' : port.enabled ? 'port.failed' : 'port.off', { port: port.port })}</State>
        {port.trouble && <span>{port.trouble}</span>}
        {port.host && <span className="mono">{`${port.host}:${port.port}`}</span>}
        {port.enabled && <span className="quiet">{port.tls ? 'TLS' : t('port.plain')}</span>}
        {port.refused > 0 && <span className="quiet">{t('port.refused', { count: port.refused })}</span>}
        {may('Write.HesConfig') && <Button size="small" onClick={() => setOpen(true)} data-testid="gateway-port">{t('port.edit')}</Button>}
      </Flex>
      {open && <PortDialog port={port} onClose={() => setOpen(false)} />}
    </Card>
  );
}

export default function Gateways() {
  const { t } = useTranslation('gateways');
  const may = useMay();
  const navigate = useNavigate();
  const destructive = useDestructive();
  const client = useQueryClient();
  const [code, setCode] = useState<string>();
  const [searching, setSearching] = useState(false);
  const [found, setFound] = useState<Words>();
  const query = useQuery({ queryKey: ['/gateways'], queryFn: () => api.get<Answer<'/api/v1/gateways'>>('/gateways'), refetchInterval: every });
  const changed = () => client.invalidateQueries({ queryKey: ['/gateways'] });
  const write = may('Write.ChannelSettings');
  const made = async (given: string) => {
    setCode(given);
    await changed();
  };
  const issue = (gateway: Gateway) => destructive({
    title: t('code.newTitle', { title: gateway.title }), content: t('code.newHint'), okText: t('code.new'),
    act: async () => { setCode((await api.post<{ code: string }>(`/gateways/${gateway.id}/code`)).code); await changed(); },
  });
  const revoke = (gateway: Gateway) => destructive({
    title: t('revokeTitle', { title: gateway.title }), content: t('revokeHint'), okText: t('revoke'), done: t('app:saved'),
    act: async () => { await api.patch(`/gateways/${gateway.id}`, { revision: gateway.revision, enabled: false }); await changed(); },
  });
  const columns: Column<Gateway>[] = [
    { key: 'title', title: t('field.title'), sortable: true },
    { key: 'state', title: t('state'), sortable: true, text: (gateway) => t(`states.${stateOf(gateway)[1]}`), render: (gateway) => {
      const [kind, word] = stateOf(gateway);
      return (
        <>
          <State kind={kind}>{t(`states.${word}`)}</State>
          {gateway.connected && gateway.since && <div className="quiet">{t('since', { time: timeText(gateway.since) })}</div>}
          {!gateway.connected && gateway.trouble && <div className="quiet">{t('refusedBecause', { reason: t(`reasons.${gateway.trouble}`), time: timeText(gateway.trouble_at) })}</div>}
        </>
      );
    } },
    { key: 'seen', title: t('seen'), sortable: true, text: (gateway) => timeText(gateway.seen) },
    { key: 'behind', title: t('behind'), number: true, sortable: true, render: (gateway) => (gateway.behind ? <>{countText(gateway.behind)}{gateway.behind_since && <div className="quiet">{t('since', { time: timeText(gateway.behind_since) })}</div>}</> : '0') },
    { key: 'devices', title: t('devices'), number: true, sortable: true, render: (gateway) => (gateway.devices_ever ? <Link to={`/gateways/${gateway.id}`}>{gateway.devices}</Link> : '0') },
    { key: 'address', title: t('address'), render: (gateway) => <span className="mono">{gateway.address}</span> },
    { key: 'version', title: t('version') },
    { key: 'readings', title: t('readings'), number: true, hidden: true, render: (gateway) => countText(gateway.readings) },
    { key: 'refused', title: t('refused'), number: true, hidden: true, render: (gateway) => countText(gateway.refused) },
    { key: 'serial', title: t('serial'), hidden: true },
    { key: 'made', title: t('made'), hidden: true, text: (gateway) => `${timeText(gateway.made)} ${gateway.made_by}` },
    { key: 'note', title: t('field.note'), hidden: true },
  ];
  return (
    <PageFrame title={t('title')} actions={write && <Button icon={<SearchOutlined />} onClick={() => setSearching(true)} data-testid="gateway-search">{t('search.title')}</Button>}>
      <PortCard />
      <RowList<Gateway> words="gateways:rows" path="/gateways" query={query} columns={columns} opens="title" titleOf={(gateway) => gateway.title} write="Write.ChannelSettings" drop="Delete.ChannelSettings" changed={changed} searchable
        deleteHint={() => t('deleteHint')}
        dialog={(gateway, close) => (gateway
          ? <RowDialog<Gateway> key={gateway.id} words="gateways:rows" path="/gateways" row={gateway} preset={{}} changed={changed} onClose={close} body={(values) => ({ title: values.title, note: values.note ?? '' })} valuesOf={(row) => ({ title: row.title, note: row.note })}>
              <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={100} /></Form.Item>
              <Form.Item name="note" label={t('field.note')}><Input.TextArea maxLength={500} autoSize={{ minRows: 2, maxRows: 6 }} /></Form.Item>
            </RowDialog>
          : <AddDialog key="new" onClose={close} onMade={made} />)}
        menu={(gateway, act) => [
          ...(gateway.devices_ever ? [{ key: 'devices', icon: <UnorderedListOutlined />, label: t('showDevices'), onClick: () => void navigate(`/gateways/${gateway.id}`) }] : []),
          ...(write && gateway.connected ? [{ key: 'again', icon: <RedoOutlined />, label: t('again'), onClick: () => act(() => api.post(`/gateways/${gateway.id}/again`), t('againAsked')) }] : []),
          ...(write ? [{ key: 'code', icon: <KeyOutlined />, label: t('code.new'), onClick: () => void issue(gateway) }] : []),
          ...(write && gateway.enabled ? [{ key: 'revoke', icon: <StopOutlined />, label: t('revoke'), onClick: () => void revoke(gateway) }] : []),
        ]} />
      {searching && (
        <SearchDialog onClose={() => setSearching(false)} onChosen={(one) => {
          setSearching(false);
          setFound({ title: one.serial ? t('search.name', one) : one.url, note: t('search.note', one) });
        }} />
      )}
      {found && <AddDialog preset={found} onClose={() => setFound(undefined)} onMade={made} />}
      {code && <CodeDialog code={code} onClose={() => setCode(undefined)} />}
      {query.error && <Alert type="error" showIcon title={query.error.message} />}
    </PageFrame>
  );
}
