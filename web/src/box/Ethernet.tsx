// Ethernet (S0 4.2.2.1). A change is on trial: whoever still reaches the box confirms it, else the former settings come back.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Select, Space, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { useAct } from '../parts/acts';
import { SaveForm, Stay } from '../parts/forms';
import { State } from '../parts/state';
import { useBox, useBoxSave } from './data';

type Network = Answer<'/api/v1/box/network'>;
type Words = Pick<Network, 'lans'>;
type Beacon = Answer<'/api/v1/box/beacon'>;

/** Time runs; whoever can press the button has reached the box by its new address. */
function Trial({ network }: { network: Network }) {
  const { t } = useTranslation('box');
  const act = useAct();
  const may = useMay();
  const client = useQueryClient();
  const end = (how: 'confirm' | 'revert') => act(async () => {
    client.setQueryData(['/box/network'], await api.post(`/box/network/${how}`));
    await client.invalidateQueries({ queryKey: ['/box'] });
  }, t(`trial.${how}ed`));
  const places = network.trial.filter((lan) => !lan.dhcp && lan.address && lan.address !== location.hostname).map((lan) => `${location.protocol}//${lan.address}${location.port ? `:${location.port}` : ''}`);
  return (
    <Alert type="warning" showIcon role="status" data-testid="trial" title={t('trial.title', { seconds: network.trial_s })} description={(
      <Space orientation="vertical">
        <span>{t('trial.hint')}</span>
        {places.map((place) => <a key={place} className="in-text" href={`${place}/box/network`}>{place}</a>)}
        {may('Write.HesConfig') && <Space wrap><Button type="primary" onClick={() => void end('confirm')}>{t('trial.confirm')}</Button><Button onClick={() => void end('revert')}>{t('trial.revert')}</Button></Space>}
      </Space>
    )} />
  );
}

function LanFields({ which }: { which: number }) {
  const { t } = useTranslation('box');
  const form = Form.useFormInstance();
  const dhcp = Form.useWatch(['lans', which, 'dhcp'], form) as boolean | undefined;
  const six = Form.useWatch(['lans', which, 'six'], form) as string | undefined;
  const box = useBox().data?.lans[which];
  const address = (name: string, label = name) => (
    <Form.Item name={['lans', which, name]} label={t(`lan.${label}`)} preserve><Input className="mono" maxLength={63} autoComplete="off" inputMode={name.endsWith('6') ? 'text' : 'decimal'} /></Form.Item>
  );
  return (
    <Card size="small" title={t('lan.lan', { number: which + 1 })} data-testid={`lan-${which + 1}`}
      extra={box && <State kind={!box.present ? 'never' : box.carrier ? 'ok' : 'partial'}>{t(!box.present ? 'lan.absent' : box.carrier ? 'lan.in' : 'lan.out')}</State>}>
      <Form.Item name={['lans', which, 'dhcp']} label={t('lan.dhcp')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
      <div hidden={dhcp}>{address('address', 'ip')}{address('mask')}{address('gateway')}</div>
      {address('dns1')}
      {address('dns2')}
      <Form.Item name={['lans', which, 'six']} label="IPv6"><Select options={['off', 'auto', 'static'].map((value) => ({ value, label: t(`lan.six.${value}`) }))} /></Form.Item>
      <div hidden={six !== 'static'}>{address('address6')}{address('gateway6')}</div>
      {box?.present && <div className="quiet">{t('lan.now')}: <span className="mono">{box.addresses.join(', ') || '—'}</span>, {box.name}, {box.mac}</div>}
    </Card>
  );
}

/** Somebody was faster, and the person has been asked already. */
function unlessStay(e: unknown) {
  if (!(e instanceof Stay)) throw e;
}

/** Whether it is found by who looks for gateways (S4, «Поиск»): in force at once. */
function Findable() {
  const { t } = useTranslation('box');
  const may = useMay();
  const save = useBoxSave();
  const act = useAct();
  const { data: beacon } = useQuery({ queryKey: ['/box/beacon'], queryFn: () => api.get<Beacon>('/box/beacon') });
  if (!beacon) return null;
  const change = (on: boolean) => act(() => save<Beacon>('/box/beacon', { revision: beacon.revision, on }).catch(unlessStay), undefined);
  return (
    <Card size="small" style={{ marginTop: 12 }} data-testid="findable">
      <Space><Switch checked={beacon.on} disabled={!may('Write.HesConfig')} onChange={(on) => void change(on)} aria-label={t('findable.on')} /><span>{t('findable.on')}</span></Space>
      <div className="quiet">{t('findable.hint')}</div>
    </Card>
  );
}

export function Ethernet() {
  const { t } = useTranslation('box');
  const may = useMay();
  const save = useBoxSave();
  const { data: network, error } = useQuery({
    queryKey: ['/box/network'], queryFn: () => api.get<Network>('/box/network'), refetchInterval: (query) => (query.state.data?.trial_s ? 1000 : 15_000),
  });
  if (!network) return error ? <Alert type="error" showIcon title={error.message} /> : <Spin />;
  return (
    <>
      {network.trial_s > 0 ? <Trial network={network} /> : !network.written && <Alert type="info" showIcon title={t('lan.unwritten')} />}
      <SaveForm<Words> key={`${network.revision}-${network.trial_s > 0}`} style={{ marginTop: 12 }} initialValues={{ lans: network.trial_s ? network.trial : network.lans }}
        disabled={!may('Write.HesConfig') || network.trial_s > 0} save={(words) => save('/box/network', { revision: network.revision, lans: words.lans })}>
        <div className="box-grid"><LanFields which={0} /><LanFields which={1} /></div>
        <p className="quiet">{t('lan.buttonHint')}</p>
      </SaveForm>
      <Findable />
    </>
  );
}
