// Readings of one resource (S0 4.4.2–4.4.4): now, archives, journals; what lies in the archive is shown at once, «Считать показания»
// asks the meters, live, until they have answered or it is stopped.
import { DownloadOutlined, FilterOutlined, ThunderboltOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, DatePicker, Empty, Progress, Segmented, Select, Skeleton } from 'antd';
import dayjs from 'dayjs';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Query } from '../api/client';
import { useMay, useSetting } from '../api/session';
import { countText } from '../app/format';
import { currentLanguage } from '../app/i18n';
import { Result } from '../collection/parts';
import { useAct } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { PageTabs } from '../parts/tabs';
import { RangeBox } from '../seeing/RangeBox';
import { useWords, wall, type Range } from '../seeing/time';
import { TestPanel, useTest } from '../table/test';
import { DevicesPanel, FilterBar, noFilter, passes, type Filter } from './DevicesPanel';
import { spanOf, useKinds, useReadingDevices, usualRange, workOf, type Device, type Kind, type Part, type Resource } from './kinds';
import { linesMost, useLines, useRefreshLines, type Line } from './lines';
import { Contact, LinesTable } from './LinesTable';
import { JournalChoice, ParameterChoice } from './Parameters';
import './readings.css';

/** As many meters as an address can name; more are meant by their group, or are all. */
const namedMost = 1500;
const parts: Part[] = ['now', 'archive', 'journal'];

/** A range in the address, to the minute. */
function rangeOf(text: string | null, kind: Kind): Range {
  const [from, to] = (text ?? '').split('~').map((part) => dayjs(part));
  return from?.isValid() && to?.isValid() && !to.isBefore(from) ? [from, to] : usualRange(kind);
}

function PeriodBox({ kind, value, onChange }: { kind: Kind; value: Range; onChange: (range: Range) => void }) {
  const { t } = useTranslation('readings');
  if (kind.grid === 'day' || kind.grid === 'month') return <RangeBox value={value} onChange={onChange} months={kind.grid === 'month'} />;
  const now = dayjs(), days = (count: number): Range => [now.startOf('day').subtract(count - 1, 'day'), now.endOf('day')];
  return (
    <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} value={value} allowClear={false} aria-label={t('period')} style={{ width: 330, maxWidth: '100%' }} format={currentLanguage() === 'en' ? 'YYYY-MM-DD HH:mm' : 'DD.MM.YYYY HH:mm'}
      placeholder={[t('from'), t('to')]} presets={([1, 2, 7, 30, 60] as const).map((count) => ({ label: t('lastDays', { count }), value: days(count) }))} onChange={(next) => next?.[0] && next[1] && onChange([next[0], next[1]])} />
  );
}

/** Who is asked about, and what: kept in the address, choices of parameters per user. */
function useQuestion(kinds: Kind[], devices: Device[], chosen: number[], filter: Filter) {
  const [word, put] = useWords('');
  const [columnsOf, setColumnsOf] = useSetting<Record<string, string[]>>('readings.columns', {});
  const [journals, setJournals] = useState<number[]>();
  const kind = kinds.find((one) => one.name === word('kind')) ?? kinds[0];
  const range = useMemo(() => rangeOf(word('range'), kind), [word('range'), kind]); // eslint-disable-line react-hooks/exhaustive-deps
  const thousandth = kind.scales && word('scale') === '1/1000';
  const columns = columnsOf[kind.name];
  const setColumns = (names: string[] | undefined) => {
    const { [kind.name]: _, ...others } = columnsOf;
    setColumnsOf(names ? { ...others, [kind.name]: names } : others);
  };
  const found = devices.filter((device) => passes(device, filter)), whom = chosen.length ? chosen : found.map((device) => device.id);
  const everybody = whom.length === devices.length, grouped = !chosen.length && !!filter.group && !filter.search && !filter.type;
  const nothing = whom.length === 0 || columns?.length === 0 || journals?.length === 0;
  const tooMany = !everybody && !grouped && whom.length > namedMost;
  const query: Query | undefined = nothing || tooMany ? undefined : {
    kind: kind.name, ...spanOf(kind, range), columns, journals: kind.journals.length ? journals : undefined, scale: thousandth ? '1/1000' : undefined,
    ...(everybody ? {} : grouped ? { group: filter.group } : { devices: whom }),
  };
  return { kind, range, thousandth, columns, setColumns, journals, setJournals, whom, query, tooMany, nothing, put };
}

