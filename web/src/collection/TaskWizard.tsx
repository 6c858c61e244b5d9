// A task in three steps (S3 2.2.22, 3.3): whom, what, when. What is typed survives a reload and leaving; the step is in the address.
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Input, InputNumber, Spin, Steps, Switch } from 'antd';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { api, ApiError } from '../api/client';
import { useMay } from '../api/session';
import { durationText } from '../app/format';
import { useCarefulSave } from '../parts/changed';
import { Stay, useLeaveGuard } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { DevicePicker, useGroupCount, useGroups } from './DevicePicker';
import { ScheduleEditor } from './ScheduleEditor';
import { switches } from './types';
import { bodyOf, draftOf, emptyDraft, fieldText, kept, problemsOf, problemsOfError, stepOf, type Draft, type Problems } from './wizard';
import { workText, type Words } from './words';
import { WorkEditor } from './WorkEditor';

function Field({ label, problem, hint, children }: { label: string; problem?: string; hint?: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div style={{ display: 'grid', gap: 2, alignContent: 'start' }}>
      <label htmlFor={id} style={{ fontSize: 13 }}>{label}</label>{children(id)}
      {hint && <span style={{ color: 'var(--svod-color-text-secondary)', fontSize: 12 }}>{hint}</span>}
      {problem && <span role="alert" style={{ color: 'var(--svod-color-error-text)' }}>{problem}</span>}
    </div>
  );
}

interface StepProps {
  draft: Draft;
  put: (part: Partial<Draft>) => void;
  problems: Problems;
}

function LastStep({ draft, put, problems }: StepProps) {
  const { t } = useTranslation('collection');
  const grid = { display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(min(220px, 100%), 1fr))' };
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      <ScheduleEditor value={draft.schedule} zone={draft.zone} problems={(field) => problems[field]}
        onChange={(schedule) => put({ schedule, scheduled: schedule ? draft.scheduled : false })} onZone={(zone) => put({ zone })} />
      {draft.schedule && <label style={{ display: 'flex', gap: 8, alignItems: 'center' }}><Switch size="small" checked={draft.scheduled} onChange={(scheduled) => put({ scheduled })} />{t('wizard.scheduled')}</label>}
      <div className="panel" style={grid}>
        <Field label={t('name')} problem={problems.title}>
          {(id) => <Input id={id} value={draft.title} maxLength={200} status={problems.title ? 'error' : undefined} onChange={(e) => put({ title: e.target.value })} />}
        </Field>
        <Field label={t('wizard.priority')} hint={t('wizard.priorityHint')} problem={problems.priority}>
          {(id) => <InputNumber id={id} min={1} max={999} precision={0} value={draft.priority} onChange={(priority) => put({ priority: priority ?? 1 })} style={{ width: 120 }} />}
        </Field>
        <Field label={t('wizard.restarts')} hint={t('wizard.restartsHint')} problem={problems.restarts}>
          {(id) => <InputNumber id={id} min={0} max={100} precision={0} value={draft.restarts} onChange={(restarts) => put({ restarts: restarts ?? 0 })} style={{ width: 120 }} />}
        </Field>
        <Field label={t('wizard.delay')} hint={durationText(draft.restart_delay_s * 1000)} problem={problems.restart_delay_s}>
          {(id) => <InputNumber id={id} min={draft.endless ? 1 : 0} max={86400} precision={0} value={draft.restart_delay_s} onChange={(seconds) => put({ restart_delay_s: seconds ?? 0 })} suffix={t('wizard.seconds')} style={{ width: 150 }} />}
        </Field>
        <Field label={t('wizard.endless')} hint={t('wizard.endlessHint')} problem={problems.endless}>
          {(id) => <span><Switch id={id} checked={draft.endless} onChange={(endless) => put({ endless, restart_delay_s: endless ? Math.max(1, draft.restart_delay_s) : draft.restart_delay_s })} /></span>}
        </Field>
      </div>
    </div>
  );
}

