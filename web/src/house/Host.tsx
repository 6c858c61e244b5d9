// The machine and the services on it (S3 2.2.17).
import { useQuery } from '@tanstack/react-query';
import { Alert, Card, Descriptions, Progress, Spin, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { bytesText, durationText, percentText, timeText, valueText, zoneText } from '../app/format';
import { type Certificate, CertificateState, useCertificates } from '../parts/certificate';
import { PageFrame } from '../parts/page';
import { State, type StateKind, useStateColors } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { PageTabs } from '../parts/tabs';

type HostFacts = Answer<'/api/v1/host'>;
type Service = Row<'/api/v1/host/services'>;

/** The server's own clock, going on between the answers. */
function useServerClock(host: HostFacts, updatedAt: number) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const beat = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(beat);
  }, []);
  const shift = Math.max(0, now - updatedAt);
  return { local: new Date(Date.parse(`${host.time}Z`) + shift).toISOString().slice(0, 19), skew: Math.round((updatedAt - Date.parse(host.utc)) / 1000) };
}

function Share({ used, whole, label, warn }: { used: number; whole: number; label: string; warn: number }) {
  const colors = useStateColors();
  const percent = whole ? Math.floor((used * 100) / whole) : 0;
  return <Progress percent={percent} strokeColor={percent >= warn ? colors.failed : undefined} status="normal" aria-label={label} format={() => percentText(used, whole)} />;
}

function Facts({ host, updatedAt }: { host: HostFacts; updatedAt: number }) {
  const { t } = useTranslation('house');
  const clock = useServerClock(host, updatedAt);
  const row = (key: string, children: React.ReactNode) => ({ key, label: t(`host.${key}`), children });
  return (
    <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(min(360px, 100%), 1fr))', alignItems: 'start' }}>
      <Card size="small" title={t('host.clock')}>
        <Descriptions column={1} size="small" items={[
          row('time', <b>{timeText(clock.local)}</b>), row('zone', `${host.zone || '—'} (${zoneText(host.zone_minutes)})`),
          row('synchronised', <State kind={host.clock_synchronised ? 'ok' : 'partial'}>{t(host.clock_synchronised ? 'host.synchronisedYes' : 'host.synchronisedNo')}</State>),
          row('skew', Math.abs(clock.skew) < 5 ? t('host.skewNone') : t('host.skewSeconds', { count: clock.skew })),
          row('up', durationText(host.up_s * 1000)), row('serverUp', durationText(host.server_up_s * 1000)),
        ]} />
      </Card>
      <Card size="small" title={t('host.load')}>
        <Descriptions column={1} size="small" items={[
          row('name', host.name), row('system', `${host.system}, ${host.kernel}`), row('busy', <div style={{ flex: 1 }}><Share used={host.busy_percent} whole={100} label={t('host.busy')} warn={95} /></div>),
          row('average', `${host.load.map((n) => valueText(n as number)).join(' · ')} (${t('host.processors', { count: host.processors })})`),
          row('memory', <div style={{ flex: 1 }}><Share used={host.memory - host.memory_free} whole={host.memory} label={t('host.memory')} warn={92} />{t('host.freeOf', { free: bytesText(host.memory_free), whole: bytesText(host.memory) })}</div>),
          row('ownMemory', bytesText(host.own_memory)),
          ...(host.swap ? [row('swap', t('host.freeOf', { free: bytesText(host.swap_free), whole: bytesText(host.swap) }))] : []),
        ]} />
      </Card>
      <Card size="small" title={t('host.storage')}>
        <Descriptions column={1} size="small" items={[
          row('disk', <div style={{ flex: 1 }}><Share used={host.disk - host.disk_free} whole={host.disk} label={t('host.disk')} warn={90} />{t('host.freeOf', { free: bytesText(host.disk_free), whole: bytesText(host.disk) })}</div>),
          row('place', <span className="mono" style={{ wordBreak: 'break-all' }}>{host.disk_place}</span>), row('database', bytesText(host.database)), row('databaseLog', bytesText(host.database_log)),
        ]} />
      </Card>
      <Card size="small" title={t('host.network')}>
        <Descriptions column={1} size="small" items={host.interfaces.map((one) => ({
          key: one.name, label: <span className="mono">{one.name}</span>,
          children: <span><State kind={one.up ? 'ok' : 'never'}>{t(one.up ? 'host.up_' : 'host.down')}</State> {one.addresses.map((address) => <Tag key={address} className="mono">{address}</Tag>)} <span className="mono">{one.mac.toUpperCase()}</span></span>,
        }))} />
      </Card>
      <Card size="small" title={t('host.ports')}>
        {host.ports.length === 0 ? t('host.noPorts')
          : <Descriptions column={1} size="small" items={host.ports.map((port) => ({ key: port.path, label: <span className="mono">{port.path}</span>, children: port.driver }))} />}
      </Card>
    </div>
  );
}

