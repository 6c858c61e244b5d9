// How much is collected, by which hour, what is missing and why; down to the devices, and asking them again.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Empty, Segmented, Select, Spin, Tag } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Row } from '../api/client';
import { countText, timeText } from '../app/format';
import { PageFrame } from '../parts/page';
import { State, useStateColors } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { HoursPanel } from './HoursPanel';
import { CollectButton, CollectionLine } from './collect';
import { PercentCell, percentWords, usePercentColor } from './percent';
import { useGroups } from './groups';
import { RangeBox } from './RangeBox';
import './seeing.css';
import { daySpan, monthSpan, rangeRead, rangeText, useWords, type Range } from './time';

type Share = Row<'/api/v1/completeness'>;
type Missing = Row<'/api/v1/completeness/missing'>;
type Archive = 'day' | 'profile' | 'hour' | 'month';

const bys = ['reason', 'group', 'link', 'maker', 'model', 'driver'] as const;
type By = (typeof bys)[number];

/** The row of devices without a group, a maker: in the address it needs a sign. */
const nameless = '∅';

/** What can be there by now: registers of today, profiles of yesterday, the month's registers. */
function usual(archive: Archive): Range {
  const today = dayjs().startOf('day');
  if (archive === 'month') return [today.startOf('month'), today.startOf('month')];
  return archive === 'day' ? [today, today] : [today.subtract(1, 'day'), today.subtract(1, 'day')];
}

function useChoice() {
  const [word, change] = useWords('');
  const archive = (word('archive') ?? 'day') as Archive, months = archive === 'month';
  const range = rangeRead(word('range'), usual(archive));
  const put = (part: Record<string, string | undefined>) => change({ 'm.page': undefined, ...part });
  return { archive, months, range, group: word('group') ?? undefined, by: (word('by') ?? 'reason') as By, key: word('key') === nameless ? '' : word('key') ?? undefined, span: months ? monthSpan(range) : daySpan(range), put };
}

type Choice = ReturnType<typeof useChoice>;

function useShares(choice: Choice, by: string, missing: boolean) {
  const query = { archive: choice.archive, ...choice.span, group: choice.group, by, missing: missing || undefined };
  return useQuery({ queryKey: ['/completeness', query], placeholderData: keepPreviousData, queryFn: ({ signal }) => api.get<{ items: Share[] }>('/completeness', query, signal) });
}

function Head({ all }: { all?: Share }) {
  const { t } = useTranslation('seeing');
  const color = usePercentColor(), colors = useStateColors();
  if (!all) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('completeness.empty')} />;
  const cards: [string, string, string | undefined][] = [
    [t('completeness.percent'), percentWords(all.percent), color(all.percent)], [t('completeness.whole'), `${countText(all.whole)} / ${countText(all.devices)}`, undefined],
    [t('completeness.missing'), countText(all.devices - all.whole), all.devices > all.whole ? colors.failed : undefined], [t('completeness.lacking'), `${countText(all.missing)} / ${countText(all.expected)}`, undefined],
  ];
  return (
    <div className="cards" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(170px, 100%), 1fr))' }}>
      {cards.map(([title, words, tint]) => <div key={title} className="panel"><div className="faint">{title}</div><div className="big" style={{ color: tint }}>{words}</div></div>)}
    </div>
  );
}

export default function CompletenessPage() {
  const { t } = useTranslation('seeing');
  const choice = useChoice();
  const groups = useGroups();
  const all = useShares(choice, 'all', false);
  const { archive, months, range, group, put } = choice;
  return (
    <PageFrame title={t('completeness.title')}>
      <div className="toolbar">
        <Segmented value={archive} onChange={(next) => put({ archive: next, range: undefined, key: undefined })} options={(['day', 'profile', 'hour', 'month'] as const).map((value) => ({ value, label: t(`archive.${value}`) }))} />
        <RangeBox value={range} months={months} onChange={(next) => put({ range: rangeText(next) })} most={months ? 60 : 366} />
        <Select allowClear value={group} onChange={(next: string | undefined) => put({ group: next, key: undefined })} placeholder={t('widget.allGroups')} aria-label={t('widget.group')} style={{ minWidth: 180 }}
          showSearch={{ optionFilterProp: 'label' }} options={groups.map((title) => ({ value: title, label: title }))} />
      </div>
      <CollectionLine quiet />
      {all.error && <Alert type="error" showIcon title={all.error.message} />}
      {all.isPending ? <Spin /> : <Head all={all.data?.items[0]} />}
      {!months && <HoursPanel archive={archive as 'day'} group={group} until={range[1]} />}
      {(all.data?.items.length ?? 0) > 0 && <>
        <Shares choice={choice} />
        <MissingDevices choice={choice} />
      </>}
    </PageFrame>
  );
}

