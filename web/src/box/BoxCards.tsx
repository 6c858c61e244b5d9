// The gateway on its first page (S0 4.1): key parameters for who starts it up, and the ways to where they are set.
import { ExportOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Spin } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Answer } from '../api/client';
import { countText, durationText, zoneText } from '../app/format';
import { State } from '../parts/state';
import './box.css';
import { boxTime, Facts, modemKinds, Signal, useBox } from './data';

type Servers = Answer<'/api/v1/servers'>;

function Panel({ title, to, link, children }: { title: string; to: string; link: string; children: ReactNode }) {
  return (
    <section className="panel" aria-label={title}>
      <div className="toolbar" style={{ marginBottom: 6 }}><h2 style={{ fontSize: 15, margin: 0 }}>{title}</h2><span className="grow" /><Link to={to}>{link} <ExportOutlined /></Link></div>
      {children}
    </section>
  );
}

export default function BoxCards() {
  const { t } = useTranslation('box');
  const box = useBox();
  const servers = useQuery({ queryKey: ['/servers'], queryFn: () => api.get<Servers>('/servers') });
  if (!box.data) return box.error ? <Alert type="error" showIcon title={box.error.message} /> : <Spin />;
  const b = box.data;
  return (
    <div className="box-grid">
      <Panel title={t('home.main')} to="/box/diagnostics" link={t('home.more')}>
        <Facts rows={[[t('home.type'), b.type || '—'], [t('home.serial'), <span className="mono">{b.serial || '—'}</span>], [t('home.version'), b.version], [t('home.signal'), <Signal modem={b.modem} />],
          [t('home.time'), `${boxTime(b.clock.utc, b.clock.zone_minutes)} (${zoneText(b.clock.zone_minutes)})`], [t('home.ports'), b.ports.join(', ')], [t('home.up'), durationText(b.up_s * 1000)]]} />
      </Panel>
      <Panel title={t('modem.title')} to="/box/network?tab=modem" link={t('home.toModem')}>
        <Facts rows={[[t('modem.state'), <State kind={modemKinds[b.modem.state]}>{t(`modem.states.${b.modem.state}`)}</State>], [t('lan.address'), <span className="mono">{b.modem.address || '—'}</span>],
          [t('modem.operator'), b.modem.operator || '—'], [t('modem.registration'), b.modem.technology || '—'], [t('modem.sim'), b.modem.sim ? `SIM ${b.modem.sim}` : '—']]} />
      </Panel>
      <Panel title={t('home.ethernet')} to="/box/network" link={t('network.title')}>
        {b.lans.map((lan, i) => (
          <Facts key={i} rows={[[t('lan.title', { number: i + 1 }), lan.present
            ? <><span className="mono">{lan.addresses.join(', ') || '—'}</span> <State kind={lan.carrier ? 'ok' : 'partial'}>{t(lan.carrier ? 'lan.in' : 'lan.out')}</State></>
            : <State kind="never">{t('lan.absent')}</State>]]} />
        ))}
      </Panel>
      <Panel title={t('home.meters')} to="/meter-table" link={t('home.toMeters')}>
        <Facts rows={[[t('home.metersAll'), countText(b.meters.all)], [t('home.metersGood'), <State kind="ok">{countText(b.meters.good)}</State>],
          [t('home.metersFailed'), <State kind={b.meters.failed ? 'failed' : 'never'}>{countText(b.meters.failed)}</State>], [t('home.metersNever'), <State kind="never">{countText(b.meters.never)}</State>]]} />
      </Panel>
      <Panel title={t('servers.short')} to="/box/network?tab=servers" link={t('network.title')}>
        <Facts rows={(servers.data?.items ?? []).map((one) => [one.title ?? one.type, <span key={one.type} className="number">{one.port}{one.tls ? ' TLS' : ''}</span>])} />
      </Panel>
    </div>
  );
}
