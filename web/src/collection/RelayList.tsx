// Relays of all meters as last read, in words; reading and switching many (S3 2.2.10).
import { LockOutlined, PoweroffOutlined, SyncOutlined, UnlockOutlined } from '@ant-design/icons';
import { Button, Empty, Tooltip } from 'antd';
import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import type { Column } from '../parts/table/columns';
import { DataTable } from '../parts/table/DataTable';
import { openDialog } from './dialogs';
import type { Chosen, Run } from './types';
import { relayName, type Words } from './words';

const RelayDialog = lazy(() => import('./RelayDialog'));
const RelayReadDialog = lazy(() => import('./RelayReadDialog'));

export interface Relay {
  device: number;
  serial: string;
  title: string;
  group: string;
  relay: number;
  relay_text: string;
  output: 'on' | 'off' | null;
  control: 'off' | 'on' | 'ready' | null;
  mode: number | null;
  mode_text: string;
  lock: number | null;
  lock_text: string;
  remote: boolean;
  remote_text: string;
  read: string | null;
}

function Output({ relay }: { relay: Relay }) {
  const { t } = useTranslation('collection');
  if (relay.output === null) return <State kind="never">{t('relays.unknown')}</State>;
  return <State kind={relay.output === 'on' ? 'ok' : 'never'}>{t(`relays.output.${relay.output}`)}</State>;
}

/** S3 2.2.10: the number 0–3 and what it means. */
function Lock({ relay }: { relay: Relay }) {
  const { t } = useTranslation('collection');
  if (relay.lock === null) return <>—</>;
  return (
    <Tooltip title={relay.lock_text}>
      <span style={{ display: 'inline-flex', gap: 6, whiteSpace: 'nowrap' }}>{relay.lock ? <LockOutlined /> : <UnlockOutlined />}{relay.lock} · {t(`relays.lock.${Math.min(3, relay.lock)}`)}</span>
    </Tooltip>
  );
}

function useColumns(): Column<Relay>[] {
  const { t } = useTranslation('collection');
  return [
    { key: 'serial', title: t('serial'), render: (row) => <Link to={`/devices/${row.device}`}>{row.serial}</Link> },
    { key: 'title', title: t('deviceName') },
    { key: 'group', title: t('group') },
    { key: 'relay', title: t('relays.relay'), render: (row) => relayName(row.relay, t as Words) },
    { key: 'output', title: t('relays.state'), render: (row) => <Output relay={row} />, filter: (['on', 'off'] as const).map((value) => ({ value, label: t(`relays.output.${value}`) })) },
    { key: 'control', title: t('relays.control'), render: (row) => (row.control ? t(`relays.controls.${row.control}`) : '—') },
    { key: 'mode', title: t('relays.mode'), render: (row) => (row.mode === null ? '—' : <Tooltip title={row.mode_text}><span style={{ display: 'inline-block', maxWidth: 200, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{row.mode} · {row.mode_text}</span></Tooltip>) },
    { key: 'locked', title: t('relays.lockTitle'), render: (row) => <Lock relay={row} />, filter: [{ value: 'true', label: t('relays.locked') }, { value: 'false', label: t('relays.unlocked') }] },
    { key: 'remote', title: t('relays.remote'), render: (row) => <Tooltip title={row.remote_text}><span><State kind={row.remote ? 'ok' : 'failed'}>{t(row.remote ? 'relays.remoteYes' : 'relays.remoteNo')}</State></span></Tooltip> },
    { key: 'read', title: t('relays.read'), render: (row) => timeText(row.read) },
  ];
}

/** The devices of the rows, once each. */
function devicesOf(rows: Relay[]): Chosen[] {
  return [...new Map(rows.map((row) => [row.device, { id: row.device, serial: row.serial, title: row.title }])).values()];
}

/** `single`: as a gateway has it, many are read, one at a time is switched (S0 4.4.1.2). */
export default function RelayList({ single }: { single?: boolean }) {
  const { t } = useTranslation('collection');
  const may = useMay();
  const act = useAct();
  const columns = useColumns();
  const mayRead = may('Write.Scheduler.JobLaunches'), maySwitch = may('Write.Devices');
  const read = async (rows: Relay[]) => {
    const run = await act(() => api.post<Run>('/relays/read', { devices: devicesOf(rows).map((device) => device.id) }));
    if (run) openDialog((close) => <RelayReadDialog run={run.id} onClose={close} />);
  };
  const choose = () => openDialog((close) => <RelayReadDialog onClose={close} />);
  const operate = (rows: Relay[], action: 'on' | 'off') => openDialog((close) => <RelayDialog devices={devicesOf(rows)} relay={rows[0].relay} action={action} onClose={close} />);
  const mayThese = (rows: Relay[]) => maySwitch && (!single || rows.length === 1);
  const readOthers = mayRead && <Button icon={<SyncOutlined />} onClick={choose}>{t('relays.readOthers')}</Button>;
  return (
    <PageFrame title={t('relays.title')} actions={readOthers}>
      {single && <div className="quiet">{t('relays.single')}</div>}
      <DataTable<Relay> name="relays" path="/relays" columns={columns} rowKey={(row) => `${row.device}:${row.relay}`} selectable
        actions={({ rows }) => rows.length > 0 && (
          <>
            {mayRead && <Button icon={<SyncOutlined />} onClick={() => void read(rows)}>{t('relays.readAgain')}</Button>}
            {mayThese(rows) && <Button icon={<PoweroffOutlined />} danger onClick={() => operate(rows, 'off')}>{t('relays.off')}…</Button>}
            {mayThese(rows) && <Button icon={<PoweroffOutlined />} onClick={() => operate(rows, 'on')}>{t('relays.on')}…</Button>}
          </>
        )}
        menu={(rows) => [
          ...(mayRead ? [{ key: 'read', icon: <SyncOutlined />, label: t('relays.readAgain'), onClick: () => void read(rows) }] : []),
          ...(mayThese(rows) ? [
            { key: 'off', icon: <PoweroffOutlined />, danger: true, label: `${t('relays.off')}…`, onClick: () => operate(rows, 'off') },
            { key: 'on', icon: <PoweroffOutlined />, label: `${t('relays.on')}…`, onClick: () => operate(rows, 'on') },
          ] : []),
        ]}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={<>{t('relays.empty')}<br /><span className="quiet">{t('relays.emptyHint')}</span></>}>{readOthers}</Empty>} />
    </PageFrame>
  );
}
