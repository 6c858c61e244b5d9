// The gateway read as an RTU-327: its password and time, who reads it, meters that are known by other numbers (docs/rtu327.md).
import { useQuery } from '@tanstack/react-query';
import { Alert, Empty, Form, Input, Radio, Spin } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { countText, timeText } from '../app/format';
import { Facts } from '../box/data';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { useSeenForm } from './seenForm';

type Rtu = Answer<'/api/v1/servers/rtu327'>;
type Words = Pick<Rtu, 'password' | 'time'>;
type Entry = Row<'/api/v1/servers/rtu327/meters'>;

function RtuForm({ rtu }: { rtu: Rtu }) {
  const { t } = useTranslation('files');
  const may = useMay();
  const pick = ({ password, time }: Rtu): Words => ({ password, time });
  const { form, save } = useSeenForm<Rtu>('/servers/rtu327', rtu, pick, (field) => t(`rtu.${field}`));
  return (
    <SaveForm<Words> form={form} save={save} initialValues={pick(rtu)} disabled={!may('Write.HesConfig')}>
      <Form.Item name="password" label={t('rtu.password')} extra={t('rtu.passwordHint')}><Input.Password maxLength={8} autoComplete="new-password" style={{ maxWidth: 240 }} /></Form.Item>
      <Form.Item name="time" label={t('rtu.time')}><Radio.Group options={['utc', 'local'].map((value) => ({ value, label: t(`rtu.times.${value}`) }))} /></Form.Item>
    </SaveForm>
  );
}

export default function Rtu327Page() {
  const { t } = useTranslation('files');
  const { data: rtu, error } = useQuery({ queryKey: ['/servers/rtu327'], queryFn: () => api.get<Rtu>('/servers/rtu327'), refetchInterval: 3000 });
  const { data: entries } = useQuery({ queryKey: ['/servers/rtu327/meters'], queryFn: () => api.get<{ items: Entry[] }>('/servers/rtu327/meters') });
  const columns: Column<Entry>[] = [
    { key: 'serial', title: t('rtu.serial'), sortable: true },
    { key: 'title', title: t('rtu.meter'), sortable: true },
    { key: 'number', title: t('rtu.number') },
    { key: 'object_type', title: t('rtu.objectType'), number: true },
    { key: 'object', title: t('rtu.object'), number: true },
    { key: 'feeder', title: t('rtu.feeder'), number: true },
  ];
  return (
    <PageFrame title={t('rtu.title')}>
      {error && <Alert type="error" showIcon title={error.message} />}
      {!rtu ? !error && <Spin /> : (
        <>
          <div className="panel" data-testid="rtu-state">
            <Facts rows={[
              [t('rtu.state'), <State key="s" kind={rtu.listening ? 'ok' : rtu.trouble ? 'failed' : 'never'}>{rtu.listening ? t('rtu.listening', { port: rtu.port }) : rtu.trouble || t('rtu.off')}</State>],
              [t('rtu.clients'), countText(rtu.clients)],
              [t('rtu.connections'), t('rtu.connectionsOf', { count: rtu.connections, away: rtu.turned_away })],
              [t('rtu.requests'), t('rtu.requestsOf', { count: rtu.requests, refused: rtu.refused, wrong: rtu.wrong_passwords })],
              [t('rtu.asked'), timeText(rtu.asked)],
            ]} />
            {!rtu.listening && !rtu.trouble && <p className="quiet">{t('rtu.hint')} <Link to="/box/network?tab=servers" style={{ textDecoration: 'underline' }}>{t('rtu.servers')}</Link></p>}
          </div>
          <RtuForm rtu={rtu} />
          <h2>{t('rtu.meters')}</h2>
          <DataTable<Entry> name="rtu-meters" rows={entries?.items ?? []} rowKey={(entry) => entry.device} columns={columns} searchable={false}
            empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('rtu.empty')} />} />
        </>
      )}
    </PageFrame>
  );
}
