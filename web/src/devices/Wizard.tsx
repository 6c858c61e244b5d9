// The edit wizard (S3 2.2.5, 3.8, 3.9): the same values for many devices, or each its own; over the device, its line, its channel
// and its protocol profile. All of a change is written, or nothing.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, App, AutoComplete, Button, Empty, Flex, Input, InputNumber, Progress, Segmented, Select, Tag } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { api, ApiError, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { useLeaveGuard } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { serialsOf } from './DeviceDialog';
import { useDrivers, useGroups, useRegistryChanged } from './registry';
import { cellKey, WizardGrid, type Edits } from './WizardGrid';
import { entities, fieldOfColumn, put, readRows, wizardColumns, type WizardColumn, type WizardRow } from './wizardColumns';

const most = 1000;

/** Serial numbers of the box → devices, and numbers that are nobody's. */
function useFound(text: string, chosen: Set<number> | undefined) {
  const [words, setWords] = useState(text);
  useEffect(() => {
    const wait = setTimeout(() => setWords(text), 400);
    return () => clearTimeout(wait);
  }, [text]);
  const serials = serialsOf(words);
  const found = useQuery({
    queryKey: ['/devices/find', serials], enabled: serials.length > 0, staleTime: 0,
    queryFn: async () => {
      const { items, missing } = await api.post<Answer<'/api/v1/devices/find', 'post'>>('/devices/find', { serials: serials.slice(0, most) });
      // A serial number may be of several devices: those that were chosen in the list are meant.
      const of = new Map<string, typeof items>();
      for (const item of items) of.set(item.serial, [...(of.get(item.serial) ?? []), item]);
      const meant = [...of.values()].flatMap((same) => (same.some((item) => chosen?.has(item.id)) ? same.filter((item) => chosen?.has(item.id)) : same));
      return { rows: await readRows(meant), missing };
    },
  });
  return { rows: serials.length ? found.data?.rows ?? [] : [], missing: serials.length ? found.data?.missing ?? [] : [], busy: found.isFetching || words !== text, error: found.error, refresh: found.refetch };
}

/** What the server did not like: "rows[3].link.port" → the third request's channel. */
function mistakesOf(error: ApiError, requests: Request[]): { id?: number; field: string; message: string }[] {
  return error.fields.map(({ field, message }) => {
    const [, at, rest] = /^rows\[(\d+)\]\.?(.*)$/.exec(field) ?? [];
    return { id: at === undefined ? undefined : requests[Number(at)]?.id, field: rest ?? field, message };
  });
}

/** One value for all, by the kind of its parameter. */
function CommonInput({ column, value, onChange, wrong }: { column: WizardColumn; value: string; onChange: (value: string) => void; wrong?: string }) {
  const groups = useGroups();
  const status = wrong ? 'error' as const : undefined;
  const words = { 'aria-label': column.title, status, style: { width: '100%' } };
  if (column.choices) return <Select {...words} value={value || undefined} options={column.choices} onChange={onChange} />;
  if (column.kind === 'number') return <InputNumber {...words} value={value === '' ? null : Number(value)} precision={0} onChange={(next) => onChange(next === null ? '' : String(next))} />;
  if (column.kind === 'secret') return <Input.Password {...words} value={value} autoComplete="new-password" onChange={(e) => onChange(e.target.value)} />;
  if (column.key === 'device.group') return <AutoComplete {...words} value={value} options={groups?.map((group) => ({ value: group.title }))} onChange={onChange} showSearch={{ filterOption: (typed, option) => String(option?.value).toLowerCase().includes(typed.toLowerCase()) }} />;
  return <Input {...words} value={value} onChange={(e) => onChange(e.target.value)} />;
}

/** The columns in the order in which they were chosen. */
const inOrder = (columns: WizardColumn[], keys: string[]) => keys.flatMap((key) => columns.filter((column) => column.key === key));

