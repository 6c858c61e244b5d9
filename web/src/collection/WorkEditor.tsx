// What is wanted of meters (S3 2.2.22 step 2, 2.2.5 «Конструктор действия»): measurements, events, states, commands.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Input, InputNumber, Select, Tooltip } from 'antd';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { useRegisterOptions } from '../parts/registers';
import { archives, commands, isRelayCommand, relayNumbers, switches, type Command, type Measurement, type Work } from './types';
import { relayName, type Words } from './words';

type Journal = Row<'/api/v1/journals'>;

interface Props {
  value: Work;
  onChange: (work: Work) => void;
  reason: string;
  onReason: (reason: string) => void;
  /** May the person switch relays (Write.Devices)? */
  mayControl: boolean;
  /** «Собрать недостающее»: of tasks, not of one-off orders. */
  owed?: boolean;
  /** Without commands: of data templates. */
  readsOnly?: boolean;
  reasonProblem?: string;
}

function Section({ title, hint, on, onSwitch, children }: { title: string; hint: string; on: boolean; onSwitch: (on: boolean) => void; children?: ReactNode }) {
  return (
    <section className="panel" style={{ padding: '10px 12px' }}>
      <Checkbox checked={on} onChange={(e) => onSwitch(e.target.checked)}><b>{title}</b></Checkbox>
      <div style={{ color: 'var(--svod-color-text-secondary)', fontSize: 13, marginInlineStart: 24 }}>{hint}</div>
      {on && children && <div style={{ display: 'grid', gap: 10, marginTop: 10, marginInlineStart: 24 }}>{children}</div>}
    </section>
  );
}

function Labelled({ label, children, grow }: { label: string; children: (id: string) => ReactNode; grow?: boolean }) {
  const id = useId();
  return <div style={{ display: 'grid', gap: 2, minWidth: 0, flex: grow ? '1 1 220px' : undefined }}><label htmlFor={id} style={{ fontSize: 13 }}>{label}</label>{children(id)}</div>;
}

const obisForm = /^\d{1,3}(\.\d{1,3}){5}$/;

/** Registers by their heading; any OBIS code may be typed. */
function RegisterSelect({ id, archive, value, onChange }: { id: string; archive: Measurement['archive']; value: string[]; onChange: (codes: string[]) => void }) {
  const { t } = useTranslation('collection');
  const offered = useRegisterOptions(archive);
  const [typed, setTyped] = useState('');
  const known = new Set(offered?.flatMap(({ options }) => options.map((option) => option.value)));
  const others = [...new Set([...value, ...(obisForm.test(typed.trim()) ? [typed.trim()] : [])])].filter((code) => !known.has(code));
  return (
    <Select id={id} mode="multiple" value={value} onChange={onChange} maxTagCount="responsive" allowClear style={{ width: '100%' }} placeholder={t('work.allRegisters')} maxCount={48}
      showSearch={{ optionFilterProp: 'search', onSearch: setTyped }} notFoundContent={t('work.noRegister')}
      options={[
        ...(others.length && offered ? [{ label: t('work.ownCodes'), title: '', options: others.map((code) => ({ value: code, label: code, search: code })) }] : []),
        ...(offered ?? []),
      ]} />
  );
}

const dated = (archive: Measurement['archive']) => archive !== 'current' && archive !== 'network';

