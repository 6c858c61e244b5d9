// One line: who holds it now, the cycle of collection, what came of each device, who held it before, transit.
import { useQuery } from '@tanstack/react-query';
import { Alert, Card, Descriptions, Progress, Spin, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api } from '../api/client';
import { bytesText, countText, durationText, percentText, timeText } from '../app/format';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { PageTabs } from '../parts/tabs';
import { Fit, HolderNow, WhoHolds, linePath, useLineNews, type Life, type WholeLife } from './life';

type Stay = WholeLife['past'][number];
type Device = WholeLife['meters'][number];
type Cycle = NonNullable<Life['cycle']>;

function PlanAlert({ life }: { life: WholeLife }) {
  const { t } = useTranslation('lines');
  if (life.fit !== 'close' && life.fit !== 'no') return null;
  return <Alert showIcon type={life.fit === 'no' ? 'error' : 'warning'} title={t(`alert.${life.fit}`, { plan: durationText(life.plan_ms), period: durationText(life.period_ms) })} description={t('alert.hint')} />;
}

function CycleFacts({ cycle }: { cycle: Cycle }) {
  const { t } = useTranslation('lines');
  const row = (key: string, children: React.ReactNode) => ({ key, label: t(`cycle.${key}`), children });
  return (
    <Descriptions column={1} size="small" items={[
      row('begun', timeText(cycle.begun)), row('took', durationText(cycle.ms)),
      row('use', <div style={{ flex: 1 }}><Progress percent={cycle.use_percent} status="normal" aria-label={t('cycle.use')} /></div>),
      row('silent', `${durationText(cycle.silent_ms)} (${percentText(cycle.silent_ms, cycle.ms)})`),
      ...(cycle.away_ms ? [row('away', `${durationText(cycle.away_ms)} (${percentText(cycle.away_ms, cycle.ms)})`)] : []),
      row('devices', cycle.running || !cycle.failed ? countText(cycle.devices) : t('cycle.devicesFailed', { count: cycle.devices, failed: cycle.failed })),
      row('exchanges', countText(cycle.exchanges)), row('timeouts', `${countText(cycle.timeouts)} / ${countText(cycle.retries)}`),
      row('bytes', `${bytesText(cycle.bytes_sent)} / ${bytesText(cycle.bytes_received)}`),
    ]} />
  );
}

function Transit({ transit }: { transit: NonNullable<WholeLife['transit']> }) {
  const { t } = useTranslation('lines');
  return (
    <>
      <Descriptions column={1} size="small" items={[{
        key: 'port', label: t('transit.port'),
        children: transit.port === 0 ? t('transit.none')
          : <span><span className="mono">{transit.port}</span> <State kind={transit.listening ? 'ok' : 'failed'}>{transit.listening ? t('transit.open') : transit.trouble}</State></span>,
      }]} />
      {transit.clients.map((client) => (
        <div key={client.client}>
          <span className="mono">{client.client}</span> <Tag>{t(client.listens ? 'transit.listens' : 'transit.speaks')}</Tag> {t('transit.since', { time: timeText(client.since) })}, {bytesText(client.bytes_sent)} / {bytesText(client.bytes_received)}
        </div>
      ))}
    </>
  );
}

function Devices({ life }: { life: WholeLife }) {
  const { t } = useTranslation('lines');
  const columns: Column<Device>[] = [
    { key: 'title', title: t('device'), sortable: true, render: (one) => <WhoHolds holder={{ ...one, client: '' }} /> },
    { key: 'fault_text', title: t('result'), sortable: true, render: (one) => <State kind={one.fault ? 'failed' : 'ok'}>{one.fault ? one.fault_text : t('read')}</State> },
    { key: 'asked', title: t('asked'), sortable: true, render: (one) => timeText(one.asked) },
    { key: 'ms', title: t('onLine'), sortable: true, number: true, text: (one) => durationText(one.ms) },
    { key: 'exchanges', title: t('cycle.exchanges'), sortable: true, number: true },
    { key: 'timeouts', title: t('timeouts'), sortable: true, number: true },
  ];
  return <DataTable<Device> name="line-devices" prefix="d." columns={columns} rows={life.meters} rowKey={(one) => one.device} />;
}

