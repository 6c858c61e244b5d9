// Switching relays of one or many (S3 2.2.10, 3.4): which and why, what the server allows, the confirmation that names the count,
// and what came of it after the read-back. The server's token makes a double click one command.
import { Alert, Button, Modal, Radio, Select } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import { State } from '../parts/state';
import { Outcome } from './Outcome';
import { relayNumbers, type Chosen, type Run } from './types';
import { ReasonBox } from './WorkEditor';
import { relayName, type Words } from './words';

export interface RelayPlan {
  token: string;
  expires: string;
  allowed: number;
  devices: { device: number; serial: string; title: string; allowed: boolean; text: string }[];
}

interface Props {
  devices: Chosen[];
  relay?: number;
  action: 'on' | 'off';
  onClose: () => void;
}

function PlanList({ plan }: { plan: RelayPlan }) {
  const { t } = useTranslation('collection');
  const ordered = [...plan.devices].sort((a, b) => Number(a.allowed) - Number(b.allowed)); // refusals first: they are the news
  return (
    <ul style={{ listStyle: 'none', margin: 0, padding: 0, maxHeight: 280, overflow: 'auto' }} data-testid="plan">
      {ordered.slice(0, 200).map((item) => (
        <li key={item.device} style={{ padding: '4px 0', borderBottom: '1px solid var(--svod-color-border-secondary)', display: 'grid', gap: 2 }}>
          <span style={{ display: 'flex', gap: 10, flexWrap: 'wrap' }}><span>{item.serial} {item.title}</span><span style={{ flex: 1 }} />
            <State kind={item.allowed ? 'ok' : 'failed'}>{t(item.allowed ? 'relays.allowed' : 'relays.refused')}</State></span>
          {item.text && <span className="quiet">{item.text}</span>}
        </li>
      ))}
    </ul>
  );
}

export default function RelayDialog({ devices, relay: given = 0, action: wanted, onClose }: Props) {
  const { t } = useTranslation('collection');
  const id = useId();
  const [action, setAction] = useState(wanted);
  const [relay, setRelay] = useState(given);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string>();
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [plan, setPlan] = useState<RelayPlan>();
  const [run, setRun] = useState<number>();
  const doing = async (work: () => Promise<void>) => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await work();
    } catch (e) {
      const field = e instanceof ApiError ? e.fields.find((f) => f.field === 'reason') : undefined;
      if (field) setProblem(field.message);
      else setTrouble(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const check = () => {
    if (!reason.trim()) return setProblem(t('wizard.needReason'));
    void doing(async () => setPlan(await api.post<RelayPlan>('/relays/plan', { devices: devices.map((device) => device.id), relay, action, reason })));
  };
  const operate = () => void doing(async () => setRun((await api.post<Run>('/relays/operate', { token: plan!.token })).id));
  const allowed = plan?.allowed ?? 0;
  const names = devices.slice(0, 3).map((device) => device.serial).join(', ') + (devices.length > 3 ? '…' : '');
  const title = run ? t('relays.outcome') : plan ? t('relays.confirm') : t('relays.dialog');
  return (
    <Modal open title={title} onCancel={onClose} footer={null} width={640} mask={{ closable: false }}>
      <div style={{ display: 'grid', gap: 12 }} data-testid="relay-dialog">
        {trouble && <Alert type="error" showIcon title={trouble} role="alert" />}
        {run ? <Outcome id={run} onClose={onClose} /> : plan ? (
          <>
            <Alert type={allowed ? 'warning' : 'error'} showIcon data-testid="confirmation"
              title={allowed ? t(`relays.will.${action}`, { count: allowed, relay: relayName(relay, t as Words).toLowerCase() }) : t('relays.nobodyAllowed')}
              description={<>{allowed < plan.devices.length && allowed > 0 && <div>{t('relays.someRefused', { count: plan.devices.length - allowed })}</div>}<div>{t('reason')}: {reason}</div></>} />
            <PlanList plan={plan} />
            <div className="toolbar">
              <Button type="primary" danger disabled={!allowed} loading={busy} onClick={operate}>{t(`relays.do.${action}`, { count: allowed })}</Button>
              <Button onClick={() => setPlan(undefined)}>{t('wizard.back')}</Button>
              <Button onClick={onClose}>{t('app:cancel')}</Button>
            </div>
          </>
        ) : (
          <>
            <div>{t('relays.of', { count: devices.length })}: {names}</div>
            <Radio.Group value={action} onChange={(e) => setAction(e.target.value)} optionType="button" buttonStyle="solid" aria-label={t('action')}
              options={[{ value: 'off', label: t('relays.off') }, { value: 'on', label: t('relays.on') }]} />
            <div style={{ display: 'grid', gap: 4 }}>
              <label htmlFor={id}>{t('relays.relay')}</label>
              <Select id={id} value={relay} onChange={setRelay} style={{ maxWidth: 260 }} options={relayNumbers.map((n) => ({ value: n, label: relayName(n, t as Words) }))} />
              {relay > 0 && <span className="quiet">{t('relays.signalHint')}</span>}
            </div>
            <ReasonBox value={reason} onChange={(text) => { setReason(text); setProblem(undefined); }} problem={problem} />
            <div className="toolbar">
              <Button type="primary" loading={busy} onClick={check}>{t('relays.check')}</Button>
              <Button onClick={onClose}>{t('app:cancel')}</Button>
            </div>
          </>
        )}
      </div>
    </Modal>
  );
}