/** Columns that hold something, when nobody has said which; in the unit of the scale. */
function useShown(kind: Kind, chosen: string[] | undefined, hideEmpty: boolean, lines: Line[], answered: { name: string; unit: string }[]) {
  return useMemo(() => {
    const known = new Map(kind.columns.map((column) => [column.name, column]));
    const all = answered.flatMap(({ name, unit }, place) => (known.has(name) ? [{ column: known.get(name)!, place, unit }] : []));
    if (chosen || !hideEmpty || kind.page === 'journal') return all;
    const held = new Set<number>();
    for (const line of lines) line.values.forEach((value, i) => value !== null && held.add(i));
    return all.filter(({ place }) => held.has(place));
  }, [kind, chosen, hideEmpty, lines, answered]);
}

function Tab({ resource, part, chosen, choose }: { resource: Resource; part: Part; chosen: number[]; choose: (ids: number[]) => void }) {
  const { t } = useTranslation('readings');
  const kinds = useKinds(resource, part), devices = useReadingDevices(resource);
  if (devices.error) return <Alert type="error" showIcon title={devices.error.message} />;
  if (!kinds || !devices.data) return <Skeleton active />;
  if (devices.data.items.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={<>{t('noMeters')}<br /><span className="quiet">{t('noMetersHint')}</span></>} />;
  return <Asked kinds={kinds} devices={devices.data.items} chosen={chosen} choose={choose} />;
}

function Downloads({ query, names }: { query: Query | undefined; names: string[] }) {
  const { t } = useTranslation('readings');
  const act = useAct();
  const save = (path: string) => void act(() => api.download(path, { ...query, columns: names.length ? names : undefined }));
  return (
    <>
      <Button icon={<DownloadOutlined />} disabled={!query} onClick={() => save('/readings.json')}>{t('json')}</Button>
      <Button icon={<DownloadOutlined />} disabled={!query} onClick={() => save('/readings.xlsx')}>{t('excel')}</Button>
    </>
  );
}

function Asked({ kinds, devices, chosen, choose }: { kinds: Kind[]; devices: Device[]; chosen: number[]; choose: (ids: number[]) => void }) {
  const { t } = useTranslation('readings');
  const may = useMay();
  const [filter, setFilter] = useState<Filter>(noFilter);
  const [open, setOpen] = useState(false);
  const [hideEmpty, setHideEmpty] = useSetting('readings.hideEmpty', true);
  const q = useQuestion(kinds, devices, chosen, filter);
  const { kind, range, whom } = q, now = kind.page === 'now';
  const result = useLines(q.query);
  const columns = useShown(kind, q.columns, hideEmpty, result.lines, result.columns);
  const test = useTest();
  const launch = may('Write.Scheduler.JobLaunches');
  useLive(test, now);
  const begin = test.begin;
  const latest = useRef({ kind, range });
  latest.current = { kind, range };
  const order = useCallback((ids: number[]) => begin({ title: latest.current.kind.title, work: workOf(latest.current.kind, latest.current.range) }, ids), [begin]);
  const orderRef = useRef(order);
  orderRef.current = order;
  const again = useCallback((device: Device) => void orderRef.current([device.id]), []);
  const results = test.devices;
  const key = [...results.values()].map((row) => `${row.device}${row.result}${row.ended ?? ''}`).join();
  const statusOf = useCallback((device: Device) => (results.has(device.id) ? <Result result={results.get(device.id)!.result} /> : <Contact device={device} />), [key]); // eslint-disable-line react-hooks/exhaustive-deps
  const gaps = useMemo(() => result.lines.filter((line) => line.gap), [result.lines]);
  const going = !!test.run && !test.run.ended;
  const busy = result.pending || (result.fetching && result.lines.length === 0);
  return (
    <>
      <div className="toolbar">
        {kinds.length > 1 && (kinds.length > 3
          ? <Select value={kind.name} aria-label={t('kind')} style={{ minWidth: 270, maxWidth: '100%' }} popupMatchSelectWidth={false} options={kinds.map((one) => ({ value: one.name, label: one.title }))} onChange={(name) => q.put({ kind: name, range: undefined })} />
          : <Segmented value={kind.name} aria-label={t('kind')} options={kinds.map((one) => ({ value: one.name, label: one.title }))} onChange={(name) => q.put({ kind: name, range: undefined })} />)}
        {!now && <PeriodBox kind={kind} value={range} onChange={([from, to]) => q.put({ range: `${wall(from)}~${wall(to)}` })} />}
        {kind.scales && <Segmented value={q.thousandth ? '1/1000' : '1'} aria-label={t('scale')} options={['1', '1/1000']} onChange={(scale) => q.put({ scale: scale === '1' ? undefined : scale })} />}
        {(kind.page !== 'journal' || kind.journals.length > 0) && <Button icon={<FilterOutlined />} aria-expanded={open} onClick={() => setOpen(!open)}>{t(kind.page === 'journal' ? 'journals' : 'parameters')}</Button>}
        <span className="grow" />
        {launch && <Button type="primary" icon={<ThunderboltOutlined />} disabled={going || whom.length === 0} onClick={() => void order(whom)}>{t('readCount', { count: whom.length })}</Button>}
      </div>
      {open && (
        <section className="panel" data-testid="choice">
          {kind.page === 'journal' ? <JournalChoice kind={kind} value={q.journals} onChange={q.setJournals} /> : (
            <>
              <Checkbox checked={hideEmpty} onChange={(e) => setHideEmpty(e.target.checked)}>{t('hideEmpty')}</Checkbox>
              <ParameterChoice kind={kind} thousandth={q.thousandth} value={q.columns} onChange={q.setColumns} />
            </>
          )}
        </section>
      )}
      {now ? <div className="toolbar"><FilterBar devices={devices} filter={filter} change={setFilter} />{chosen.length > 0 && <Button type="link" size="small" onClick={() => choose([])}>{t('chooseNone')}</Button>}</div>
        : <DevicesPanel devices={devices} chosen={chosen} choose={choose} filter={filter} change={setFilter} />}
      <TestPanel test={test} />
      {q.tooMany && <Alert type="warning" showIcon title={t('tooMany', { count: namedMost })} />}
      {result.error && <Alert type="error" showIcon title={result.error.message} />}
      {!busy && <Figures lines={result.lines.length} gaps={gaps} loaded={result.loaded} total={result.total} cut={result.cut} ask={launch && !going ? (ids) => void order(ids) : undefined}
        save={<Downloads query={q.query} names={q.columns || kind.page === 'journal' ? [] : columns.map(({ column }) => column.name)} />} />}
      <NowOrThen now={now} kind={kind} devices={devices} filter={filter} lines={result.lines} columns={columns} statusOf={now ? statusOf : undefined} chosen={chosen} choose={choose}
        again={launch ? again : undefined} loading={busy} empty={q.nothing ? t('nothingChosen') : t('empty')} />
    </>
  );
}

/** While an order goes on, what has come is shown: of the present soon, of archives at the end. */
function useLive(test: ReturnType<typeof useTest>, now: boolean) {
  const refresh = useRefreshLines();
  const ended = [...test.devices.values()].filter((row) => row.ended).length, over = !!test.run?.ended;
  useEffect(() => {
    if (test.run && (over || (now && ended > 0))) refresh(over);
  }, [test.run?.id, over, now ? ended : 0]); // eslint-disable-line react-hooks/exhaustive-deps
}

/** Of the present every meter has its line, chosen in the table itself. */
function NowOrThen({ now, devices, filter, lines, chosen, choose, ...rest }: Omit<Parameters<typeof LinesTable>[0], 'selection'> & { now: boolean; devices: Device[]; filter: Filter; chosen: number[]; choose: (ids: number[]) => void }) {
  const shown = useMemo(() => (now ? lines.filter((line) => passes(line.device, filter)) : lines), [now, lines, filter]);
  return <LinesTable {...rest} lines={shown} selection={now ? { keys: chosen, choose } : undefined} />;
}

function Figures({ lines, gaps, loaded, total, cut, ask, save }: { lines: number; gaps: Line[]; loaded: number; total: number; cut: boolean; ask?: (ids: number[]) => void; save: ReactNode }) {
  const { t } = useTranslation('readings');
  const whom = [...new Set(gaps.map((line) => line.device.id))];
  return (
    <div className="lines-figures" data-testid="figures" aria-live="polite">
      <span>{t('figures', { meters: countText(total), lines: countText(lines) })}</span>
      {loaded < total && !cut && <Progress percent={Math.floor((loaded * 100) / total)} size="small" style={{ width: 160 }} aria-label={t('loading')} />}
      {cut && <State kind="partial">{t('cut', { count: linesMost })}</State>}
      {gaps.length > 0 && <State kind="partial">{t('gaps', { count: gaps.length })}</State>}
      {gaps.length > 0 && ask && <Button size="small" onClick={() => ask(whom)}>{t('askGaps', { count: whom.length })}</Button>}
      <span className="grow" />
      {save}
    </div>
  );
}

export function ReadingsPage({ resource }: { resource: Resource }) {
  const { t } = useTranslation('readings');
  const kinds = useKinds(resource);
  const [now, setNow] = useState<number[]>([]);
  const [then, setThen] = useState<number[]>([]);
  if (!kinds) return <PageFrame title={t(`resource.${resource}`)}><Skeleton active /></PageFrame>;
  return (
    <PageFrame title={t(`resource.${resource}`)}>
      <PageTabs items={parts.filter((part) => kinds.some((kind) => kind.page === part)).map((part) => ({
        key: part, label: t(`part.${part}`), children: <div className="page" style={{ padding: 0 }}><Tab resource={resource} part={part} chosen={part === 'now' ? now : then} choose={part === 'now' ? setNow : setThen} /></div>,
      }))} />
    </PageFrame>
  );
}
