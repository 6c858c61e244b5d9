// «Диагностика» (S0 4.2.4): the self-test's flags (S4 13.4), power, inputs, relays, indicators, and the box's own journal.
import { PlayCircleOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { timeText, valueText } from '../app/format';
import { useAct, useDestructive } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { State, type StateKind } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { PageTabs } from '../parts/tabs';
import './box.css';
import { Facts, useBox, type Box } from './data';

type Test = Answer<'/api/v1/box/diagnostics'>;
type Note = Row<'/api/v1/box/journal'>;

const results: Record<string, StateKind> = { passed: 'ok', failed: 'failed', absent: 'never' };
const states: Record<string, StateKind> = { on: 'ok', off: 'partial', absent: 'never' };

function SelfTest() {
  const { t } = useTranslation('box');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const { data: test } = useQuery({ queryKey: ['/box/diagnostics'], queryFn: () => api.get<Test>('/box/diagnostics'), refetchInterval: (query) => (query.state.data?.running ? 700 : 15_000) });
  if (!test) return <Spin />;
  const begin = () => act(async () => client.setQueryData(['/box/diagnostics'], await api.post('/box/diagnostics')));
  const order = { failed: 0, passed: 1, absent: 2 } as Record<string, number>;
  const flags = [...test.flags].sort((a, b) => order[a.result] - order[b.result]);
  return (
    <Card size="small" title={t('test.title')} style={{ gridColumn: '1 / -1' }} extra={may('Write.HesConfig') && <Button icon={<PlayCircleOutlined />} loading={test.running} onClick={() => void begin()}>{t('test.begin')}</Button>}>
      <p className="quiet" style={{ marginTop: 0 }} role="status">{test.running ? t('test.running') : test.time ? t('test.done', { time: timeText(test.time) }) : t('test.never')}</p>
      {test.time && (
        <ul className="flags">
          {flags.map((one) => (
            <li key={one.flag}><State kind={results[one.result]}><b>{one.flag}</b></State><span className={one.result === 'absent' ? 'quiet' : undefined}>{one.title}{one.result === 'absent' ? `: ${t('test.absent')}` : ''}</span>{one.text && <span className="quiet">{one.text}</span>}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Power({ power }: { power: Box['power'] }) {
  const { t } = useTranslation('box');
  const row = (name: 'mains' | 'reserve' | 'battery'): [string, React.ReactNode] => [t(`power.${name}`), <State key={name} kind={states[power[name]]}>{t(`power.states.${power[name]}`)}</State>];
  return (
    <Card size="small" title={t('power.title')}>
      <Facts rows={[row('mains'), row('reserve'), row('battery'), ...(power.battery_percent === null ? [] : [[t('power.charge'), `${power.battery_percent} %`] as [string, React.ReactNode]])]} />
      {power.lost && <Alert type="error" showIcon title={t('power.lost')} />}
    </Card>
  );
}

function Inputs({ box }: { box: Box }) {
  const { t } = useTranslation('box');
  const may = useMay();
  const client = useQueryClient();
  const destructive = useDestructive();
  const turn = (relay: number, on: boolean) => destructive({
    title: t(on ? 'relay.onTitle' : 'relay.offTitle', { number: relay }), content: t('relay.hint'), okText: t(on ? 'relay.on' : 'relay.off'),
    act: async () => client.setQueryData(['/box'], await api.post('/box/relays', { relay, on })),
  });
  const inputs = box.inputs.map((state, i): [string, React.ReactNode] => [t('input.title', { number: i + 1 }), <State key={i} kind={state === 'on' ? 'ok' : 'never'}>{t(`input.${state}`)}</State>]);
  const relays = box.relays.map((state, i): [string, React.ReactNode] => [t('relay.title', { number: i + 1 }), (
    <span key={i}><Switch size="small" checked={state === 'on'} disabled={!may('Write.HesConfig')} onChange={(on) => turn(i + 1, on)} aria-label={t('relay.title', { number: i + 1 })} /> {t(`relay.is.${state}`)}</span>)]);
  const supplies = box.power_lines.map((state, i): [string, React.ReactNode] => [t('powerLine', { number: i + 1 }), <State key={i} kind={state === 'on' ? 'ok' : 'never'}>{t(`relay.is.${state}`)}</State>]);
  return (
    <Card size="small" title={t('input.both')}>
      {inputs.length + relays.length === 0 && <span className="quiet">{t('input.none')}</span>}
      <Facts rows={[...inputs, ...relays, ...supplies, ...(box.loop_ma === null ? [] : [[t('input.loop'), `${valueText(box.loop_ma as unknown as number)} ${t('input.ma')}`] as [string, React.ReactNode]])]} />
    </Card>
  );
}

function Leds({ leds }: { leds: Box['leds'] }) {
  const { t } = useTranslation('box');
  const seconds = (ms: number) => valueText(ms / 1000);
  const words = ({ on_ms, off_ms }: Box['leds'][number]) => (!on_ms ? t('led.dark') : !off_ms ? t('led.lit') : t('led.blinks', { on: seconds(on_ms), off: seconds(off_ms) }));
  return <Card size="small" title={t('led.title')}><Facts rows={leds.map((led) => [t(`led.names.${led.name}`), <State key={led.name} kind={led.on_ms ? 'ok' : 'never'}>{words(led)}</State>])} /></Card>;
}

/** What a record says, in a person's words. */
function useRecordWords() {
  const { t } = useTranslation('box');
  return (note: Note): string => {
    const details = (note.details ?? {}) as Record<string, unknown>;
    const kind = note.kind.replace('SET_BOX_', '').toLowerCase();
    const onOff = t(details.on ? 'record.on' : 'record.off'), refused = details.taken === false ? `; ${t('record.refused')}` : '';
    if (kind === 'power') return t('record.power', { mains: t(`power.states.${details.mains}`), reserve: t(`power.states.${details.reserve}`) });
    if (kind === 'button') return t('record.button', { seconds: valueText(Number(details.held_ms) / 1000) }) + (note.object ? `: ${t(`record.${note.object}`)}` : '');
    if (kind === 'input' || kind === 'relay') return `№ ${note.object}: ${onOff}${refused}`;
    if (kind === 'sim') return (note.object === '0' ? t('record.noSim') : `SIM ${note.object}`) + refused;
    if (kind === 'clock') return (note.object === 'ntp' ? t('record.ntp') : `${timeText(String(details.before))} → ${timeText(String(details.after))} UTC`) + refused;
    if (kind === 'network_try') return `${note.object}: ${details.dhcp ? 'DHCP' : `${details.address} / ${details.mask}`}`;
    return note.object + refused;
  };
}

const levels: Record<string, StateKind> = { info: 'ok', warning: 'partial', error: 'failed' };

function Journal() {
  const { t } = useTranslation('box');
  const words = useRecordWords();
  const notes = useQuery({ queryKey: ['/box/journal'], queryFn: () => api.get<{ items: Note[] }>('/box/journal'), refetchInterval: 10_000 });
  const columns: Column<Note>[] = [
    { key: 'time', title: t('record.time'), sortable: true, render: (one) => timeText(one.time) },
    { key: 'title', title: t('record.event'), sortable: true, render: (one) => <State kind={levels[one.level]}>{one.title}</State> },
    { key: 'object', title: t('record.what'), render: words },
    { key: 'login', title: t('record.who'), sortable: true, render: (one) => one.login || t('record.itself') },
  ];
  return <DataTable<Note> name="box-journal" columns={columns} rows={notes.data?.items ?? []} loading={notes.isPending} empty={t('record.empty')} />;
}

export default function DiagnosticsPage() {
  const { t } = useTranslation('box');
  const { data: box } = useBox();
  return (
    <PageFrame title={t('diagnostics.title')}>
      <PageTabs items={[
        { key: 'state', label: t('diagnostics.state'), children: <div className="box-grid"><SelfTest />{box && <><Power power={box.power} /><Inputs box={box} /><Leds leds={box.leds} /></>}</div> },
        { key: 'journal', label: t('diagnostics.journal'), children: <Journal /> },
      ]} />
    </PageFrame>
  );
}
