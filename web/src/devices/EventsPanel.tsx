// Events of one device (S3 3.4, step 5).
import { useQuery } from '@tanstack/react-query';
import { Alert, Empty } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { countText, timeText } from '../app/format';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { PeriodChoice, usePeriod } from './period';
import type { OpenDevice } from './registry';

type Event = Answer<'/api/v1/devices/{id}/events'>['items'][number];

export default function EventsPanel({ device }: { device: OpenDevice }) {
  const { t } = useTranslation('devices');
  const { period, from, setPeriod } = usePeriod('month');
  const path = `/devices/${device.id}/events`;
  const { data, error, isPending } = useQuery({ queryKey: [path, from], queryFn: () => api.get<Answer<'/api/v1/devices/{id}/events'>>(path, { from, limit: 10_000 }) });
  const rows = useMemo(() => data?.items.map((event, i) => ({ ...event, key: i })) ?? [], [data]);
  const journals = useMemo(() => [...new Map(rows.map((event) => [event.journal, event.journal_title]))], [rows]);
  const columns: Column<Event & { key: number }>[] = [
    { key: 'time', title: t('events.time'), sortable: true, render: (event) => timeText(event.time), text: (event) => event.time },
    { key: 'journal', title: t('events.journal'), sortable: true, groupable: true, text: (event) => event.journal_title, filter: journals.map(([value, label]) => ({ value: String(value), label })) },
    { key: 'text', title: t('events.text'), sortable: true },
    { key: 'code', title: t('events.code'), number: true, hidden: true },
    { key: 'detail', title: t('events.detail'), number: true, hidden: true },
    { key: 'stored', title: t('events.stored'), sortable: true, render: (event) => timeText(event.stored), text: (event) => event.stored ?? '' },
  ];
  if (error) return <Alert type="error" showIcon title={error.message} />;
  return (
    <>
      {data && data.total > data.items.length && <Alert type="info" style={{ marginBottom: 8 }} title={t('events.shown', { shown: countText(data.items.length), total: countText(data.total) })} />}
      <DataTable name="device-events" prefix="ev." rows={rows} rowKey={(event) => event.key} loading={isPending} columns={columns}
        actions={() => <PeriodChoice value={period} onChange={setPeriod} />}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('events.empty')} />} />
    </>
  );
}
