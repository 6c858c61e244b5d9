// The page of one device (S3 2.2.6, 3.4): facts, lines, and tabs of what it said.
import { DownOutlined, EditOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Descriptions, Dropdown, Flex, Result, Spin } from 'antd';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { api, ApiError } from '../api/client';
import { useNews } from '../api/news';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { PageTabs } from '../parts/tabs';
import { Contact } from './Contact';
import { Lines } from './Lines';
import { archives, presence, useDriverTitle, type Device, type OpenDevice } from './registry';
import { deviceTabs } from './tabs';
import { useDeviceMenu } from './useDeviceMenu';

function Facts({ device }: { device: OpenDevice }) {
  const { t } = useTranslation('devices');
  const driverTitle = useDriverTitle();
  const depths = archives.filter((archive) => device.depths[archive] > 0)
    .map((archive) => (presence.includes(archive) ? t(`archive.${archive}`) : `${t(`archive.${archive}`)} ${device.depths[archive]}`)).join(', ');
  const zone = device.zone_minutes;
  const rows: [string, React.ReactNode][] = [
    [t('type'), driverTitle(device.driver) + (device.model ? ` · ${device.model}` : '')],
    [t('group'), device.group && <Link to={`/devices?f.group=${encodeURIComponent(device.group)}`}>{device.group}</Link>],
    [t('contact'), <Contact device={device} />],
    [t('status'), t(`statusOf.${device.status}`)],
    [t('source'), `${t(`sourceOf.${device.source}`)}, ${timeText(device.added, false)}`],
    [t('zone'), `UTC${zone < 0 ? '−' : '+'}${String(Math.floor(Math.abs(zone) / 60)).padStart(2, '0')}:${String(Math.abs(zone) % 60).padStart(2, '0')}`],
    [t('form.collected'), depths],
    ...(device.note ? [[t('note'), device.note] as [string, React.ReactNode]] : []),
  ];
  const items = rows.map(([label, children]) => ({ key: label, label, children: children || '—' }));
  const said = device.facts.map((fact) => ({ key: fact.kind, label: fact.title, children: fact.value }));
  return (
    <Flex wrap gap={12} align="stretch">
      <section className="panel" style={{ flex: '3 1 420px' }} aria-label={t('page.facts')}>
        <Descriptions size="small" column={{ xs: 1, md: 2 }} items={items} styles={{ label: { color: 'var(--svod-color-text-secondary)' } }} />
      </section>
      <section className="panel" style={{ flex: '2 1 320px' }} aria-label={t('page.meter')}>
        <h2 style={{ fontSize: 15, margin: '0 0 8px' }}>{t('page.meter')}</h2>
        {said.length ? <Descriptions size="small" column={{ xs: 1, md: 2 }} items={said} styles={{ label: { color: 'var(--svod-color-text-secondary)' } }} />
          : <span style={{ color: 'var(--svod-color-text-secondary)' }}>{t('page.unread')}</span>}
      </section>
    </Flex>
  );
}

function DataTabs({ device }: { device: OpenDevice }) {
  const { t } = useTranslation('devices');
  const may = useMay();
  const tabs = deviceTabs.filter((tab) => may(tab.permission));
  if (tabs.length === 0) return null;
  return (
    <section className="panel" aria-label={t('page.data')} style={{ paddingTop: 0 }}>
      <PageTabs items={tabs.map((tab) => ({
        key: tab.key, label: t(tab.title),
        children: <Suspense fallback={<Spin style={{ display: 'block', margin: 48 }} aria-label={t('app:loading')} />}><tab.component device={device} /></Suspense>,
      }))} />
    </section>
  );
}

/** The same words as a row of the list, for the menu. */
function rowOf(device: OpenDevice): Device {
  return { ...device, link: device.lines?.[0]?.link ?? 0, lines: device.lines?.length ?? 0, asked: null } as unknown as Device;
}

export default function DevicePage() {
  const { t } = useTranslation('devices');
  const { id } = useParams();
  const navigate = useNavigate();
  const may = useMay();
  const path = `/devices/${id}`;
  const { data: device, error, isPending, refetch } = useQuery({ queryKey: [path], queryFn: () => api.get<OpenDevice>(path) });
  const { menu, dialogs, edit } = useDeviceMenu({ alone: true, onGone: () => void navigate('/devices') });
  useNews<{ device?: number; id?: number }>('device', (news) => void ((news.device ?? news.id) === Number(id) && refetch()));
  if (error instanceof ApiError && error.status === 404)
    return <Result status="404" title={<h1 style={{ fontSize: 22 }}>{t('page.gone')}</h1>} subTitle={t('page.goneHint')} extra={<Link to="/devices"><Button type="primary">{t('page.toList')}</Button></Link>} />;
  if (error) return <PageFrame title={t('page.title')} back="/devices"><Alert type="error" showIcon title={error.message} action={<Button size="small" onClick={() => void refetch()}>{t('app:retry')}</Button>} /></PageFrame>;
  if (isPending) return <Spin style={{ display: 'block', margin: '20vh auto' }} aria-label={t('app:loading')} />;
  return (
    <PageFrame back="/devices" title={<>{device.serial || (!device.title && `№ ${device.id}`)}{device.title && <span style={{ fontWeight: 400, color: 'var(--svod-color-text-secondary)' }}> · {device.title}</span>}</>}
      actions={
        <>
          {!device.enabled && <State kind="waiting">{t('page.off')}</State>}
          {may('Write.Devices') && <Button icon={<EditOutlined />} onClick={() => edit(device.id)}>{t('app:edit')}</Button>}
          <Dropdown trigger={['click']} menu={{ items: menu([rowOf(device)]) }}><Button>{t('app:table.menu')} <DownOutlined /></Button></Dropdown>
        </>
      }>
      <Facts device={device} />
      {may('Read.DeviceCommline') && device.lines && <Lines device={device} />}
      <DataTabs device={device} />
      {dialogs}
    </PageFrame>
  );
}