/** What the other steps hold, in a line each. */
function Summary({ draft }: { draft: Draft }) {
  const { t } = useTranslation('collection');
  const inGroups = useGroupCount(draft.groups);
  return (
    <div className="quiet" role="status" data-testid="summary">
      {t('pick.groupsCount', { count: draft.groups.length })} ({t('pick.devicesCount', { count: inGroups })}), {t('pick.devicesMore', { count: draft.devices.length })} · {workText(draft.work, t as Words) || t('wizard.nothing')}
    </div>
  );
}

interface WizardProps {
  name: string;
  id?: number;
  from?: number;
  /** What is stored, or nothing yet. */
  seen: Draft;
  begin: Draft;
  restored: boolean;
  /** Begins anew with what is stored, or with nothing. */
  onClear: () => void;
}

function Wizard({ name, id, from, seen: first, begin, restored, onClear }: WizardProps) {
  const { t } = useTranslation('collection');
  const { message } = App.useApp();
  const careful = useCarefulSave();
  const navigate = useNavigate();
  const client = useQueryClient();
  const may = useMay();
  const [words, setWords] = useSearchParams();
  const step = Math.min(3, Math.max(1, Number(words.get('step')) || 1));
  const [seen, setSeen] = useState(first);
  const [draft, setDraft] = useState(begin);
  const [dirty, setDirty] = useState(restored);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  useLeaveGuard(dirty, true);
  useEffect(() => {
    if (restored) void message.info(t('app:draftRestored'));
  }, [restored, message, t]);
  const put = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    setDirty(true);
    setProblems((former) => Object.fromEntries(Object.entries(former).filter(([field]) => !Object.keys(part).some((key) => field.startsWith(key)) && !(part.devices || part.groups ? field === 'devices' : false))));
    kept.write(name, { seen, draft: next });
  };
  const go = (to: number) => {
    const next = new URLSearchParams(words);
    for (const key of [...next.keys()]) if (/^[dc]\./.test(key)) next.delete(key);
    next.set('step', String(to));
    setWords(next);
  };
  /** Forward only over steps that are whole. */
  const move = (to: number) => {
    for (let at = 1; at < to; at++) {
      const found = problemsOf(draft, at, t as Words);
      setProblems(found);
      if (Object.keys(found).length > 0) return go(at);
    }
    go(to);
  };
  const leave = () => {
    flushSync(() => setDirty(false));
    navigate('/tasks');
  };
  const refuse = (error: unknown) => {
    if (error instanceof ApiError && error.fields.length > 0) {
      setProblems(problemsOfError(error));
      go(Math.min(...error.fields.map((f) => stepOf(f.field))));
    } else void message.error(error instanceof Error ? error.message : String(error), 8);
  };
  const groups = useGroups();
  const change = async (task: number) => {
    const take = (now: Draft) => {
      setSeen(now);
      setDraft(now);
      setDirty(false);
      kept.drop(name);
    };
    await careful({
      seen: { ...seen, revision: seen.revision! }, mine: { ...draft, scheduled: draft.scheduled && !!draft.schedule }, reshaped: true, whole: ['work', 'schedule'],
      patch: (fields) => api.patch(`/tasks/${task}`, bodyOf(fields)), fresh: () => draftOf(task) as Promise<Draft & { revision: number }>, onTaken: take,
      label: (field) => t(`wizard.field.${field}`), show: (field, value) => fieldText(field, value, (group) => groups.find((g) => g.id === group)?.title ?? String(group), t as Words),
    });
  };
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      if (id) await change(id);
      else await api.post(from ? `/tasks/${from}/clone` : '/tasks', bodyOf({ ...draft, scheduled: draft.scheduled && !!draft.schedule }));
      await client.invalidateQueries({ queryKey: ['/tasks'] });
      kept.drop(name);
      void message.success(t(id ? 'wizard.changed' : 'wizard.made', { title: draft.title }));
      leave();
    } catch (e) {
      if (!(e instanceof Stay)) refuse(e);
    } finally {
      setBusy(false);
    }
  };
  const save = () => {
    for (let at = 1; at <= 3; at++) {
      const found = problemsOf(draft, at, t as Words);
      if (Object.keys(found).length > 0) {
        setProblems(found);
        return go(at);
      }
    }
    return void send();
  };
  const shown = Object.entries(problems).filter(([field]) => stepOf(field) === step && !['reason', 'title', 'priority', 'restarts', 'restart_delay_s', 'endless', 'zone'].includes(field) && !field.startsWith('schedule'));
  const mayControl = may('Write.Devices');
  return (
    <>
      <div className="panel">
        <Steps size="small" current={step - 1} onChange={(at) => move(at + 1)} items={[1, 2, 3].map((n) => ({ title: t(`wizard.step${n}`) }))} />
      </div>
      <Summary draft={draft} />
      {shown.length > 0 && <Alert type="error" showIcon role="alert" title={shown.map(([, text]) => text).join('; ')} />}
      {step === 1 && <DevicePicker devices={draft.devices} groups={draft.groups} onDevices={(devices) => put({ devices })} onGroups={(groups) => put({ groups })} />}
      {step === 2 && <WorkEditor owed value={draft.work} onChange={(work) => put({ work, reason: switches(work) ? draft.reason : '' })} reason={draft.reason} onReason={(reason) => put({ reason })} mayControl={mayControl} reasonProblem={problems.reason} />}
      {step === 3 && <LastStep draft={draft} put={put} problems={problems} />}
      <div className="toolbar" style={{ position: 'sticky', bottom: 0, padding: '8px 0', background: 'var(--svod-color-bg-layout)', zIndex: 5 }}>
        <Button icon={<LeftOutlined />} disabled={step === 1} onClick={() => go(step - 1)}>{t('wizard.back')}</Button>
        {step < 3 ? <Button type="primary" icon={<RightOutlined />} iconPlacement="end" onClick={() => move(step + 1)}>{t('wizard.forward')}</Button>
          : <Button type="primary" loading={busy} onClick={save}>{t(id ? 'app:save' : 'wizard.create')}</Button>}
        {id && step < 3 && <Button loading={busy} onClick={save}>{t('app:save')}</Button>}
        <span className="grow" />
        <Button onClick={() => navigate('/tasks')}>{t('app:cancel')}</Button>
        <Button type="text" disabled={!dirty} onClick={onClear}>{t('app:clear')}</Button>
      </div>
    </>
  );
}

