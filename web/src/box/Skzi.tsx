// «Настройки СКЗИ серверов устройства» (S0 4.2.2.4): the port of GOST TLS, how it goes, its certificate; everything back as it came.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, InputNumber, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { useDestructive } from '../parts/acts';
import { CertificateLeft } from '../parts/certificate';
import { FormDialog, SaveForm } from '../parts/forms';
import { State, type StateKind } from '../parts/state';
import { Facts, useBoxSave } from './data';

type Table = Answer<'/api/v1/servers'>;
type Port = Answer<'/api/v1/servers/skzi'>;

const kinds: Record<string, StateKind> = { off: 'never', starting: 'waiting', works: 'ok' };

function Settings({ table, port, onDirty }: { table: Table; port: Port; onDirty: (dirty: boolean) => void }) {
  const { t } = useTranslation('skzi');
  const may = useMay();
  const save = useBoxSave();
  const client = useQueryClient();
  const ask = useDestructive();
  const [round, setRound] = useState(0);
  const others = table.items.filter((row) => row.type !== 'skzi');
  const own = table.items.find((row) => row.type === 'skzi');
  const disabled = !may('Write.HesConfig');
  const reset = () => ask({
    title: t('reset.title'), content: t('reset.hint'), okText: t('reset.button'), done: t('reset.done'),
    act: async () => {
      client.setQueryData(['/servers'], await api.post<Table>('/servers/reset', { revision: table.revision }));
      await client.invalidateQueries({ queryKey: ['/servers/skzi'] });
    },
  });
  return (
    <>
      <SaveForm<{ on: boolean; port: number }> key={`${table.revision}.${round}`} initialValues={{ on: !!own, port: own?.port ?? port.usual_port }} disabled={disabled} guard={false} onDirty={onDirty} onCancel={() => {
          onDirty(false);
          setRound(round + 1);
        }}
        save={async (words) => {
          await save('/servers', { revision: table.revision, items: [...others.map(({ type, port: number, tls }) => ({ type, port: number, tls })), ...(words.on ? [{ type: 'skzi', port: words.port }] : [])] });
          await client.invalidateQueries({ queryKey: ['/servers/skzi'] });
        }}>
        <div className="skzi-row">
          <Form.Item name="on" label={t('main')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
          <Form.Item name="port" label={t('port')} layout="horizontal" rules={[{ required: true, message: t('app:required') },
            { validator: (_, value: number) => others.some((row) => row.port === value) ? Promise.reject(new Error(t('taken'))) : Promise.resolve() }]}>
            <InputNumber min={1} max={65535} precision={0} style={{ width: 110 }} />
          </Form.Item>
        </div>
      </SaveForm>
      <Button danger disabled={disabled} onClick={reset} style={{ marginTop: 8 }}>{t('reset.button')}</Button>
    </>
  );
}

function Given({ port, onClose }: { port: Port; onClose: () => void }) {
  const { t } = useTranslation('skzi');
  const save = useBoxSave();
  return (
    <FormDialog<{ certificate: string; key: string }> open title={t('give')} onClose={onClose} save={(words) => save('/servers/skzi', { revision: port.revision, ...words })}>
      <Form.Item name="certificate" label={t('certificate')} extra={t('certificateHint')} rules={[{ required: true, message: t('app:required') }]}>
        <Input.TextArea className="mono" autoSize={{ minRows: 3, maxRows: 10 }} placeholder="-----BEGIN CERTIFICATE-----" />
      </Form.Item>
      <Form.Item name="key" label={t('key')} rules={[{ required: true, message: t('app:required') }]}>
        <Input.TextArea className="mono" autoSize={{ minRows: 3, maxRows: 10 }} placeholder="-----BEGIN PRIVATE KEY-----" autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}

function Certificate({ port }: { port: Port }) {
  const { t } = useTranslation('skzi');
  const may = useMay();
  const save = useBoxSave();
  const ask = useDestructive();
  const [gives, setGives] = useState(false);
  const disabled = !may('Write.HesConfig');
  const c = port.certificate;
  return (
    <>
      <h3>{t('certificate')}</h3>
      {c ? <Facts rows={[[t('subject'), c.subject], [t('made'), t(port.given ? 'given' : 'own')], [t('valid'), <span key="valid">{timeText(c.not_before)} – {timeText(c.not_after)}</span>], [t('left'), <CertificateLeft key="left" owner="skzi" part="certificate" />], [t('fingerprint'), <span key="print" className="mono">{c.fingerprint}</span>]]} />
        : <p className="quiet">{t('none')}</p>}
      <div className="toolbar" style={{ marginTop: 8 }}>
        {port.pem && <Button href={`data:application/x-pem-file;charset=utf-8,${encodeURIComponent(port.pem)}`} download="skzi.pem">{t('download')}</Button>}
        <Button disabled={disabled} onClick={() => setGives(true)}>{t('give')}</Button>
        {c && <Button disabled={disabled} onClick={() => ask({ title: t('anew.title'), content: t('anew.hint'), okText: t('anew.button'), act: () => save('/servers/skzi', { revision: port.revision, certificate: '', key: '' }), done: t('anew.done') })}>{t('anew.button')}</Button>}
      </div>
      {gives && <Given port={port} onClose={() => setGives(false)} />}
    </>
  );
}

export function Skzi({ table, onDirty }: { table: Table; onDirty: (dirty: boolean) => void }) {
  const { t } = useTranslation('skzi');
  const { data: port } = useQuery({ queryKey: ['/servers/skzi'], queryFn: () => api.get<Port>('/servers/skzi'), refetchInterval: 4000 });
  if (!port) return null;
  return (
    <section className="panel skzi" aria-labelledby="skzi-title" data-testid="skzi">
      <h2 id="skzi-title">{t('title')}</h2>
      {port.state === 'no-engine' && <Alert type="error" showIcon title={port.state_text} description={t('engineHint')} style={{ marginBottom: 8 }} />}
      <Settings table={table} port={port} onDirty={onDirty} />
      <Facts rows={[[t('state'), <State key="state" kind={kinds[port.state] ?? 'failed'}>{port.state_text}</State>], ...(port.trouble && port.state !== 'no-engine' ? [[t('trouble'), port.trouble] as [string, string]] : []),
        ...(port.port ? [[t('clients'), t('clientsNow', { now: port.clients, served: port.served, failed: port.failed, refused: port.refused })] as [string, string]] : []),
        ...(port.suite ? [[t('suite'), port.suite] as [string, string]] : []),
        ...(port.port ? [[t('proven'), port.proven_at ? timeText(port.proven_at) : t('notProven')] as [string, string]] : [])]} />
      <Certificate port={port} />
      <p className="quiet">{t('hint')}</p>
    </section>
  );
}
