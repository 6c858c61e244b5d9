// Events of all devices, newest first: of a period, of one journal, or only what somebody must look at soon (what home counts).
import { useQuery } from '@tanstack/react-query';
import { Checkbox, DatePicker, Empty } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Row } from '../api/client';
import { timeText } from '../app/format';
import { currentLanguage } from '../app/i18n';
import { PageFrame } from '../parts/page';
import type { Column } from '../parts/table/columns';
import { exportCsv } from '../parts/table/csv';
import { DataTable } from '../parts/table/DataTable';
import { useWords, wall } from './time';

type Event = Row<'/api/v1/events'>;

const keyOf = (event: Event) => [event.device, event.time, event.journal, event.code, event.detail].join(' ');

/** Meters' own time. Without an end: to tomorrow, for clocks that are ahead. */
function Period({ from, to, onChange }: { from: string; to: string | null; onChange: (from?: string, to?: string) => void }) {
  const { t } = useTranslation('seeing');
  const day = dayjs().startOf('day');
  const preset = (days: number): [Dayjs, null] => [day.subtract(days - 1, 'day'), null];
  return (
    <DatePicker.RangePicker value={[dayjs(from), to ? dayjs(to) : null]} showTime={{ format: 'HH:mm' }} allowEmpty={[false, true]} allowClear={false} aria-label={t('range.title')}
      format={currentLanguage() === 'en' ? 'YYYY-MM-DD HH:mm' : 'DD.MM.YYYY HH:mm'} placeholder={[t('range.from'), t('range.to')]} style={{ width: 330, maxWidth: '100%' }}
      presets={[{ label: t('range.today'), value: preset(1) }, { label: t('range.week'), value: preset(7) }, { label: t('range.days30'), value: preset(30) }] as never}
      onChange={(moments) => onChange(moments?.[0] ? wall(moments[0]) : undefined, moments?.[1] ? wall(moments[1]) : undefined)} />
  );
}

export default function DeviceEvents() {
  const { t } = useTranslation('seeing');
  const [word, put] = useWords('');
  const { data: journals } = useQuery({ queryKey: ['/journals'], staleTime: Infinity, queryFn: () => api.get<{ items: Row<'/api/v1/journals'>[] }>('/journals') });
  const from = word('from') ?? wall(dayjs().startOf('day').subtract(6, 'day')), to = word('to'), important = word('important') === 'true';
  const query = { from, to: to ?? wall(dayjs().startOf('day').add(2, 'day')), important: important || undefined };
  const columns: Column<Event>[] = [
    { key: 'time', title: t('devices:events.time'), text: (event) => timeText(event.time) },
    { key: 'serial', title: t('data.serial'), render: (event) => <Link to={`/devices/${event.device}?tab=events`}>{event.serial}</Link> },
    { key: 'title', title: t('data.name') },
    { key: 'journal', title: t('devices:events.journal'), text: (event) => event.journal_title, filter: journals?.items.map(({ number, title }) => ({ value: String(number), label: title })) },
    { key: 'text', title: t('devices:events.text') },
    { key: 'code', title: t('devices:events.code'), number: true, hidden: true },
    { key: 'detail', title: t('devices:events.detail'), number: true, hidden: true },
    { key: 'stored', title: t('devices:events.stored'), hidden: true, text: (event) => timeText(event.stored) },
  ];
  return (
    <PageFrame title={t('events.title')}>
      <DataTable<Event> name="events-devices" path="/events" query={query} rowKey={keyOf} columns={columns} searchable={false}
        actions={() => (
          <>
            <Period from={from} to={to} onChange={(begin, end) => put({ from: begin, to: end, page: undefined })} />
            <Checkbox checked={important} onChange={(e) => put({ important: e.target.checked ? 'true' : undefined, page: undefined })}>{t('events.important')}</Checkbox>
          </>
        )}
        exports={[{ key: 'csv', label: 'CSV', run: (asked) => exportCsv('events', '/events', asked, columns) }]}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('devices:events.empty')} />} />
    </PageFrame>
  );
}
