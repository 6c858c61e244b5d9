// The modem and its SIM cards (S0 4.2.2.2), with the operators' access points of its table 1.
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, InputNumber, Segmented, Space, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { SaveForm } from '../parts/forms';
import { State } from '../parts/state';
import { Facts, modemKinds, Signal, useBox, useBoxSave } from './data';

type Settings = Answer<'/api/v1/box/modem'>;
type Words = Pick<Settings, 'sims' | 'first' | 'patience_s' | 'return_s'>;

const operators = [
  { key: 'mts', apn: 'internet.mts.ru', login: 'mts', password: 'mts' },
  { key: 'beeline', apn: 'internet.beeline.ru', login: 'beeline', password: 'beeline' },
  { key: 'megafon', apn: 'internet', login: 'gdata', password: 'gdata' },
];

function Now() {
  const { t } = useTranslation('box');
  const modem = useBox().data?.modem;
  if (!modem) return null;
  return (
    <Card size="small" title={t('modem.now')}>
      <Facts rows={[[t('modem.state'), <State key="state" kind={modemKinds[modem.state]}>{t(`modem.states.${modem.state}`)}</State>], [t('modem.sim'), modem.sim ? `SIM ${modem.sim}` : '—'],
        [t('modem.operator'), modem.operator ? `${modem.operator}${modem.roaming ? ` (${t('modem.roaming')})` : ''}` : '—'], [t('home.signal'), <Signal key="signal" modem={modem} />],
        [t('lan.address'), <span key="address" className="mono">{modem.address || '—'}</span>], ['IMEI', <span key="imei" className="mono">{modem.imei || '—'}</span>],
        ...modem.cards.map((card, i): [string, React.ReactNode] => [`SIM ${i + 1}`, t(`modem.cards.${card}`)])]} />
    </Card>
  );
}

function SimFields({ which }: { which: number }) {
  const { t } = useTranslation('box');
  const form = Form.useFormInstance();
  const name = (field: string) => ['sims', which, field];
  const take = ({ apn, login, password }: (typeof operators)[number]) => {
    for (const [field, value] of Object.entries({ apn, login, password, sign_in: true, allowed: true })) form.setFieldValue(name(field), value);
    form.setFields([]);
  };
  return (
    <Card size="small" title={`SIM ${which + 1}`} data-testid={`sim-${which + 1}`}>
      <Form.Item name={name('allowed')} label={t('modem.allowed')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
      <Form.Item label={t('modem.presets')}><Space wrap>{operators.map((one) => <Button key={one.key} size="small" onClick={() => take(one)}>{t(`modem.operators.${one.key}`)}</Button>)}</Space></Form.Item>
      <Form.Item name={name('pin')} label={t('modem.pin')} extra={t('modem.pinHint')}><Input.Password maxLength={4} inputMode="numeric" autoComplete="off" style={{ maxWidth: 140 }} /></Form.Item>
      <Form.Item name={name('apn')} label={t('modem.apn')}><Input maxLength={100} className="mono" autoComplete="off" placeholder="internet.mts.ru" /></Form.Item>
      <Form.Item name={name('sign_in')} label={t('modem.signIn')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
      <Form.Item name={name('login')} label={t('modem.login')}><Input maxLength={64} autoComplete="off" /></Form.Item>
      <Form.Item name={name('password')} label={t('modem.password')} extra={t('modem.passwordHint')}><Input.Password maxLength={64} autoComplete="new-password" /></Form.Item>
    </Card>
  );
}

export function Modem() {
  const { t } = useTranslation('box');
  const may = useMay();
  const save = useBoxSave();
  const { data: settings, error } = useQuery({ queryKey: ['/box/modem'], queryFn: () => api.get<Settings>('/box/modem') });
  if (!settings) return error ? <Alert type="error" showIcon title={error.message} /> : <Spin />;
  return (
    <SaveForm<Words> key={settings.revision} initialValues={settings} disabled={!may('Write.HesConfig')}
      save={(words) => save('/box/modem', { revision: settings.revision, sims: words.sims, first: words.first, patience_s: words.patience_s, return_s: words.return_s })}>
      <div className="box-grid box-thirds">
        <SimFields which={0} />
        <SimFields which={1} />
        <div style={{ display: 'grid', gap: 12 }}>
          <Now />
          <Card size="small" title={t('modem.failover')}>
            <p className="quiet" style={{ marginTop: 0 }}>{t('modem.failoverHint')}</p>
            <Form.Item name="first" label={t('modem.first')}><Segmented options={[{ value: 1, label: 'SIM 1' }, { value: 2, label: 'SIM 2' }]} /></Form.Item>
            <Form.Item name="patience_s" label={t('modem.patience')}><InputNumber min={2} max={3600} precision={0} style={{ width: 140 }} /></Form.Item>
            <Form.Item name="return_s" label={t('modem.return')}><InputNumber min={2} max={86400} precision={0} style={{ width: 140 }} /></Form.Item>
          </Card>
        </div>
      </div>
    </SaveForm>
  );
}
