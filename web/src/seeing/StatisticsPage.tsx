// Collection in per cent by group and day or month; a group opens into its devices (S3 2.2.7, figure 26).
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Empty, Segmented, Select, Table, type TableColumnType } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { countText } from '../app/format';
import { PageFrame } from '../parts/page';
import { useRegisterOptions } from '../parts/registers';
import { CollectionLine } from './collect';
import { PercentCell } from './percent';
import { RangeBox } from './RangeBox';
import './seeing.css';
import type { Statistics } from './StatisticsWidget';
import { daySpan, lastDays, monthSpan, monthText, rangeRead, rangeText, shortDay, useWords, type Range } from './time';

type Line = Statistics['items'][number];
type Archive = 'day' | 'profile' | 'hour' | 'month';

const PAGE = 50;

function partColumns(parts: string[], months: boolean): TableColumnType<Line>[] {
  return parts.map((part, i) => ({
    key: part, title: months ? monthText(part) : shortDay(part), align: 'right', width: 72, render: (_: unknown, row: Line) => <PercentCell percent={row.parts[i]} />,
  }));
}

export default function StatisticsPage() {
  const { t } = useTranslation('seeing');
  const [word, put] = useWords('');
  const archive = (word('archive') ?? 'day') as Archive, months = archive === 'month';
  const now = dayjs().startOf('month'), registers = word('registers')?.split(',').filter(Boolean) ?? [];
  const range = rangeRead(word('range'), months ? [now.subtract(5, 'month'), now] : lastDays(7));
  const span = months ? monthSpan(range) : daySpan(range);
  const offered = useRegisterOptions(archive);
  return (
    <PageFrame title={t('statistics.title')}>
      <div className="toolbar">
        <Segmented value={archive} onChange={(next) => put({ archive: next, range: '', registers: '', page: '' })} options={(['day', 'profile', 'hour', 'month'] as const).map((value) => ({ value, label: t(`archive.${value}`) }))} />
        <RangeBox value={range} months={months} most={months ? 12 : 31} onChange={(next: Range) => put({ range: rangeText(next), page: '' })} />
        <Select mode="multiple" allowClear maxTagCount="responsive" value={registers} onChange={(next: string[]) => put({ registers: next.join(','), page: '' })} placeholder={t('widget.intervals')} aria-label={t('widget.registers')}
          style={{ minWidth: 240, flex: '0 1 420px' }} popupMatchSelectWidth={false} showSearch={{ optionFilterProp: 'search' }} options={offered} />
      </div>
      <CollectionLine quiet />
      <StatisticsTable query={{ archive, ...span, registers: registers.join(',') }} by="group" months={months} page={Number(word('page')) || 1} turn={(page) => put({ page: page > 1 ? String(page) : '' })} />
    </PageFrame>
  );
}

interface TableProps {
  query: Record<string, string>;
  by: 'group' | 'device';
  months: boolean;
  page: number;
  turn: (page: number) => void;
}

function StatisticsTable({ query, by, months, page, turn }: TableProps) {
  const { t } = useTranslation('seeing');
  const asked = { ...query, by, page, size: PAGE };
  const { data, error, isFetching } = useQuery({
    queryKey: ['/completeness/statistics', asked], placeholderData: keepPreviousData, queryFn: ({ signal }) => api.get<Statistics>('/completeness/statistics', asked, signal),
  });
  const head: TableColumnType<Line>[] = by === 'group'
    ? [{ key: 'title', title: t('statistics.group'), fixed: 'left', render: (_, row) => row.title || t('statistics.noGroup') },
       { key: 'devices', title: t('statistics.devices'), align: 'right', className: 'number', render: (_, row) => countText(row.devices) }]
    : [{ key: 'title', title: t('statistics.serial'), fixed: 'left', render: (_, row) => <Link to={`/devices/${row.key}`}>{row.title}</Link> }];
  return (
    <>
      {error && <Alert type="error" showIcon title={error.message} />}
      <Table<Line> size="small" rowKey="key" dataSource={data?.items ?? []} scroll={{ x: 'max-content' }} loading={{ spinning: isFetching, delay: 300 }}
        columns={[...head, { key: 'percent', title: t('statistics.total'), align: 'right', render: (_, row) => <b><PercentCell percent={row.percent} /></b> }, ...partColumns(data?.parts ?? [], months)]}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('statistics.empty')} /> }}
        expandable={by === 'group' ? {
          expandRowByClick: true, expandedRowRender: (row) => <GroupDevices query={{ ...query, group: row.key }} months={months} />,
        } : undefined}
        pagination={{ current: page, pageSize: PAGE, total: data?.total ?? 0, onChange: turn, showSizeChanger: false, size: 'small', hideOnSinglePage: true,
          showTotal: (total, [from, to]) => t('heat.total', { from: countText(from), to: countText(to), total: countText(total) }) }} />
    </>
  );
}

function GroupDevices({ query, months }: { query: Record<string, string>; months: boolean }) {
  const [page, setPage] = useState(1);
  return <StatisticsTable query={query} by="device" months={months} page={page} turn={setPage} />;
}