export default function TaskWizard() {
  const { t } = useTranslation('collection');
  const params = useParams();
  const [words] = useSearchParams();
  const id = Number(params.id) || undefined, from = id ? undefined : Number(words.get('from')) || undefined;
  const name = id ? String(id) : from ? `from-${from}` : 'new';
  const source = id ?? from;
  const [former, setFormer] = useState(() => kept.read(name));
  const [generation, setGeneration] = useState(0);
  const { data, error } = useQuery({
    queryKey: ['task-draft', name], enabled: !!source && !former, gcTime: 0, staleTime: Infinity,
    queryFn: () => draftOf(source!, from ? (title) => t('wizard.copyOf', { title }) : undefined),
  });
  const begin = former?.seen ?? (source ? data : emptyDraft());
  const clear = () => {
    kept.drop(name);
    setFormer(undefined);
    setGeneration(generation + 1);
  };
  const title = id ? t('wizard.edit') : t('wizard.new');
  return (
    <PageFrame title={title} back="/tasks">
      {error && <Alert type="error" showIcon title={error.message} />}
      {begin ? <Wizard key={`${name}.${generation}`} name={name} id={id} from={from} seen={begin} begin={former?.draft ?? begin} restored={!!former} onClear={clear} /> : !error && <Spin aria-label={t('app:loading')} style={{ display: 'block', margin: '15vh auto' }} />}
    </PageFrame>
  );
}