function Journal({ life }: { life: WholeLife }) {
  const { t } = useTranslation('lines');
  const columns: Column<Stay>[] = [
    { key: 'since', title: t('since'), render: (one) => timeText(one.since) },
    { key: 'use', title: t('uses'), text: (one) => t(`use.${one.use}`), filter: ['collection', 'task', 'order', 'relay', 'transit', 'test', 'scan'].map((value) => ({ value, label: t(`use.${value}`) })) },
    { key: 'who', title: t('who'), render: (one) => <WhoHolds holder={one} /> },
    { key: 'ms', title: t('heldFor'), number: true, text: (one) => durationText(one.ms) },
    { key: 'exchanges', title: t('cycle.exchanges'), number: true },
    { key: 'timeouts', title: t('timeouts'), number: true },
    { key: 'bytes', title: t('cycle.bytes'), number: true, text: (one) => `${bytesText(one.bytes_sent)} / ${bytesText(one.bytes_received)}` },
  ];
  return <DataTable<Stay> name="line-journal" prefix="j." columns={columns} rows={life.past} rowKey={(one) => `${one.since}-${one.device}-${one.ms}`} />;
}

function Life({ life }: { life: WholeLife }) {
  const { t } = useTranslation('lines');
  return (
    <>
      <PlanAlert life={life} />
      <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(min(320px, 100%), 1fr))', alignItems: 'start' }}>
        <Card size="small" title={t('now')}>
          <div data-testid="holder" aria-live="off" style={{ minHeight: 24 }}><HolderNow holder={life.holder} /></div>
          <Descriptions column={1} size="small" style={{ marginTop: 8 }} items={[
            { key: 'where', label: t('where'), children: <span className="mono" style={{ wordBreak: 'break-all' }}>{life.uri}</span> },
            { key: 'devices', label: t('devices'), children: <Link to={`/devices?f.link=${life.id}`}>{countText(life.devices)}</Link> },
            { key: 'plan', label: t('plan'), children: <span><Fit life={life} /> {life.plan_ms ? t(life.period_ms ? 'planOf' : 'planAlone', { plan: durationText(life.plan_ms), period: durationText(life.period_ms) }) : ''}</span> },
          ]} />
        </Card>
        <Card size="small" title={t(life.cycle?.running ? 'cycle.present' : 'cycle.last')}>{life.cycle ? <CycleFacts cycle={life.cycle} /> : t('cycle.none')}</Card>
        {life.former && <Card size="small" title={t('cycle.former')}><CycleFacts cycle={life.former} /></Card>}
        {life.transit && <Card size="small" title={t('transit.title')} extra={<Link to="/interfaces">{t('transit.settings')}</Link>}><Transit transit={life.transit} /></Card>}
      </div>
      <PageTabs items={[{ key: 'devices', label: t('lastResults'), children: <Devices life={life} /> }, { key: 'journal', label: t('journal'), children: <Journal life={life} /> }]} />
    </>
  );
}

export default function LinePage() {
  const { t } = useTranslation('lines');
  const id = Number(useParams().id);
  const life = useQuery({ queryKey: [linePath(id)], queryFn: () => api.get<WholeLife>(linePath(id)) });
  useLineNews(id);
  return (
    <PageFrame title={life.data ? (life.data.interface ? t('pageNumber', { number: life.data.interface, title: life.data.title }) : life.data.title) : t('page')} back="/lines">
      {life.error && <Alert type="error" showIcon title={life.error.message} />}
      {life.isPending && <Spin />}
      {life.data && <Life life={life.data} />}
    </PageFrame>
  );
}
