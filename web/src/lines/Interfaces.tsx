// «Настройки цифровых интерфейсов» (S0 4.2.3): which line each number on the case is, and how it serves transit.
import { EditOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, InputNumber, Select, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { RemoteSelect } from '../devices/RemoteSelect';
import { useCarefulSave } from '../parts/changed';
import { FormDialog } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { linePath } from './life';

type Interface = Answer<'/api/v1/interfaces/{id}'>;

const speeds = [0, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200];
const sent = ['link', 'baud', 'bits', 'parity', 'stop_bits', 'mode', 'others_listen', 'idle_s', 'hold_s', 'power_line', 'allowed'] as const;
const path = '/interfaces';

function InterfaceDialog({ one, powers, onClose }: { one: Interface; powers: number; onClose: () => void }) {
  const { t } = useTranslation('lines');
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const [seen, setSeen] = useState(one);
  const careful = useCarefulSave();
  const client = useQueryClient();
  const save = async (values: Record<string, unknown>) => {
    const mine = Object.fromEntries(sent.map((field) => [field, values[field] ?? (field === 'link' ? 0 : field === 'allowed' ? '' : undefined)]));
    await careful({ seen, mine, form, onTaken: setSeen, label: (field) => t(`interfaces.${field}`), patch: (fields) => api.patch(`${path}/${one.id}`, fields), fresh: () => api.get<Interface>(`${path}/${one.id}`) });
    await Promise.all([path, '/lines'].map((key) => client.invalidateQueries({ queryKey: [key] })));
    void message.success(t('app:saved'));
  };
  const options = (values: readonly (string | number)[], words: (value: string | number) => string) => values.map((value) => ({ value, label: words(value) }));
  const mode = Form.useWatch('mode', form);
  return (
    <FormDialog open onClose={onClose} title={one.title} width={560} form={form} save={save} draft={`interface.${one.id}`} initialValues={one}>
      <Form.Item name="link" label={t('interfaces.link')} extra={t('interfaces.linkHint')}><RemoteSelect<{ id: number; title: string; uri: string }> path="/links" known={one.link ? [{ id: one.link, title: one.link_title }] : []} detail={(row) => row.uri} allowClear placeholder={t('interfaces.noLink')} /></Form.Item>
      <Space size={12} wrap align="start">
        <Form.Item name="baud" label={t('interfaces.baud')}><Select style={{ width: 170 }} options={options(speeds, (speed) => (speed ? String(speed) : t('interfaces.auto')))} /></Form.Item>
        <Form.Item name="bits" label={t('interfaces.bits')}><Select style={{ width: 130 }} options={options([7, 8], String)} /></Form.Item>
        <Form.Item name="parity" label={t('interfaces.parity')}><Select style={{ width: 210 }} options={options(['none', 'even', 'odd'], (value) => t(`interfaces.parities.${value}`))} /></Form.Item>
        <Form.Item name="stop_bits" label={t('interfaces.stop_bits')}><Select style={{ width: 130 }} options={options([1, 2], String)} /></Form.Item>
      </Space>
      <Form.Item name="power_line" label={t('interfaces.power_line')} extra={t('interfaces.powerHint')}>
        <Select style={{ width: 240 }} options={options(Array.from({ length: Math.max(powers, one.power_line) + 1 }, (_, i) => i), (value) => (value ? t('interfaces.power', { number: value }) : t('interfaces.noPower')))} />
      </Form.Item>
      <Form.Item name="mode" label={t('interfaces.mode')} extra={t(`interfaces.modeHint.${mode ?? one.mode}`)}><Select options={options(['speak', 'listen'], (value) => t(`interfaces.modes.${value}`))} /></Form.Item>
      <Form.Item name="others_listen" valuePropName="checked"><Checkbox>{t('interfaces.others_listen')}</Checkbox></Form.Item>
      <Space size={12} wrap align="start">
        <Form.Item name="idle_s" label={t('interfaces.idle_s')} extra={t('interfaces.idleHint')} rules={[{ required: true, message: t('app:required') }]} style={{ maxWidth: 250 }}><InputNumber min={1} max={3600} precision={0} suffix={t('interfaces.seconds')} style={{ width: 140 }} /></Form.Item>
        <Form.Item name="hold_s" label={t('interfaces.hold_s')} extra={t('interfaces.holdHint')} rules={[{ required: true, message: t('app:required') }]} style={{ maxWidth: 250 }}><InputNumber min={1} max={86400} precision={0} suffix={t('interfaces.seconds')} style={{ width: 140 }} /></Form.Item>
      </Space>
      <Form.Item name="allowed" label={t('interfaces.allowed')} extra={t('interfaces.allowedHint')}><Input maxLength={399} className="mono" placeholder="10.0.0.0/8 192.168.1.5" /></Form.Item>
    </FormDialog>
  );
}

function Port({ one }: { one: Interface }) {
  const { t } = useTranslation('lines');
  const { port, listening, trouble, clients } = one.transit;
  if (!port) return <Link className="in-text" to="/box/network?tab=servers">{t('transit.none')}</Link>;
  return <span><span className="mono">{port}</span> <State kind={listening ? 'ok' : 'failed'}>{listening ? (clients.length ? t('transit.clients', { count: clients.length }) : t('transit.open')) : trouble}</State></span>;
}

export default function Interfaces() {
  const { t } = useTranslation('lines');
  const may = useMay();
  const [open, setOpen] = useState<Interface>();
  const write = may('Write.ChannelSettings');
  const list = useQuery({ queryKey: [path], queryFn: () => api.get<{ items: Interface[]; power_lines: number }>(path), refetchInterval: 5000 });
  const format = (one: Interface) => (one.baud ? `${one.baud} ${one.bits}${{ none: 'N', even: 'E', odd: 'O' }[one.parity]}${one.stop_bits}` : t('interfaces.auto'));
  const columns: Column<Interface>[] = [
    { key: 'title', title: t('interface'), render: (one) => (write ? <Button type="link" size="small" style={{ padding: 0, height: 'auto' }} onClick={() => setOpen(one)}>{one.title}</Button> : one.title) },
    { key: 'link_title', title: t('interfaces.link'), render: (one) => (one.link ? <Link to={linePath(one.link)}>{one.link_title}</Link> : t('interfaces.noLink')) },
    { key: 'format', title: t('interfaces.format'), text: format },
    { key: 'mode', title: t('interfaces.mode'), text: (one) => t(`interfaces.modes.${one.mode}`) },
    { key: 'power_line', title: t('interfaces.power_line'), render: (one) => (one.power_line ? <span>{t('interfaces.power', { number: one.power_line })} <State kind={one.power === 'on' ? 'ok' : one.power === 'off' ? 'partial' : 'failed'}>{t(`interfaces.powerIs.${one.power}`)}</State></span> : <span className="quiet">{t('interfaces.noPower')}</span>) },
    { key: 'port', title: t('transit.port'), render: (one) => <Port one={one} /> },
    { key: 'idle_s', title: t('interfaces.idle_s'), number: true, hidden: true, text: (one) => String(one.idle_s) },
    { key: 'hold_s', title: t('interfaces.hold_s'), number: true, hidden: true, text: (one) => String(one.hold_s) },
    { key: 'allowed', title: t('interfaces.allowed'), hidden: true, render: (one) => <span className="mono">{one.allowed}</span> },
  ];
  return (
    <PageFrame title={t('interfaces.title')}>
      <DataTable<Interface> name="interfaces" columns={columns} rows={list.data?.items ?? []} loading={list.isPending} searchable={false} onOpen={(one) => write && setOpen(one)}
        menu={(rows) => (write ? [{ key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => setOpen(rows[0]) }] : [])} />
      {open && <InterfaceDialog key={open.id} one={open} powers={list.data?.power_lines ?? 0} onClose={() => setOpen(undefined)} />}
    </PageFrame>
  );
}
