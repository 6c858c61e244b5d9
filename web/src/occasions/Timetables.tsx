// Schedules with names: when events happen (S0 4.5.2).
import { Form, Input } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { timeText } from '../app/format';
import { ScheduleEditor } from '../collection/ScheduleEditor';
import type { Schedule } from '../collection/types';
import { scheduleText, type Words } from '../collection/words';
import { RowDialog, RowList } from '../parts/rows';
import type { Column } from '../parts/table/columns';
import { useOccasionsChanged, useTimetables, type Timetable } from './occasions';

/** The editor as a field of the form; its zone is another field. */
function ScheduleField({ value, onChange, zone, onZone, problem }: { value?: Schedule; onChange?: (schedule: Schedule | null) => void; zone: string; onZone: (zone: string) => void; problem?: string }) {
  return <ScheduleEditor value={value ?? null} zone={zone} onChange={(next) => onChange?.(next)} onZone={onZone} problems={(field) => (field === 'schedule' ? problem : undefined)} needed minutesMost={59} />;
}

/** What the API takes: lists that the kind has not are not sent. */
const trimmed = (schedule: Schedule): Partial<Schedule> => Object.fromEntries(Object.entries(schedule).filter(([, value]) => !Array.isArray(value) || value.length > 0));

function TimetableDialog({ timetable, onClose }: { timetable?: Timetable; onClose: () => void }) {
  const { t } = useTranslation('occasions');
  const changed = useOccasionsChanged();
  const [form] = Form.useForm();
  const zone = Form.useWatch<string | undefined>('zone', { form, preserve: true }) ?? timetable?.zone ?? '';
  const preset = { title: '', zone: '', schedule: { kind: 'daily', start: dayjs().format('YYYY-MM-DDT00:00:00'), times: ['01:30'] } };
  const body = (typed: Pick<Timetable, 'title' | 'schedule' | 'zone'>) => ({ ...typed, schedule: trimmed(typed.schedule as Schedule) });
  return (
    <RowDialog<Timetable, Pick<Timetable, 'title' | 'schedule' | 'zone'>> words="occasions:timetables" path="/timetables" row={timetable} preset={preset} body={body} changed={changed} onClose={onClose} width={760} form={form}
      valuesOf={({ title, schedule, zone: its }) => ({ title, schedule: schedule && trimmed(schedule), zone: its })}>
      <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={100} autoFocus /></Form.Item>
      <Form.Item name="zone" hidden><Input /></Form.Item>
      <Form.Item name="schedule" noStyle><ScheduleField zone={zone} onZone={(next) => form.setFieldValue('zone', next)} /></Form.Item>
    </RowDialog>
  );
}

export function Timetables() {
  const { t } = useTranslation('occasions');
  const { t: collection } = useTranslation('collection');
  const changed = useOccasionsChanged();
  const query = useTimetables();
  const sentence = (one: Timetable) => scheduleText(one.schedule, collection as Words);
  const columns: Column<Timetable>[] = [
    { key: 'id', title: 'ID', number: true, width: 60, sortable: true },
    { key: 'title', title: t('field.title'), sortable: true },
    { key: 'schedule', title: t('field.schedule'), text: sentence },
    { key: 'zone', title: t('field.zone'), text: (one) => one.zone || t('timetables.ownZone') },
    { key: 'next', title: t('events.next'), sortable: true, render: (one) => timeText(one.next) },
  ];
  return (
    <RowList<Timetable> words="occasions:timetables" path="/timetables" query={query} columns={columns} opens="title" titleOf={(one) => one.title} write="Write.DataCollection.Job" drop="Delete.DataCollection.Job" changed={changed}
      dialog={(one, close) => <TimetableDialog key={one?.id ?? 0} timetable={one} onClose={close} />} />
  );
}
