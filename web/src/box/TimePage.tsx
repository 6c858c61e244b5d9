// «Настройки времени» (S0 4.2.1): zone, the PC's time or a given one written, the RTC, time servers.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Select, Spin, Switch } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { timeText, zoneText } from '../app/format';
import { useAct } from '../parts/acts';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import './box.css';
import { boxTime, Facts, useBoxSave } from './data';

type Settings = Answer<'/api/v1/box/time'>;
type Words = Pick<Settings, 'zone_minutes' | 'ntp' | 'servers' | 'poll'>;

const hours = Array.from({ length: 13 }, (_, hour) => ({ value: hour * 60, label: zoneText(hour * 60) }));
const polls = [6, 9, 11, 14, 16];

/** The moment now, second by second. */
function useNow() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const beat = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(beat);
  }, []);
  return now;
}

const utcWords = (ms: number) => new Date(ms).toISOString().slice(0, 19);

function Clocks({ settings, updatedAt }: { settings: Settings; updatedAt: number }) {
  const { t } = useTranslation('box');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const now = useNow();
  const { clock } = settings;
  const gone = Math.max(0, now - updatedAt), skew = Math.round((Date.parse(clock.utc) - updatedAt) / 1000);
  const [given, setGiven] = useState('');
  const [wrong, setWrong] = useState('');
  const write = (path: string, body: unknown, done: string) => act(async () => client.setQueryData(['/box/time'], await api.post(path, body)), done);
  const writeGiven = async () => {
    setWrong('');
    const ms = Date.parse(`${given}Z`) - clock.zone_minutes * 60_000;
    if (Number.isNaN(ms)) return setWrong(t('app:required'));
    try {
      client.setQueryData(['/box/time'], await api.post('/box/clock', { utc: utcWords(ms) }));
    } catch (e) {
      setWrong(e instanceof ApiError && e.fields.length ? e.fields[0].message : String(e));
    }
  };
  return (
    <Card size="small" title={t('time.set')}>
      <Facts rows={[[t('time.device'), <b key="time">{boxTime(new Date(Date.parse(clock.utc) + gone).toISOString(), clock.zone_minutes)}</b>], [t('time.zone'), zoneText(clock.zone_minutes)],
        [t('time.skew'), Math.abs(skew) < 3 ? t('time.skewNone') : t('time.skewSeconds', { seconds: skew })]]} />
      <div className="part">{t('time.pc')}</div>
      <div className="toolbar"><span>{timeText(new Date(now).toISOString())} ({zoneText(-new Date().getTimezoneOffset())})</span>
        <Button disabled={!may('Write.HesConfig')} onClick={() => void write('/box/clock', { utc: utcWords(Date.now()) }, t('time.written'))} data-testid="write-pc">{t('time.writePc')}</Button></div>
      <div className="part">{t('time.given')}</div>
      <div className="toolbar"><Input type="datetime-local" step={1} style={{ width: 210 }} aria-label={t('time.given')} value={given} status={wrong ? 'error' : undefined} onChange={(e) => setGiven(e.target.value)} />
        <Button disabled={!may('Write.HesConfig')} onClick={() => void writeGiven()} data-testid="write-given">{t('time.writeGiven')}</Button></div>
      {wrong && <div role="alert" style={{ marginTop: 4 }}><State kind="failed">{wrong}</State></div>}
    </Card>
  );
}

function More({ settings }: { settings: Settings }) {
  const { t } = useTranslation('box');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const { clock } = settings;
  const now = () => act(async () => client.setQueryData(['/box/time'], await api.post('/box/clock/synchronise')), t('time.asked'));
  return (
    <Card size="small" title={t('time.more')}>
      <Facts rows={[
        [t('time.rtc'), clock.has_rtc ? boxTime(clock.rtc_utc, clock.zone_minutes) : '—'],
        [t('time.rtcState'), <State key="rtc" kind={!clock.has_rtc ? 'never' : clock.rtc_good ? 'ok' : 'failed'}>{t(!clock.has_rtc ? 'time.rtcAbsent' : clock.rtc_good ? 'time.rtcGood' : 'time.rtcBad')}</State>],
        [t('time.ntp'), <State key="ntp" kind={!clock.has_time_service ? 'never' : clock.synchronised ? 'ok' : 'partial'}>{t(!clock.has_time_service ? 'time.ntpAbsent' : clock.synchronised ? 'time.synchronised' : 'time.notSynchronised')}</State>],
        [t('time.source'), clock.source || '—'], [t('time.offset'), clock.synchronised ? t('time.offsetMs', { ms: (clock.offset_us / 1000).toFixed(1) }) : '—']]} />
      {may('Write.HesConfig') && clock.has_time_service && <Button style={{ marginTop: 8 }} onClick={() => void now()}>{t('time.askNow')}</Button>}
    </Card>
  );
}

function Settings({ settings }: { settings: Settings }) {
  const { t } = useTranslation('box');
  const may = useMay();
  const save = useBoxSave();
  const own = hours.some((one) => one.value === settings.zone_minutes) ? hours : [{ value: settings.zone_minutes, label: zoneText(settings.zone_minutes) }, ...hours];
  return (
    <Card size="small" title={t('time.settings')}>
      <SaveForm<Words> key={settings.revision} initialValues={settings} disabled={!may('Write.HesConfig')} draft="box-time"
        save={(words) => save('/box/time', { revision: settings.revision, zone_minutes: words.zone_minutes, ntp: words.ntp, servers: words.servers, poll: words.poll })}>
        <Form.Item name="zone_minutes" label={t('time.boxZone')} extra={t('time.zoneHint')}><Select options={own} style={{ maxWidth: 180 }} /></Form.Item>
        <Form.Item name="ntp" label={t('time.useNtp')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
        <Form.Item name="servers" label={t('time.servers')} extra={t('time.serversHint')}><Select mode="tags" maxCount={4} tokenSeparators={[' ', ',', ';']} open={false} suffixIcon={null} placeholder="ntp1.vniiftri.ru" /></Form.Item>
        <Form.Item name="poll" label={t('time.poll')}><Select style={{ maxWidth: 180 }} options={polls.map((value) => ({ value, label: t(`time.polls.${value}`) }))} /></Form.Item>
      </SaveForm>
    </Card>
  );
}

export default function TimePage() {
  const { t } = useTranslation('box');
  const settings = useQuery({ queryKey: ['/box/time'], queryFn: () => api.get<Settings>('/box/time'), refetchInterval: 10_000 });
  return (
    <PageFrame title={t('time.title')}>
      {settings.data ? (
        <div className="box-grid">
          <Clocks settings={settings.data} updatedAt={settings.dataUpdatedAt} />
          <Settings settings={settings.data} />
          <More settings={settings.data} />
        </div>
      ) : settings.error ? <Alert type="error" showIcon title={settings.error.message} /> : <Spin />}
    </PageFrame>
  );
}