const kinds: Record<string, StateKind> = { good: 'ok', attention: 'partial', bad: 'failed', off: 'never' };

function Services() {
  const { t } = useTranslation('house');
  const services = useQuery({ queryKey: ['/host/services'], queryFn: () => api.get<{ items: Service[] }>('/host/services'), refetchInterval: 5000 });
  const columns: Column<Service>[] = [
    { key: 'title', title: t('services.name'), sortable: true },
    { key: 'state', title: t('services.state'), sortable: true, render: (one) => <State kind={kinds[one.state]}>{t(`services.states.${one.state}`)}</State> },
    { key: 'text', title: t('services.text'), render: (one) => one.text },
    { key: 'updated', title: t('services.updated'), render: (one) => timeText(one.updated) },
  ];
  return <DataTable<Service> name="services" columns={columns} rows={services.data?.items ?? []} rowKey={(one) => one.name} loading={services.isPending} />;
}

function Certificates() {
  const { t } = useTranslation('house');
  const { data, isPending } = useCertificates(true);
  const columns: Column<Certificate>[] = [
    { key: 'title', title: t('certificates.owner'), sortable: true, render: (one) => <>{one.title}{one.which && <div className="quiet mono">{one.which}</div>}</> },
    { key: 'part', title: t('certificates.part'), text: (one) => t(one.part === 'authority' ? 'certificates.authority' : 'certificates.own') },
    { key: 'subject', title: t('certificates.subject'), sortable: true },
    { key: 'not_after', title: t('certificates.notAfter'), sortable: true, render: (one) => timeText(one.not_after) },
    { key: 'days', title: t('certificates.left'), sortable: true, text: (one) => t(`certificates.state.${one.state}`, { count: one.days }), render: (one) => <CertificateState certificate={one} /> },
    { key: 'used', title: t('certificates.used'), text: (one) => t(one.used ? 'certificates.usedYes' : 'certificates.usedNo') },
  ];
  return <DataTable<Certificate> name="certificates" columns={columns} rows={data?.items ?? []} rowKey={(one) => `${one.owner} ${one.id} ${one.part} ${one.subject} ${one.not_after}`} loading={isPending} />;
}

export default function Host() {
  const may = useMay();
  const { t } = useTranslation('house');
  const host = useQuery({ queryKey: ['/host'], queryFn: () => api.get<HostFacts>('/host'), refetchInterval: 5000 });
  return (
    <PageFrame title={t('host.title')}>
      <PageTabs items={[
        {
          key: 'state', label: t('host.state'),
          children: host.data ? <Facts host={host.data} updatedAt={host.dataUpdatedAt} /> : host.error ? <Alert type="error" showIcon title={host.error.message} /> : <Spin />,
        },
        { key: 'services', label: t('services.title'), children: <Services /> },
        ...(may('Read.HesConfig') ? [{ key: 'certificates', label: t('certificates.title'), children: <Certificates /> }] : []),
      ]} />
    </PageFrame>
  );
}
