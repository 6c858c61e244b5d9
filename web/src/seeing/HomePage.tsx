// The first page (S3 2.2.4): what a dispatcher asks at nine in the morning, without a click; then the two widgets of the manual.
import { ExportOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Spin, Tooltip } from 'antd';
import { lazy, Suspense, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Answer } from '../api/client';
import { useMay, useMe } from '../api/session';
import { countText, dayText } from '../app/format';
import { PageFrame } from '../parts/page';
import { State, useStateColors } from '../parts/state';
import { CollectButton, CollectionLine } from './collect';
import { PercentCell, percentWords, usePercentColor } from './percent';
import './seeing.css';
import { StatisticsWidget } from './StatisticsWidget';

type Home = Answer<'/api/v1/home'>;

const BoxCards = lazy(() => import('../box/BoxCards'));
const RunningTasks = lazy(() => import('../collection/RunningTasksWidget').then((module) => ({ default: module.RunningTasksWidget })));

function Card({ title, to, actions, children, wide }: { title: string; to?: string; actions?: ReactNode; children: ReactNode; wide?: boolean }) {
  const { t } = useTranslation('seeing');
  return (
    <section className="panel" style={wide ? { gridColumn: '1 / -1' } : undefined} aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>{actions}
        {to && <Tooltip title={t('home.details')}><Link to={to} aria-label={`${t('home.details')}: ${title}`}><ExportOutlined /></Link></Tooltip>}
      </div>
      {children}
    </section>
  );
}

function Devices({ devices }: { devices: Home['devices'] }) {
  const { t } = useTranslation('seeing');
  const rows = [['ok', 'inContact', devices.good, 'good'], ['failed', 'failed', devices.failed, 'failed'], ['never', 'never', devices.never, 'never']] as const;
  return (
    <Card title={t('home.contact')} to="/devices">
      <div className="big">{countText(devices.devices)}</div>
      {rows.map(([kind, word, count, contact]) => (
        <div key={word} style={{ display: 'flex' }}>
          <Link to={`/devices?f.contact=${contact}`} style={{ flex: 1, color: 'inherit' }}><State kind={kind}>{t(`home.${word}`)}</State></Link><span className="number">{countText(count)}</span>
        </div>
      ))}
    </Card>
  );
}

function Collected({ collected, day, title }: { collected: Home['collected']; day: string; title: string }) {
  const { t } = useTranslation('seeing');
  const color = usePercentColor();
  const rows = collected.filter((one) => one.day.slice(0, 10) === day);
  return (
    <Card title={title} to={`/completeness?range=${day}~${day}`}>
      <div className="faint" style={{ marginBottom: 4 }}>{dayText(day)}</div>
      {rows.length === 0 && <div className="faint">{t('home.nothingExpected')}</div>}
      {rows.map((one) => (
        <Link key={one.archive} to={`/completeness?archive=${one.archive}&range=${day}~${day}`} style={{ display: 'block', color: 'inherit', marginBottom: 6 }}>
          <div style={{ display: 'flex', alignItems: 'baseline', gap: 8 }}>
            <span style={{ flex: 1 }}>{t(`archive.${one.archive}`)}</span><b style={{ fontSize: 20, color: color(one.percent) }}>{percentWords(one.percent)}</b>
          </div>
          <div className="faint">{t('home.wholeOf', { whole: countText(one.whole), devices: countText(one.devices) })}</div>
        </Link>
      ))}
    </Card>
  );
}

function Alarms({ alarms }: { alarms: Home['alarms'] }) {
  const { t } = useTranslation('seeing');
  const events = `/events/devices?from=${alarms.since}&important=true`;
  return (
    <Card title={t('home.alarms')} to={events}>
      <div className="big">{countText(alarms.events)}</div>
      {alarms.events === 0 ? <div className="faint">{t('home.noAlarms')}</div> : alarms.journals.map((one) => (
        <div key={one.journal} style={{ display: 'flex' }}><Link to={`${events}&f.journal=${one.journal}`} style={{ flex: 1, color: 'inherit' }}>{one.title}</Link><span className="number">{countText(one.events)}</span></div>
      ))}
    </Card>
  );
}

