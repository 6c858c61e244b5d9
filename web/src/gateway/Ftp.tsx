// Hour files by FTP (S4 11): servers, schedule, time, files for this unit; and how it goes.
import { CloudDownloadOutlined, SendOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Collapse, Flex, Form, Input, InputNumber, Select, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { bytesText, countText, timeText } from '../app/format';
import { Facts } from '../box/data';
import { useAct } from '../parts/acts';
import { CertificateEnd } from '../parts/certificate';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { useSeenForm } from './seenForm';
import { Way } from './Way';

type Ftp = Answer<'/api/v1/ftp'>;
const settings = ['enabled', 'servers', 'second', 'folder', 'authority', 'period_min', 'offset_min', 'packet_kib', 'answer_s', 'passive', 'take_time', 'time_least_s', 'time_most_s', 'pull', 'pull_folder'] as const;
type Words = Pick<Ftp, (typeof settings)[number]>;

function ServerFields({ which }: { which: 0 | 1 }) {
  const { t } = useTranslation('files');
  const at = (field: string) => ['servers', which, field];
  const tls = Form.useWatch(at('tls'));
  return (
    <Card size="small" title={t(`ftp.server${which + 1}`)} style={{ marginBottom: 12 }} data-testid={`ftp-server-${which + 1}`}>
      <Flex wrap gap="0 12px">
        <Form.Item name={at('address')} label={t('field.address')} style={{ flex: '3 1 200px' }}><Input maxLength={253} placeholder="ftp.example.org" /></Form.Item>
        <Form.Item name={at('port')} label={t('field.port')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 90px' }}><InputNumber min={1} max={65535} precision={0} style={{ width: '100%' }} /></Form.Item>
      </Flex>
      <Flex wrap gap="0 12px">
        <Form.Item name={at('login')} label={t('field.login')} style={{ flex: '1 1 160px' }}><Input maxLength={128} autoComplete="off" /></Form.Item>
        <Form.Item name={at('password')} label={t('field.password')} style={{ flex: '1 1 160px' }}><Input.Password maxLength={128} autoComplete="new-password" /></Form.Item>
      </Flex>
      <Flex wrap gap="0 24px">
        <Form.Item name={at('tls')} label={t('field.tls')} valuePropName="checked"><Switch /></Form.Item>
        <Form.Item name={at('verify')} label={t('field.verify')} valuePropName="checked" hidden={!tls}><Switch /></Form.Item>
      </Flex>
      <Way name={at('interface')} />
    </Card>
  );
}

function Minutes({ name, least, most }: { name: string; least: number; most: number }) {
  const { t } = useTranslation('files');
  return <Form.Item name={name} label={t(`field.${name}`)} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 150px' }}><InputNumber min={least} max={most} precision={0} style={{ width: '100%' }} /></Form.Item>;
}

function FtpForm({ ftp }: { ftp: Ftp }) {
  const { t } = useTranslation('files');
  const may = useMay();
  const pick = (now: Ftp) => Object.fromEntries(settings.map((name) => [name, now[name]])) as Words;
  const { form, save } = useSeenForm<Ftp>('/ftp', ftp, pick, (field) => t(`field.${field}`));
  const taken = Form.useWatch('take_time', form), pulled = Form.useWatch('pull', form);
  return (
    <SaveForm<Words> form={form} save={save} initialValues={pick(ftp)} disabled={!may('Write.HesConfig')}>
      <Form.Item name="enabled" label={t('field.enabled')} valuePropName="checked"><Switch /></Form.Item>
      <ServerFields which={0} />
      <Form.Item name="second" label={t('field.second')}><Select options={['off', 'instead', 'also'].map((value) => ({ value, label: t(`second.${value}`) }))} /></Form.Item>
      <ServerFields which={1} />
      <Form.Item name="folder" label={t('field.folder')} extra={t('hint.folder')}><Input maxLength={199} /></Form.Item>
      <Flex wrap gap="0 12px">
        <Minutes name="period_min" least={1} most={1440} />
        <Minutes name="offset_min" least={0} most={1439} />
        <Minutes name="packet_kib" least={4} most={65536} />
        <Minutes name="answer_s" least={1} most={600} />
      </Flex>
      <Form.Item name="passive" label={t('field.passive')} valuePropName="checked"><Switch /></Form.Item>
      <Form.Item name="take_time" label={t('field.take_time')} valuePropName="checked" extra={t('hint.take_time')}><Switch /></Form.Item>
      <div hidden={!taken}><Flex wrap gap="0 12px"><Minutes name="time_least_s" least={1} most={86400} /><Minutes name="time_most_s" least={1} most={2147483647} /></Flex></div>
      <Form.Item name="pull" label={t('field.pull')} valuePropName="checked" extra={t('hint.pull')}><Switch /></Form.Item>
      <Form.Item name="pull_folder" label={t('field.pull_folder')} hidden={!pulled}><Input maxLength={199} /></Form.Item>
      <Collapse size="small" style={{ marginBottom: 14 }} items={[{
        key: 'authority', label: t('field.authority'), forceRender: true,
        children: <Form.Item name="authority" extra={<CertificateEnd owner="ftp" part="authority" hint={t('hint.authority')} />} style={{ margin: 0 }}><Input.TextArea rows={5} className="mono" aria-label={t('field.authority')} placeholder="-----BEGIN CERTIFICATE-----" /></Form.Item>,
      }]} />
    </SaveForm>
  );
}

function ServerState({ ftp, which }: { ftp: Ftp; which: 0 | 1 }) {
  const { t } = useTranslation('files');
  const state = ftp.states[which];
  if (!ftp.servers[which].address || (which === 1 && ftp.second === 'off')) return <State kind="never">{t('ftp.noServer')}</State>;
  const kind = !ftp.enabled ? 'never' : state.trouble ? 'failed' : state.good ? 'ok' : 'waiting';
  return (
    <>
      <State kind={kind}>{t(`ftp.states.${!ftp.enabled ? 'off' : state.trouble ? 'failed' : state.good ? 'ok' : 'waiting'}`)}</State>
      {state.trouble && <div className="quiet">{state.trouble}</div>}
      <div className="quiet">{t('ftp.sent', { count: state.sent, size: bytesText(state.bytes) })}{state.good ? `, ${timeText(state.good)}` : ''}</div>
    </>
  );
}

function Progress({ ftp }: { ftp: Ftp }) {
  const { t } = useTranslation('files');
  return (
    <div className="panel" data-testid="ftp-state">
      <Facts rows={[
        [t('ftp.server1'), <ServerState key="1" ftp={ftp} which={0} />],
        [t('ftp.server2'), <ServerState key="2" ftp={ftp} which={1} />],
        [t('ftp.unsent'), countText(ftp.unsent)],
        [t('ftp.next'), ftp.sending ? t('ftp.sending') : timeText(ftp.next)],
        ...(ftp.take_time ? [[t('ftp.time'), ftp.time ? t(ftp.time_taken ? 'ftp.timeTaken' : 'ftp.timeLeft', { seconds: ftp.time_off_s, time: timeText(ftp.time) }) : '—'] as [string, string]] : []),
        ...(ftp.pull ? [[t('ftp.pulled'), ftp.pulled ? `${timeText(ftp.pulled)}: ${ftp.pulled_text}` : '—'] as [string, string]] : []),
      ]} />
    </div>
  );
}

export default function FtpPage() {
  const { t } = useTranslation('files');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const { data: ftp, error } = useQuery({ queryKey: ['/ftp'], queryFn: () => api.get<Ftp>('/ftp'), refetchInterval: 3000 });
  const order = (what: string, done: string) => act(async () => {
    await api.post(`/ftp/${what}`);
    await client.invalidateQueries({ queryKey: ['/ftp'] });
  }, done);
  const actions = may('Write.HesConfig') && ftp && (
    <>
      {ftp.pull && <Button icon={<CloudDownloadOutlined />} onClick={() => void order('pull', t('ftp.pullOrdered'))}>{t('ftp.pullNow')}</Button>}
      <Button type="primary" icon={<SendOutlined />} disabled={!ftp.enabled} loading={ftp.sending} onClick={() => void order('send', t('ftp.sendOrdered'))}>{t('ftp.sendNow')}</Button>
    </>
  );
  return (
    <PageFrame title={t('ftp.title')} actions={actions}>
      {error && <Alert type="error" showIcon title={error.message} />}
      {!ftp ? !error && <Spin /> : <><Progress ftp={ftp} /><div style={{ maxWidth: 720 }}><FtpForm ftp={ftp} /></div></>}
    </PageFrame>
  );
}
