// Inputs of the box as they are now, and which events wait for them (S0 4.5.3); those of modules are states of their devices.
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useBox } from '../box/data';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { useOccasions, type Occasion } from './occasions';

interface Input {
  id: number;
  title: string;
  /** "on", "off", "absent", or what the loop shows. */
  state: string;
  waiting: Occasion[];
}

export function Inputs() {
  const { t } = useTranslation('occasions');
  const box = useBox();
  const events = useOccasions().data?.items ?? [];
  const waiting = (input: number) => events.filter((one) => (input ? one.condition.kind === 'input' && one.condition.input === input : one.condition.kind === 'loop'));
  const states = box.data ? [...[0, 1, 2].map((i) => box.data.inputs[i] ?? 'absent'), box.data.power.mains, box.data.power.reserve] : [];
  const rows: Input[] = states.map((state, i) => ({ id: i + 1, title: t(`input.${i + 1}`), state, waiting: waiting(i + 1) }));
  if (box.data && box.data.loop_ma !== null) rows.push({ id: 6, title: t('condition.loop'), state: `${box.data.loop_ma} ${t('milliamperes')}`, waiting: waiting(0) });
  const columns: Column<Input>[] = [
    { key: 'title', title: t('field.input') },
    { key: 'state', title: t('state'), render: (one) => (['on', 'off', 'absent'].includes(one.state) ? <State kind={one.state === 'on' ? 'ok' : 'never'}>{t(`inputs.${one.state}`)}</State> : one.state) },
    { key: 'waiting', title: t('events.title'), text: (one) => one.waiting.map((event) => event.title).join(', '), render: (one) => (one.waiting.length ? one.waiting.map((event) => <div key={event.id}>{event.title}: <span className="quiet">{event.condition_text}</span></div>) : t('inputs.unchecked')) },
  ];
  return (
    <>
      {box.error && <Alert type="error" showIcon title={box.error.message} />}
      <DataTable<Input> name="occasions-inputs" rows={rows} loading={box.isPending} columns={columns} searchable={false} prefix="inputs" />
      <span className="quiet">{t('inputs.hint')} <Link to="/devices" style={{ textDecoration: 'underline' }}>{t('inputs.devices')}</Link></span>
    </>
  );
}
