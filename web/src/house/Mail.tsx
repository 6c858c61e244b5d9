// The mail server, a test message, and what has become of letters (S3 2.2.30).
import { SendOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Collapse, Form, Input, InputNumber, Select, Space, Spin, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, type Answer, type Row } from '../api/client';
import { useMay, useMe } from '../api/session';
import { timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { CertificateEnd } from '../parts/certificate';
import { useCarefulSave } from '../parts/changed';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State, type StateKind } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';

type Settings = Answer<'/api/v1/mail'>;
type Letter = Row<'/api/v1/mail/letters'>;
type Words = Omit<Settings, 'revision'>;

function MailForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation('house');
  const may = useMay();
  const client = useQueryClient();
  const careful = useCarefulSave();
  const [form] = Form.useForm<Words>();
  const save = async (words: Words) => {
    await careful<Settings>({ seen: settings, mine: words, form, patch: (fields) => api.patch('/mail', fields), fresh: () => api.get<Settings>('/mail'), label: (field) => t(`mail.${field}`) });
    await client.invalidateQueries({ queryKey: ['/mail'] });
  };
  return (
    <SaveForm<Words> key={settings.revision} form={form} save={save} initialValues={settings} draft="mail" secrets={['password']} disabled={!may('Write.Email.Settings')}>
      <Form.Item name="sender" label={t('mail.sender')}><Input maxLength={254} inputMode="email" placeholder="svod@example.org" /></Form.Item>
      <Form.Item name="name" label={t('mail.name')}><Input maxLength={120} /></Form.Item>
      <Form.Item name="server" label={t('mail.server')} extra={t('mail.serverHint')}><Input maxLength={253} placeholder="mail.example.org" /></Form.Item>
      <Space size={12} wrap align="start">
        <Form.Item name="port" label={t('mail.port')} rules={[{ required: true, message: t('app:required') }]}><InputNumber min={1} max={65535} precision={0} style={{ width: 110 }} /></Form.Item>
        <Form.Item name="security" label={t('mail.security')}>
          <Select style={{ width: 260 }} options={['none', 'auto', 'starttls', 'tls'].map((value) => ({ value, label: t(`mail.securities.${value}`) }))} />
        </Form.Item>
      </Space>
      <Form.Item name="user" label={t('mail.user')} extra={t('mail.userHint')}><Input maxLength={200} autoComplete="off" /></Form.Item>
      <Form.Item name="password" label={t('mail.password')} extra={t('mail.passwordHint')}><Input.Password maxLength={200} autoComplete="new-password" /></Form.Item>
      <Collapse size="small" style={{ marginBottom: 14 }} items={[{
        key: 'authority', label: t('mail.authority'), forceRender: true,
        children: <Form.Item name="authority" extra={<CertificateEnd owner="mail" part="authority" hint={t('mail.authorityHint')} />} noStyle={false} style={{ margin: 0 }}><Input.TextArea rows={6} className="mono" aria-label={t('mail.authority')} placeholder="-----BEGIN CERTIFICATE-----" /></Form.Item>,
      }]} />
    </SaveForm>
  );
}

/** Sent at once; the server's own words come back. */
function TestLetter() {
  const { t } = useTranslation('house');
  const { data: me } = useMe();
  const [form] = Form.useForm<{ to: string }>();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ sent: boolean; message: string }>();
  const send = async ({ to }: { to: string }) => {
    setBusy(true);
    setOutcome(undefined);
    try {
      setOutcome(await api.post<Answer<'/api/v1/mail/test', 'post'>>('/mail/test', { to }));
    } catch (e) {
      if (e instanceof ApiError && e.fields.length) form.setFields([{ name: 'to', errors: [e.fields[0].message] }]);
      else setOutcome({ sent: false, message: e instanceof Error ? e.message : String(e) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card size="small" title={t('mail.test')}>
      <Form form={form} layout="vertical" onFinish={(words) => void send(words)} initialValues={{ to: me?.email }}>
        <Form.Item name="to" label={t('mail.to')} rules={[{ required: true, message: t('app:required') }]}><Input maxLength={254} inputMode="email" /></Form.Item>
        <Button htmlType="submit" icon={<SendOutlined />} loading={busy}>{t('mail.send')}</Button>
      </Form>
      {outcome && <Alert style={{ marginTop: 12 }} showIcon role="status" type={outcome.sent ? 'success' : 'error'} title={outcome.sent ? t('mail.sent') : outcome.message} />}
    </Card>
  );
}

const states: Record<string, StateKind> = { waiting: 'waiting', sent: 'ok', 'given-up': 'failed' };

function Letters() {
  const { t } = useTranslation('house');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const letters = useQuery({ queryKey: ['/mail/letters'], queryFn: () => api.get<{ items: Letter[] }>('/mail/letters'), refetchInterval: 5000 });
  const refresh = () => client.invalidateQueries({ queryKey: ['/mail/letters'] });
  const columns: Column<Letter>[] = [
    { key: 'created', title: t('mail.created'), sortable: true, render: (letter) => timeText(letter.created) },
    { key: 'to', title: t('mail.to'), sortable: true },
    { key: 'subject', title: t('mail.subject') },
    { key: 'state', title: t('mail.state'), sortable: true, render: (letter) => <State kind={states[letter.state]}>{t(`mail.states.${letter.state}`)}</State> },
    { key: 'tries', title: t('mail.tries'), number: true },
    { key: 'due', title: t('mail.due'), render: (letter) => timeText(letter.due ?? letter.ended) },
    { key: 'trouble', title: t('mail.trouble') },
  ];
  return (
    <DataTable<Letter> name="letters" columns={columns} rows={letters.data?.items ?? []} empty={<Typography.Text type="secondary">{t('mail.noLetters')}</Typography.Text>}
      actions={() => may('Write.Email.Settings') && letters.data?.items.some((letter) => letter.state === 'waiting') && <Button onClick={() => void act(async () => { await api.post('/mail/letters/retry'); await refresh(); }, t('mail.retried'))}>{t('mail.retry')}</Button>} />
  );
}

export default function Mail() {
  const { t } = useTranslation('house');
  const may = useMay();
  const settings = useQuery({ queryKey: ['/mail'], queryFn: () => api.get<Settings>('/mail') });
  return (
    <PageFrame title={t('mail.title')}>
      {settings.isPending && <Spin />}
      {settings.error && <Alert type="error" showIcon title={settings.error.message} />}
      {settings.data && (
        <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(min(320px, 100%), 1fr))', alignItems: 'start' }}>
          <Card size="small" title={t('mail.settings')}><MailForm settings={settings.data} /></Card>
          {may('Write.Email.Settings') && <TestLetter />}
        </div>
      )}
      <Typography.Title level={2} style={{ fontSize: 16, margin: '8px 0 0' }}>{t('mail.letters')}</Typography.Title>
      <Letters />
    </PageFrame>
  );
}