function MeasurementRow({ value, taken, onChange, onRemove }: { value: Measurement; taken: string[]; onChange: (m: Measurement) => void; onRemove: () => void }) {
  const { t } = useTranslation('collection');
  return (
    <div className="toolbar" data-testid={`measurement-${value.archive}`} style={{ alignItems: 'flex-end' }}>
      <Labelled label={t('work.archive')}>
        {(id) => <Select id={id} value={value.archive} style={{ width: 220 }} onChange={(archive) => onChange({ ...value, archive, registers: [] })}
          options={archives.map((archive) => ({ value: archive, label: t(`archive.${archive}`), disabled: archive !== value.archive && taken.includes(archive) }))} />}
      </Labelled>
      {dated(value.archive) && (
        <Labelled label={t('work.depth')}>
          {(id) => <InputNumber id={id} min={1} max={3660} precision={0} value={value.depth_days} style={{ width: 96 }} onChange={(days) => onChange({ ...value, depth_days: days ?? 1 })} />}
        </Labelled>
      )}
      <Labelled label={t('work.registers')} grow>
        {(id) => <RegisterSelect id={id} archive={value.archive} value={value.registers} onChange={(registers) => onChange({ ...value, registers })} />}
      </Labelled>
      {dated(value.archive) && <Tooltip title={t('work.againHint')}><Checkbox checked={value.again} onChange={(e) => onChange({ ...value, again: e.target.checked })} style={{ lineHeight: '28px' }}>{t('work.again')}</Checkbox></Tooltip>}
      <Button type="text" icon={<DeleteOutlined />} aria-label={t('work.remove', { what: t(`archive.${value.archive}`) })} onClick={onRemove} />
    </div>
  );
}

function Measurements({ value, onChange }: { value: Measurement[]; onChange: (list: Measurement[]) => void }) {
  const { t } = useTranslation('collection');
  const taken = value.map((m) => m.archive as string);
  const free = archives.find((archive) => !taken.includes(archive));
  return (
    <>
      {value.map((m, i) => (
        <MeasurementRow key={i} value={m} taken={taken} onChange={(next) => onChange(value.map((old, k) => (k === i ? next : old)))} onRemove={() => onChange(value.filter((_, k) => k !== i))} />
      ))}
      {free && <span><Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...value, newMeasurement(free)])}>{t('work.addArchive')}</Button></span>}
    </>
  );
}

const newMeasurement = (archive: Measurement['archive']): Measurement => ({ archive, depth_days: archive === 'month' ? 31 : 3, registers: [], again: false });

function Events({ value, onChange }: { value: NonNullable<Work['events']>; onChange: (events: NonNullable<Work['events']>) => void }) {
  const { t } = useTranslation('collection');
  const { data } = useQuery({ queryKey: ['/journals'], staleTime: Infinity, queryFn: () => api.get<{ items: Journal[] }>('/journals') });
  const part = (spodes: boolean) => data?.items.filter((j) => j.spodes === spodes).map((j) => ({ value: j.number, label: j.title })) ?? [];
  return (
    <div className="toolbar" style={{ alignItems: 'flex-end' }}>
      <Labelled label={t('work.eventsDepth')}>
        {(id) => <Select id={id} value={value.depth_days ? 'days' : 'left'} style={{ width: 220 }} onChange={(kind) => onChange({ ...value, depth_days: kind === 'left' ? 0 : 7 })}
          options={[{ value: 'left', label: t('work.fromLeft') }, { value: 'days', label: t('work.fromDays') }]} />}
      </Labelled>
      {value.depth_days > 0 && (
        <Labelled label={t('work.depth')}>
          {(id) => <InputNumber id={id} min={1} max={3660} precision={0} value={value.depth_days} style={{ width: 96 }} onChange={(days) => onChange({ ...value, depth_days: days ?? 1 })} />}
        </Labelled>
      )}
      <Labelled label={t('work.journals')} grow>
        {(id) => <Select id={id} mode="multiple" value={value.journals} onChange={(journals) => onChange({ ...value, journals })} maxTagCount="responsive" allowClear maxCount={48}
          placeholder={t('work.allJournals')} showSearch={{ optionFilterProp: 'label' }} style={{ width: '100%' }}
          options={[{ label: t('work.journalsSpodes'), options: part(true) }, { label: t('work.journalsOther'), options: part(false) }]} />}
      </Labelled>
    </div>
  );
}