interface CommonProps {
  columns: WizardColumn[];
  rows: WizardRow[];
  values: Edits;
  problems: Record<string, string>;
  onChange: (values: Edits) => void;
}

function CommonMode({ columns, rows, values, problems, onChange }: CommonProps) {
  const { t } = useTranslation('wizard');
  const chosen = inOrder(columns, Object.keys(values));
  if (chosen.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('commonHint')} />;
  return (
    <Flex vertical gap={8} data-testid="wizard-common">
      {chosen.map((column) => {
        const of = rows.filter(column.applies).length;
        return (
          <Flex key={column.key} wrap gap="4px 12px" align="center">
            <div style={{ flex: '1 1 200px' }}>
              {column.title}
              <div style={{ fontSize: 12, color: 'var(--svod-color-text-secondary)' }}>{t(`entity.${column.entity}`)}{of < rows.length && ` · ${t('appliesTo', { count: of, total: rows.length })}`}</div>
            </div>
            <div style={{ flex: '2 1 240px', minWidth: 0 }}>
              <CommonInput column={column} value={values[column.key]} wrong={problems[column.key]} onChange={(value) => onChange({ ...values, [column.key]: value })} />
              {problems[column.key] && <div className="wizard-problem" role="alert" style={{ padding: 0, maxWidth: 'none' }}>{problems[column.key]}</div>}
            </div>
            <Button type="text" icon={<DeleteOutlined />} aria-label={t('removeParameter', { title: column.title })} onClick={() => { const { [column.key]: _, ...rest } = values; onChange(rest); }} />
          </Flex>
        );
      })}
    </Flex>
  );
}

type Request = Record<string, unknown> & { id: number };

/** The request: what is written for each device; columns that do not apply to it stay out. */
function requestOf(rows: WizardRow[], columns: WizardColumn[], text: (row: WizardRow, column: WizardColumn) => string | undefined, withRevision: boolean) {
  const problems: Record<string, string> = {};
  const requests = rows.flatMap((row) => {
    const request: Request = { id: row.id, ...(withRevision ? { revision: row.revision } : {}) };
    let changes = 0;
    for (const column of columns) {
      const typed = text(row, column);
      if (typed === undefined || !column.applies(row)) continue;
      const value = column.parse(typed);
      if (value === undefined) problems[cellKey(row, column)] = 'unreadable';
      else put(request, column, value);
      changes++;
    }
    return changes ? [request] : [];
  });
  return { requests, problems };
}

function ParameterChoice({ columns, rows, value, onChange }: { columns: WizardColumn[]; rows: WizardRow[]; value: string[]; onChange: (keys: string[]) => void }) {
  const { t } = useTranslation('wizard');
  const drivers = useDrivers();
  const may = useMay();
  const allowed: Record<string, boolean> = { device: true, line: may('Write.DeviceCommline'), link: may('Write.ChannelSettings'), protocol: may('Write.ProtocolSettings') };
  const there = columns.filter((column) => allowed[column.entity] && (rows.length === 0 ? column.entity !== 'protocol' : rows.some(column.applies)));
  const options = entities.filter((entity) => entity !== 'protocol').map((entity) => ({ label: t(`entity.${entity}`), options: there.filter((column) => column.entity === entity).map((column) => ({ value: column.key, label: column.title })) }));
  for (const driver of drivers ?? []) {
    const own = there.filter((column) => column.key.startsWith(`protocol.${driver.name}.`));
    if (own.length) options.push({ label: `${t('entity.protocol')}: ${driver.title}`, options: own.map((column) => ({ value: column.key, label: column.title })) });
  }
  return (
    <Select mode="multiple" value={value} onChange={onChange} style={{ minWidth: 260, flex: '1 1 260px' }} maxTagCount={0} maxTagPlaceholder={() => t('parametersChosen', { count: value.length })} prefix={<PlusOutlined />}
      placeholder={t('addParameter')} aria-label={t('addParameter')} showSearch={{ optionFilterProp: 'label' }} options={options.filter((group) => group.options.length > 0)} />
  );
}

