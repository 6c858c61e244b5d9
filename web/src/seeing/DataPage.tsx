// Data of devices side by side (S3 2.2.7): resource, archive, range, quantities, tariffs and devices make the table; the same
// question goes out as CSV or as a workbook.
import { DownloadOutlined, ExclamationCircleOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Form, Pagination, Select, Spin, Table, type TableColumnType } from 'antd';
import dayjs from 'dayjs';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, type Answer, type Row } from '../api/client';
import { countText, dayText, timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { Value } from './quality';
import { RangeBox } from './RangeBox';
import { useGroups } from './groups';
import './seeing.css';
import { daySpan, lastDays, monthSpan, monthText, rangeRead, rangeText, type Range } from './time';

type DataTable = Answer<'/api/v1/data'>;
type Line = DataTable['items'][number];
type Resource = 'electricity' | 'water' | 'heat' | 'gas';
type Archive = 'day' | 'month' | 'current';

const resources: Resource[] = ['electricity', 'water', 'heat', 'gas'];
const quantities: Record<Resource, string[]> = {
  electricity: ['1.0.1.8.0.255', '1.0.2.8.0.255', '1.0.3.8.0.255', '1.0.4.8.0.255'], water: ['8.0.1.0.0.255', '9.0.1.0.0.255'],
  heat: ['6.0.1.0.0.255', '6.0.2.0.0.255', '6.0.3.0.0.255'], gas: ['7.0.3.0.0.255', '7.0.3.2.0.255'],
};
const PAGE = 50;

/** The question: kept in the address once «Сформировать» is pressed. */
interface Question {
  resource: Resource;
  archive: Archive;
  range: Range;
  quantities: string[];
  tariffs: number[];
  group?: string;
  devices: number[];
}

const split = (text: string | null) => (text ? text.split(',') : []);

function usualRange(archive: Archive): Range {
  return archive === 'month' ? [dayjs().startOf('month').subtract(5, 'month'), dayjs().startOf('month')] : lastDays(7);
}

function read(words: URLSearchParams): Question {
  const archive = (words.get('archive') ?? 'day') as Archive;
  return {
    resource: (words.get('resource') ?? 'electricity') as Resource, archive, range: rangeRead(words.get('range'), usualRange(archive)), quantities: split(words.get('quantities')),
    tariffs: split(words.get('tariffs')).map(Number), group: words.get('group') ?? undefined, devices: split(words.get('devices')).map(Number),
  };
}

function write(q: Question): Record<string, string> {
  const all = { asked: '1', resource: q.resource, archive: q.archive, range: q.archive === 'current' ? '' : rangeText(q.range), quantities: q.quantities.join(','), tariffs: q.tariffs.join(','), group: q.group ?? '', devices: q.devices.join(',') };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

function queryOf(q: Question) {
  const span = q.archive === 'current' ? {} : q.archive === 'month' ? monthSpan(q.range) : daySpan(q.range);
  const some = <T,>(list: T[]) => (list.length ? list : undefined);
  return { resource: q.resource, archive: q.archive, ...span, quantities: some(q.quantities), tariffs: some(q.tariffs), devices: some(q.devices), group: q.devices.length ? undefined : q.group };
}

/** Devices found by what is typed; those that are chosen stay known by name. */
function DeviceSelect({ value = [], onChange }: { value?: number[]; onChange?: (ids: number[]) => void }) {
  const { t } = useTranslation('seeing');
  const [typed, setTyped] = useState('');
  const { data, isFetching } = useQuery({
    queryKey: ['/devices', 'choice', typed], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<{ items: Row<'/api/v1/devices'>[] }>('/devices', { search: typed, size: 50, sort: 'serial' }, signal),
  });
  const [names, setNames] = useState<Record<number, string>>({});
  const found = (data?.items ?? []).map((device) => ({ value: device.id, label: device.title ? `${device.serial} · ${device.title}` : device.serial }));
  const kept = value.filter((id) => !found.some((one) => one.value === id)).map((id) => ({ value: id, label: names[id] ?? `№ ${id}` }));
  return (
    <Select mode="multiple" allowClear value={value} maxTagCount="responsive" loading={isFetching} placeholder={t('data.choose')} aria-label={t('data.devices')} style={{ minWidth: 240, maxWidth: 420 }} options={[...kept, ...found]}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      onChange={(ids: number[], chosen) => {
        setNames({ ...names, ...Object.fromEntries((chosen as { value: number; label: string }[]).map((one) => [one.value, one.label])) });
        onChange?.(ids);
      }} />
  );
}

function Asking({ first, ask }: { first: Question; ask: (question: Question) => void }) {
  const { t } = useTranslation('seeing');
  const [form] = Form.useForm<Question>();
  const groups = useGroups();
  const resource = Form.useWatch('resource', form) ?? first.resource, archive = Form.useWatch('archive', form) ?? first.archive;
  const devices = Form.useWatch('devices', form) ?? first.devices;
  const change = (changed: Partial<Question>) => {
    if (changed.resource) form.setFieldsValue({ quantities: [] });
    if (changed.archive) form.setFieldsValue({ range: usualRange(changed.archive) });
  };
  return (
    <Form<Question> form={form} layout="vertical" initialValues={first} onValuesChange={change} onFinish={(values) => ask({ ...first, ...values })} className="panel">
      <div className="toolbar" style={{ alignItems: 'flex-end' }}>
        <Form.Item name="resource" label={t('data.resource')} style={{ margin: 0 }}><Select style={{ minWidth: 150 }} options={resources.map((value) => ({ value, label: t(`data.${value}`) }))} /></Form.Item>
        <Form.Item name="archive" label={t('archive.title')} style={{ margin: 0 }}><Select style={{ minWidth: 170 }} options={(['day', 'month', 'current'] as const).map((value) => ({ value, label: t(`archive.${value}`) }))} /></Form.Item>
        {archive !== 'current' && <Form.Item name="range" label={t('range.title')} tooltip={t('data.limit')} style={{ margin: 0 }} trigger="onChange"><RangeField months={archive === 'month'} /></Form.Item>}
        <Form.Item name="quantities" label={t('data.quantities')} style={{ margin: 0 }}>
          <Select mode="multiple" allowClear maxTagCount="responsive" placeholder={t('data.allQuantities')} style={{ minWidth: 200 }} popupMatchSelectWidth={false} options={quantities[resource].map((value) => ({ value, label: t(`quantity|${value}`, { keySeparator: '|' }) }))} />
        </Form.Item>
        <Form.Item name="tariffs" label={t('data.tariffs')} style={{ margin: 0 }}>
          <Select mode="multiple" allowClear maxTagCount="responsive" placeholder={t('data.sum')} style={{ minWidth: 130 }} options={[0, 1, 2, 3, 4].map((number) => ({ value: number, label: number ? t('data.tariff', { number }) : t('data.sum') }))} />
        </Form.Item>
        <Form.Item name="group" label={t('data.group')} style={{ margin: 0 }}>
          <Select allowClear disabled={devices.length > 0} placeholder={t('data.everybody')} style={{ minWidth: 170 }} showSearch={{ optionFilterProp: 'label' }} options={groups.map((title) => ({ value: title, label: title }))} />
        </Form.Item>
        <Form.Item name="devices" label={t('data.devices')} style={{ margin: 0 }}><DeviceSelect /></Form.Item>
        <Button type="primary" htmlType="submit">{t('data.form')}</Button>
      </div>
    </Form>
  );
}

function RangeField({ value, onChange, months }: { value?: Range; onChange?: (range: Range) => void; months: boolean }) {
  return <RangeBox value={value ?? usualRange(months ? 'month' : 'day')} onChange={(range) => onChange?.(range)} months={months} most={months ? 12 : 31} />;
}

/** A column for each tariff under each moment. */
function columnsOf(data: DataTable, archive: Archive, words: { sum: string; tariff: (number: number) => string; now: string }): TableColumnType<Line>[] {
  const groups = new Map<string, TableColumnType<Line>[]>();
  data.columns.forEach((column, i) => {
    const key = column.time ?? '';
    const leaf: TableColumnType<Line> = {
      key: `${key}-${column.tariff}`, title: column.tariff ? words.tariff(column.tariff) : words.sum, align: 'right', className: 'number',
      render: (_, row) => (row.obis ? <Value value={row.values[i]} quality={row.quality[i]} /> : '—'),
    };
    groups.set(key, [...(groups.get(key) ?? []), leaf]);
  });
  return [...groups].map(([time, children]) => ({ key: time || 'now', title: time ? (archive === 'month' ? monthText(time) : dayText(time)) : words.now, children }));
}

function Result({ question, page, turn }: { question: Question; page: number; turn: (page: number) => void }) {
  const { t } = useTranslation('seeing');
  const act = useAct();
  const query = queryOf(question), asked = { ...query, page, size: PAGE };
  const { data, error, isPending, isFetching } = useQuery({ queryKey: ['/data', asked], placeholderData: keepPreviousData, queryFn: ({ signal }) => api.get<DataTable>('/data', asked, signal) });
  const columns = useMemo(() => (data ? columnsOf(data, question.archive, { sum: t('data.sum'), tariff: (number) => t('data.tariff', { number }), now: t('archive.current') }) : []), [data, question.archive, t]);
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (isPending) return <Spin />;
  const head: TableColumnType<Line>[] = [
    { key: 'serial', title: t('data.serial'), fixed: 'left', render: (_, row) => <Link to={`/devices/${row.device}`}>{row.serial}</Link> },
    { key: 'title', title: t('data.name'), dataIndex: 'title', ellipsis: true, width: 220 },
    { key: 'model', title: t('data.type'), dataIndex: 'model' },
    { key: 'quantity', title: t('data.quantity'), render: (_, row) => (row.obis ? row.quantity : <span className="faint"><ExclamationCircleOutlined aria-hidden /> {t('data.nothing')}</span>) },
    { key: 'unit', title: t('data.unit'), dataIndex: 'unit' },
  ];
  const readAt: TableColumnType<Line>[] = question.archive === 'current' ? [{ key: 'time', title: t('data.readAt'), render: (_, row) => timeText(row.time) }] : [];
  return (
    <>
      <div className="toolbar">
        <span className="grow" />
        <Button icon={<DownloadOutlined />} onClick={() => void act(() => api.download('/data.csv', query))}>{t('data.csv')}</Button>
        <Button icon={<DownloadOutlined />} onClick={() => void act(() => api.download('/data.xlsx', query))}>{t('data.xlsx')}</Button>
      </div>
      <div tabIndex={0} role="group" aria-label={t('data.title')} data-testid="data">
        <Table<Line> size="small" bordered rowKey={(row) => `${row.device}-${row.obis}-${row.unit}`} dataSource={data.items} columns={[...head, ...columns, ...readAt]} scroll={{ x: 'max-content' }} sticky={{ offsetHeader: 48 }}
          loading={{ spinning: isFetching, delay: 300 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('data.empty')} /> }} pagination={false} />
      </div>
      <Pagination size="small" current={page} pageSize={PAGE} total={data.total} onChange={turn} showSizeChanger={false} hideOnSinglePage
        showTotal={(total, [from, to]) => t('data.total', { from: countText(from), to: countText(to), total: countText(total) })} />
    </>
  );
}

export default function DataPage() {
  const { t } = useTranslation('seeing');
  const [words, setWords] = useSearchParams();
  const question = read(words);
  const page = Number(words.get('page')) || 1;
  return (
    <PageFrame title={t('data.title')}>
      <Asking first={question} ask={(next) => setWords(write(next))} />
      {words.get('asked') ? <Result question={question} page={page} turn={(next) => setWords({ ...write(question), page: String(next) })} />
        : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('data.start')} />}
    </PageFrame>
  );
}