function Commands({ value, mayControl, onChange }: { value: Command[]; mayControl: boolean; onChange: (list: Command[]) => void }) {
  const { t } = useTranslation('collection');
  const change = (i: number, next: Command) => onChange(value.map((old, k) => (k === i ? next : old)));
  return (
    <>
      {value.map((command, i) => (
        <div key={i} className="toolbar" style={{ alignItems: 'flex-end' }} data-testid="command">
          <Labelled label={t('work.command')}>
            {(id) => <Select id={id} value={command.kind} style={{ width: 240 }} onChange={(kind) => change(i, { kind, relay: 0 })}
              options={commands.map((kind) => ({ value: kind, label: t(`command.${kind}`), disabled: !mayControl && isRelayCommand({ kind, relay: 0 }) }))} />}
          </Labelled>
          {isRelayCommand(command) && (
            <Labelled label={t('relays.relay')}>
              {(id) => <Select id={id} value={command.relay} style={{ width: 200 }} onChange={(relay) => change(i, { ...command, relay })} options={relayNumbers.map((n) => ({ value: n, label: relayName(n, t as Words) }))} />}
            </Labelled>
          )}
          <Button type="text" icon={<DeleteOutlined />} aria-label={t('work.remove', { what: t(`command.${command.kind}`) })} onClick={() => onChange(value.filter((_, k) => k !== i))} />
        </div>
      ))}
      {value.length < 6 && <span><Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...value, { kind: 'clock-correct', relay: 0 }])}>{t('work.addCommand')}</Button></span>}
    </>
  );
}

export function WorkEditor({ value, onChange, reason, onReason, mayControl, owed, readsOnly, reasonProblem }: Props) {
  const { t } = useTranslation('collection');
  const put = (part: Partial<Work>) => onChange({ ...value, ...part });
  return (
    <div style={{ display: 'grid', gap: 8 }} data-testid="work">
      {owed && <Section title={t('work.owed')} hint={t('work.owedHint')} on={value.owed} onSwitch={(on) => put({ owed: on })} />}
      <Section title={t('work.measurements')} hint={t('work.measurementsHint')} on={value.measurements.length > 0} onSwitch={(on) => put({ measurements: on ? [newMeasurement('day')] : [] })}>
        <Measurements value={value.measurements} onChange={(measurements) => put({ measurements })} />
      </Section>
      <Section title={t('work.eventsTitle')} hint={t('work.eventsHint')} on={!!value.events} onSwitch={(on) => put({ events: on ? { depth_days: 0, journals: [] } : null })}>
        {value.events && <Events value={value.events} onChange={(events) => put({ events })} />}
      </Section>
      <Section title={t('work.statesTitle')} hint={t('work.statesHint')} on={value.states} onSwitch={(states) => put({ states })} />
      {!readsOnly && (
        <Section title={t('work.commands')} hint={t('work.commandsHint')} on={value.commands.length > 0} onSwitch={(on) => put({ commands: on ? [{ kind: 'clock-correct', relay: 0 }] : [] })}>
          <Commands value={value.commands} mayControl={mayControl} onChange={(list) => put({ commands: list })} />
          {switches(value) && <ReasonBox value={reason} onChange={onReason} problem={reasonProblem} />}
        </Section>
      )}
    </div>
  );
}

/** Why relays are switched; kept in the security log. */
export function ReasonBox({ value, onChange, problem }: { value: string; onChange: (reason: string) => void; problem?: string }) {
  const { t } = useTranslation('collection');
  const id = useId();
  return (
    <div style={{ display: 'grid', gap: 4 }}>
      <Alert type="warning" showIcon title={t('relays.warning')} />
      <label htmlFor={id}>{t('reason')}</label>
      <Input.TextArea id={id} value={value} maxLength={500} autoSize={{ minRows: 2, maxRows: 5 }} status={problem ? 'error' : undefined} placeholder={t('relays.reasonHint')} onChange={(e) => onChange(e.target.value)} />
      {problem && <span role="alert" style={{ color: 'var(--svod-color-error-text)' }}>{problem}</span>}
    </div>
  );
}