interface Draft {
  /** The serial numbers it was opened with: what was begun for others is not theirs. */
  chosen: string[];
  text: string;
  unique: boolean;
  common: Edits;
  shown: string[];
  edits: Edits;
}

const draftKey = 'svod.draft.wizard';

/** What is typed survives leaving the page, a reload and a lost session: kept in the tab until it is written or cleared. */
const draft = {
  read: (chosen: string[] | undefined): Draft | undefined => {
    const kept = sessionStorage.getItem(draftKey), found = kept ? (JSON.parse(kept) as Draft) : undefined;
    return found && (!chosen?.length || chosen.join() === found.chosen.join()) ? found : undefined;
  },
  write: (words: Draft) => sessionStorage.setItem(draftKey, JSON.stringify(words)),
  drop: () => sessionStorage.removeItem(draftKey),
};

const without = (edits: Edits, secret: (key: string) => boolean): Edits => Object.fromEntries(Object.entries(edits).filter(([key]) => !secret(key)));

export default function Wizard() {
  const { t } = useTranslation('wizard');
  const { message, modal } = App.useApp();
  const state = useLocation().state as { ids?: number[]; serials?: string[] } | null;
  const drivers = useDrivers();
  const changed = useRegistryChanged();
  const [former] = useState(() => draft.read(state?.serials));
  const [text, setText] = useState(former?.text ?? state?.serials?.join('\n') ?? '');
  const [chosenIds] = useState(() => (state?.ids ? new Set(state.ids) : undefined));
  const [unique, setUnique] = useState(former?.unique ?? false);
  const [common, setCommon] = useState<Edits>(former?.common ?? {});
  const [shown, setShown] = useState<string[]>(former?.shown ?? []);
  const [edits, setEdits] = useState<Edits>(former?.edits ?? {});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const { rows, missing, busy: finding, error, refresh } = useFound(text, chosenIds);
  const columns = useMemo(() => wizardColumns(t, drivers ?? []), [t, drivers]);
  const grid = inOrder(columns, shown);
  const dirty = unique ? Object.keys(edits).length > 0 : Object.keys(common).length > 0;
  useLeaveGuard(dirty && !busy, true);
  useEffect(() => {
    if (former) void message.info(t('app:draftRestored'));
  }, [former, message, t]);
  const typed = useRef(!!former);
  useEffect(() => {
    const secret = (key: string) => columns.some((column) => column.kind === 'secret' && key.endsWith(column.key));
    const empty = Object.keys(edits).length + Object.keys(common).length === 0;
    if (empty && typed.current) draft.drop();
    if (empty || !drivers) return;
    typed.current = true;
    draft.write({ chosen: state?.serials ?? [], text, unique, common: without(common, secret), shown, edits: without(edits, secret) });
  }, [text, unique, common, shown, edits, columns, drivers, state]);

  const unreadable = (found: Record<string, string>) => Object.fromEntries(Object.keys(found).map((key) => [unique ? key : key.slice(key.indexOf(':') + 1), t('unreadable')]));
  const showMistakes = (refusal: ApiError, requests: Request[]) => {
    const next: Record<string, string> = {};
    const other: string[] = [];
    for (const { id, field, message: why } of mistakesOf(refusal, requests)) {
      const column = columns.find((one) => fieldOfColumn(one) === field && rows.some((row) => (!id || row.id === id) && one.applies(row)));
      const serial = rows.find((row) => row.id === id)?.serial;
      if (!column) other.push(serial ? `${serial}: ${why}` : why);
      else if (unique && id) next[`${id}:${column.key}`] = why;
      else next[column.key] ??= serial ? `${serial}: ${why}` : why;
    }
    setProblems(next);
    void message.error(other.length ? other.slice(0, 3).join('; ') : refusal.message, 8);
  };
  const showFaster = (refusal: ApiError, requests: Request[]) => {
    const ids = new Set(mistakesOf(refusal, requests).map((mistake) => mistake.id));
    const serials = rows.filter((row) => ids.has(row.id)).map((row) => row.serial);
    modal.confirm({
      title: t('faster.title'), content: t('faster.hint', { serials: serials.slice(0, 10).join(', ') }), okText: t('faster.reread'), cancelText: t('app:cancel'),
      onOk: async () => { await refresh(); },
    });
  };
  const save = async () => {
    const text = unique ? (row: WizardRow, column: WizardColumn) => edits[cellKey(row, column)] : (_: WizardRow, column: WizardColumn) => common[column.key];
    const { requests, problems: unread } = requestOf(rows, unique ? grid : columns, text, unique);
    if (Object.keys(unread).length) return setProblems(unreadable(unread));
    setBusy(true);
    setProblems({});
    try {
      const { devices, links, protocols } = await api.post<Answer<'/api/v1/devices/wizard', 'post'>>('/devices/wizard', { rows: requests });
      setEdits({});
      setCommon({});
      await changed();
      void message.success(t('done', { devices, links, protocols }));
    } catch (e) {
      if (e instanceof ApiError && e.code === 'changed') showFaster(e, requests);
      else if (e instanceof ApiError) showMistakes(e, requests);
      else throw e;
    } finally {
      setBusy(false);
    }
  };
  const choose = (keys: string[]) => (unique ? setShown(keys) : setCommon(Object.fromEntries(keys.map((key) => [key, common[key] ?? '']))));

  return (
    <PageFrame title={t('title')} back="/devices"
      actions={<Segmented value={unique} onChange={(next) => { setUnique(next); setProblems({}); }} aria-label={t('mode')} options={[{ value: false, label: t('common') }, { value: true, label: t('unique') }]} />}>
      {error && <Alert type="error" showIcon title={error.message} />}
      <Flex wrap gap={12} align="stretch">
        <section className="panel" style={{ flex: '1 1 200px', maxWidth: 340 }}>
          <label htmlFor="wizard-serials" style={{ fontWeight: 600 }}>{t('serials')}</label>
          <Input.TextArea id="wizard-serials" value={text} onChange={(e) => setText(e.target.value)} autoSize={{ minRows: 6, maxRows: 24 }} className="mono" placeholder={t('serialsHint')} style={{ marginTop: 8 }} />
          <Flex wrap gap={8} style={{ marginTop: 8 }}>
            <Tag>{t('found', { count: rows.length })}</Tag>
            {finding && text && <Progress type="circle" percent={50} size={14} showInfo={false} aria-label={t('app:loading')} />}
          </Flex>
          {missing.length > 0 && <Alert type="warning" style={{ marginTop: 8 }} title={t('missing', { serials: missing.slice(0, 10).join(', '), count: missing.length })} />}
          {serialsOf(text).length > most && <Alert type="warning" style={{ marginTop: 8 }} title={t('tooMany', { most })} />}
        </section>
        <section className="panel" style={{ flex: '4 1 480px' }}>
          <div className="toolbar" style={{ marginBottom: 12 }}>
            <ParameterChoice columns={columns} rows={rows} value={unique ? shown : Object.keys(common)} onChange={choose} />
            <Button type="primary" disabled={!dirty || rows.length === 0 || finding} loading={busy} onClick={() => void save()}>{t(unique ? 'app:save' : 'edit')}</Button>
            <Button type="text" disabled={!dirty} onClick={() => { setEdits({}); setCommon({}); setProblems({}); }}>{t('app:clear')}</Button>
          </div>
          {!unique ? <CommonMode columns={columns} rows={rows} values={common} problems={problems} onChange={setCommon} />
            : rows.length === 0 || grid.length === 0 ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(rows.length === 0 ? 'noDevices' : 'uniqueHint')} />
              : <WizardGrid rows={rows} columns={grid} edits={edits} problems={problems} onEdit={setEdits} />}
        </section>
      </Flex>
    </PageFrame>
  );
}