function Shares({ choice }: { choice: Choice }) {
  const { t } = useTranslation('seeing');
  const { by, key, put } = choice;
  const { data, error, isFetching } = useShares(choice, by, by === 'reason');
  const columns: Column<Share>[] = [
    { key: 'title', title: t(`completeness.by.${by}`), sortable: true, render: (row) => <a role="button" tabIndex={0} onClick={() => put({ key: row.key || nameless })} onKeyDown={(e) => { if (e.key === 'Enter') put({ key: row.key || nameless }); }} aria-pressed={row.key === key}>{row.title || t('completeness.unknown')}</a> },
    { key: 'devices', title: t('completeness.devices'), number: true, sortable: true, render: (row) => countText(row.devices) },
    { key: 'whole', title: t('completeness.whole'), number: true, sortable: true, hidden: by === 'reason', render: (row) => countText(row.whole) },
    { key: 'lacking', title: t('completeness.missing'), number: true, sortable: true, text: (row) => row.devices - row.whole, render: (row) => countText(row.devices - row.whole) },
    { key: 'missing', title: t('completeness.lacking'), number: true, sortable: true, render: (row) => countText(row.missing) },
    { key: 'percent', title: t('completeness.percent'), number: true, sortable: true, text: (row) => Number(row.percent), render: (row) => <PercentCell percent={row.percent} /> },
  ];
  return (
    <div className="panel">
      <div className="toolbar" style={{ marginBottom: 8 }}>
        <Segmented value={by} aria-label={t('completeness.by.title')} onChange={(next) => put({ by: next, key: undefined })} options={bys.map((value) => ({ value, label: t(`completeness.by.${value}`) }))} />
      </div>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<Share> name={`completeness-${by}`} prefix="s." dense rows={data?.items ?? []} rowKey={(row) => row.key} columns={columns} loading={isFetching}
        empty={<State kind="ok">{t('completeness.nobody')}</State>} />
    </div>
  );
}

function MissingDevices({ choice }: { choice: Choice }) {
  const { t } = useTranslation('seeing');
  const { archive, span, group, by, key, put } = choice;
  const shares = useShares(choice, by, by === 'reason');
  const row = shares.data?.items.find((one) => one.key === key);
  const query = { archive, ...span, group, ...(key === undefined ? {} : { by, key }) };
  const columns: Column<Missing>[] = [
    { key: 'serial', title: t('completeness.serial'), render: (one) => <Link to={`/devices/${one.device}`}>{one.serial}</Link> },
    { key: 'title', title: t('completeness.name') },
    { key: 'group', title: t('statistics.group') },
    { key: 'missing', title: t('completeness.lacking'), number: true, render: (one) => `${countText(one.missing)} / ${countText(one.expected)}` },
    { key: 'reason_text', title: t('completeness.reason'), render: (one) => <State kind={one.reason === 'partly' ? 'partial' : one.reason === 'never' || one.reason === 'disabled' ? 'never' : 'failed'}>{one.reason_text}</State> },
    { key: 'since', title: t('completeness.since'), render: (one) => timeText(one.since) },
    { key: 'asked', title: t('completeness.asked'), render: (one) => timeText(one.asked) },
    { key: 'model', title: t('completeness.by.model'), hidden: true },
    { key: 'driver', title: t('completeness.by.driver'), hidden: true },
  ];
  return (
    <section aria-label={t('completeness.who')} style={{ display: 'flex', flexDirection: 'column', gap: 8, minWidth: 0 }}>
      <div className="card-head" style={{ marginBottom: 0 }}>
        <h2>{t('completeness.who')}</h2>
        {key !== undefined && <Tag closable onClose={() => put({ key: undefined })}>{t('completeness.ofRow', { by: t(`completeness.by.${by}`), title: row?.title || t('completeness.unknown') })}</Tag>}
      </div>
      <DataTable<Missing> name="missing" prefix="m." path="/completeness/missing" query={query} rowKey={(one) => one.device} columns={columns} searchable={false} selectable
        actions={(selection) => <>
          <CollectButton primary whom={query}>{t('collect.missing')}</CollectButton>
          {selection.keys.length > 0 && <CollectButton whom={{ devices: selection.keys.map(Number) }}>{t('collect.selected')}</CollectButton>}
        </>}
        empty={<State kind="ok">{t(key === undefined ? 'completeness.nobody' : 'completeness.nobodyHere')}</State>} />
    </section>
  );
}