/** Who was not read tonight and why; one click asks them again. */
function Tonight({ home }: { home: Home }) {
  const { t } = useTranslation('seeing');
  const colors = useStateColors();
  const { devices, reasons } = home.tonight;
  const sorted = [...reasons].sort((a, b) => b.devices - a.devices);
  const day = home.now.slice(0, 10);
  return (
    <Card title={t('home.tonight')} to={`/completeness?range=${day}~${day}`} wide
      actions={devices > 0 && <CollectButton whom={{}} primary>{t('collect.now')}</CollectButton>}>
      <div className="faint" style={{ marginBottom: 6 }}>{t('home.tonightHint')}</div>
      {devices === 0 ? <State kind="ok">{home.collected.length ? t('home.allCollected') : t('home.nothingExpected')}</State> : (
        <div style={{ display: 'flex', gap: 24, flexWrap: 'wrap', alignItems: 'flex-start' }}>
          <div className="big" style={{ color: colors.failed }} data-testid="tonight">{countText(devices)}</div>
          <table className="plain-table" style={{ flex: '1 1 360px', width: 'auto' }}>
            <thead><tr><th scope="col">{t('home.why')}</th><th scope="col" className="number">{t('home.devices')}</th><th scope="col" className="number">{t('home.share')}</th><th className="wide-only"><span className="skip">{t('collect.now')}</span></th></tr></thead>
            <tbody>
              {sorted.map((one) => (
                <tr key={one.reason}>
                  <td style={{ whiteSpace: 'normal' }}><Link to={`/completeness?range=${day}~${day}&by=reason&key=${encodeURIComponent(one.reason)}`}>{one.reason_text}</Link></td>
                  <td className="number">{countText(one.devices)}</td>
                  <td className="number"><PercentCell percent={Math.floor((one.devices * 10000) / devices) / 100} /></td>
                  <td className="number wide-only"><CollectButton whom={{ by: 'reason', key: one.reason }}>{t('collect.now')}</CollectButton></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Overview({ home }: { home: Home }) {
  const { t } = useTranslation('seeing');
  const may = useMay();
  const today = home.now.slice(0, 10), yesterday = home.collected.map((one) => one.day.slice(0, 10)).find((day) => day < today) ?? '';
  if (home.devices.devices === 0)
    return (
      <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('home.empty')}>
        {may('Write.Devices') && <Link to="/devices"><Button type="primary">{t('home.emptyAction')}</Button></Link>}
      </Empty>
    );
  return (
    <div className="cards">
      <Tonight home={home} />
      <Devices devices={home.devices} />
      <Collected collected={home.collected} day={today} title={t('home.today')} />
      {yesterday && <Collected collected={home.collected} day={yesterday} title={t('home.yesterday')} />}
      <Alarms alarms={home.alarms} />
    </div>
  );
}

export default function HomePage() {
  const { t } = useTranslation('seeing');
  const may = useMay();
  const sees = may('Read.Datastore');
  const box = useMe().data?.face === 'gateway' && may('Read.HesConfig');
  const { data, error, isPending } = useQuery({ queryKey: ['/home'], enabled: sees, refetchInterval: 60_000, placeholderData: keepPreviousData, queryFn: ({ signal }) => api.get<Home>('/home', undefined, signal) });
  return (
    <PageFrame title={t('home.title')}>
      {box && <Suspense fallback={<Spin />}><BoxCards /></Suspense>}
      {may('Read.DataCollection.Job') && <CollectionLine />}
      {error && <Alert type="error" showIcon title={error.message} />}
      {data ? <Overview home={data} /> : sees && isPending && <Spin />}
      <div className="cards" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(460px, 100%), 1fr))' }}>
        {sees && data && data.devices.devices > 0 && <StatisticsWidget />}
        {may('Read.DataCollection.Job') && <Card title={t('collection:widget.title')} to="/tasks"><Suspense fallback={<Spin />}><RunningTasks /></Suspense></Card>}
      </div>
    </PageFrame>
  );
}
