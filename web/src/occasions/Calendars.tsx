// Calendars: groups of schedules (S1 3.2).
import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { RowDialog, RowList } from '../parts/rows';
import type { Column } from '../parts/table/columns';
import { useCalendars, useOccasionsChanged, useTimetables, type Calendar } from './occasions';

function CalendarDialog({ calendar, onClose }: { calendar?: Calendar; onClose: () => void }) {
  const { t } = useTranslation('occasions');
  const changed = useOccasionsChanged();
  const timetables = useTimetables().data?.items ?? [];
  return (
    <RowDialog<Calendar> words="occasions:calendars" path="/calendars" row={calendar} preset={{ title: '', timetables: [] }} changed={changed} onClose={onClose} valuesOf={({ title, timetables: its }) => ({ title, timetables: its })}>
      <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={100} autoFocus /></Form.Item>
      <Form.Item name="timetables" label={t('field.timetables')} rules={[{ required: true, message: t('app:required') }]}>
        <Select mode="multiple" maxCount={16} showSearch={{ optionFilterProp: 'label' }} options={timetables.map((one) => ({ value: one.id, label: one.title }))} />
      </Form.Item>
    </RowDialog>
  );
}

export function Calendars() {
  const { t } = useTranslation('occasions');
  const changed = useOccasionsChanged();
  const query = useCalendars();
  const timetables = useTimetables().data?.items ?? [];
  const titles = (one: Calendar) => one.timetables.map((id) => timetables.find((timetable) => timetable.id === id)?.title ?? id).join(', ');
  const columns: Column<Calendar>[] = [
    { key: 'id', title: 'ID', number: true, width: 60, sortable: true },
    { key: 'title', title: t('field.title'), sortable: true },
    { key: 'timetables', title: t('field.timetables'), text: titles },
  ];
  return (
    <RowList<Calendar> words="occasions:calendars" path="/calendars" query={query} columns={columns} opens="title" titleOf={(one) => one.title} write="Write.DataCollection.Job" drop="Delete.DataCollection.Job" changed={changed}
      missing={timetables.length ? undefined : t('hint.noTimetables')} dialog={(one, close) => <CalendarDialog key={one?.id ?? 0} calendar={one} onClose={close} />} />
  );
}
