// «Центр»: delivery to the head-end: where to, the connection code, how it goes.
import { RedoOutlined, SyncOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Collapse, Flex, Form, Input, InputNumber, Select, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { bytesText, countText, timeText } from '../app/format';
import '../box/box.css';
import { Facts, useBoxSave } from '../box/data';
import { useAct } from '../parts/acts';
import { CertificateEnd } from '../parts/certificate';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State, type StateKind } from '../parts/state';
import { Way } from './Way';

type Centre = Answer<'/api/v1/centre'>;

const kinds: Record<Centre['state'], StateKind> = { off: 'never', waiting: 'failed', connecting: 'waiting', connected: 'ok' };

function Progress({ centre }: { centre: Centre }) {
  const { t } = useTranslation('centre');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const write = may('Write.HesConfig');
  const whole = centre.archive_done >= centre.archive_all;
  return (
    <Card size="small" title={t('state')}>
      <Facts rows={[
        [t('connection'), <span key="state"><State kind={kinds[centre.state]}>{t(`states.${centre.state}`)}</State>{centre.state !== 'off' && centre.since && <span className="quiet"> {t('since', { time: timeText(centre.since) })}</span>}</span>],
        [t('behind'), centre.behind ? <span key="behind">{countText(centre.behind)}{centre.behind_since && <span className="quiet"> {t('since', { time: timeText(centre.behind_since) })}</span>}</span> : <State key="behind" kind={centre.state === 'off' ? 'never' : 'ok'}>{t(centre.state === 'off' ? 'nothing' : 'all')}</State>],
        ...(whole ? [] : [[t('archive'), t('archiveOf', { done: centre.archive_done, all: centre.archive_all })] as [string, string]]),
        [t('acknowledged'), timeText(centre.acknowledged) || '—'],
        [t('traffic'), `${bytesText(centre.sent_bytes)} / ${bytesText(centre.received_bytes)}`],
        [t('orders'), countText(centre.orders)],
        ...(centre.refused_meters ? [[t('refusedMeters'), countText(centre.refused_meters)] as [string, string]] : []),
        ...(centre.lost ? [[t('lost'), countText(centre.lost)] as [string, string]] : []),
      ]} />
      {centre.trouble && <Alert style={{ marginTop: 8 }} type="warning" showIcon title={centre.trouble} description={centre.next_try ? t('nextTry', { time: timeText(centre.next_try) }) : undefined} />}
      {write && centre.enabled && (
        <Flex wrap gap={8} style={{ marginTop: 8 }}>
          <Button icon={<SyncOutlined />} onClick={() => void act(async () => client.setQueryData(['/centre'], await api.post('/centre/test')))} data-testid="centre-test">{t('test')}</Button>
          <Button icon={<RedoOutlined />} onClick={() => void act(() => api.post('/centre/again'), t('againDone'))}>{t('again')}</Button>
        </Flex>
      )}
    </Card>
  );
}

function Settings({ centre }: { centre: Centre }) {
  const { t } = useTranslation('centre');
  const may = useMay();
  const save = useBoxSave();
  const { enabled, host, port, gateway, security, interface: way, pin, authority, key } = centre;
  return (
    <Card size="small" title={t('settings')}>
      <SaveForm<Partial<Centre> & { code?: string }> key={centre.revision} initialValues={{ enabled, host, port, gateway, security, interface: way, pin, authority, key, code: '' }} disabled={!may('Write.HesConfig')} draft="centre" secrets={['code', 'key']}
        save={(words) => save('/centre', { ...words, gateway: words.gateway ?? 0, code: words.code?.trim() ?? '', revision: centre.revision })}>
        <Form.Item name="enabled" label={t('field.enabled')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
        <Form.Item name="code" label={t('field.code')} extra={t('hint.code')}><Input.TextArea className="mono" autoSize={{ minRows: 2, maxRows: 6 }} maxLength={511} placeholder="svod://…" autoComplete="off" /></Form.Item>
        <Collapse size="small" style={{ marginBottom: 14 }} items={[{ key: 'details', label: t('details', { host: host ? `${host}:${port}` : '—' }), forceRender: true, children: (
          <>
            <Flex wrap gap="0 12px">
              <Form.Item name="host" label={t('field.host')} style={{ flex: '3 1 200px' }}><Input maxLength={253} /></Form.Item>
              <Form.Item name="port" label={t('field.port')} style={{ flex: '1 1 90px' }}><InputNumber min={1} max={65535} precision={0} style={{ width: '100%' }} /></Form.Item>
              <Form.Item name="gateway" label={t('field.gateway')} style={{ flex: '1 1 90px' }}><InputNumber min={0} precision={0} style={{ width: '100%' }} /></Form.Item>
            </Flex>
            <Form.Item name="key" label={t('field.key')}><Input.Password maxLength={64} autoComplete="new-password" /></Form.Item>
            <Form.Item name="security" label={t('field.security')}><Select options={(['tls', 'none'] as const).map((value) => ({ value, label: t(`security.${value}`) }))} /></Form.Item>
            <Way name="interface" />
            <Form.Item name="pin" label={t('field.pin')} extra={t('hint.pin')}><Input className="mono" maxLength={64} /></Form.Item>
            <Form.Item name="authority" label={t('field.authority')} extra={<CertificateEnd owner="centre" part="authority" hint={t('hint.authority')} />}><Input.TextArea className="mono" autoSize={{ minRows: 2, maxRows: 8 }} placeholder="-----BEGIN CERTIFICATE-----" /></Form.Item>
          </>
        ) }]} />
      </SaveForm>
    </Card>
  );
}

export default function CentrePage() {
  const { t } = useTranslation('centre');
  const centre = useQuery({ queryKey: ['/centre'], queryFn: () => api.get<Centre>('/centre'), refetchInterval: 2000 });
  return (
    <PageFrame title={t('title')}>
      {centre.data ? <div className="box-grid"><Progress centre={centre.data} /><Settings centre={centre.data} /></div>
        : centre.error ? <Alert type="error" showIcon title={centre.error.message} /> : <Spin />}
    </PageFrame>
  );
}
