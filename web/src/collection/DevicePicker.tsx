// Whom a task asks (S3 2.2.22 step 1): groups as a whole, devices one by one.
import { CloseOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Empty, Select, Tabs } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { countText } from '../app/format';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import type { Chosen, Group } from './types';

type Device = Row<'/api/v1/devices'>;

interface Props {
  devices: Chosen[];
  groups: number[];
  onDevices: (devices: Chosen[]) => void;
  onGroups: (groups: number[]) => void;
}

function GroupSelect({ value, onChange }: { value: number[]; onChange: (groups: number[]) => void }) {
  const { t } = useTranslation('collection');
  const id = useId();
  const { data } = useQuery({ queryKey: ['/groups', 'all'], queryFn: () => api.get<{ items: Group[] }>('/groups') });
  return (
    <div style={{ display: 'grid', gap: 4 }}>
      <label htmlFor={id}>{t('pick.groups')}</label>
      <Select id={id} mode="multiple" value={value} onChange={onChange} allowClear style={{ width: '100%' }} placeholder={t('pick.groupsHint')} showSearch={{ optionFilterProp: 'label' }}
        options={data?.items.map((group) => ({ value: group.id, label: `${group.title} (${countText(group.devices)})` })) ?? []} />
    </div>
  );
}

export function useGroups(): Group[] {
  const { data } = useQuery({ queryKey: ['/groups', 'all'], queryFn: () => api.get<{ items: Group[] }>('/groups') });
  return data?.items ?? [];
}

/** How many devices the chosen groups have now. */
export function useGroupCount(groups: number[]): number {
  return useGroups().filter((group) => groups.includes(group.id)).reduce((sum, group) => sum + group.devices, 0);
}

export function DevicePicker({ devices, groups, onDevices, onGroups }: Props) {
  const { t } = useTranslation('collection');
  const [tab, setTab] = useState(devices.length ? 'chosen' : 'all');
  const known = new Set(devices.map((device) => device.id));
  const add = (rows: Chosen[]) => onDevices([...devices, ...rows.filter((row) => !known.has(row.id)).map(({ id, serial, title }) => ({ id, serial, title }))]);
  const remove = (rows: Chosen[]) => {
    const gone = new Set(rows.map((row) => row.id));
    onDevices(devices.filter((device) => !gone.has(device.id)));
  };
  const columns: Column<Device>[] = [
    { key: 'serial', title: t('serial'), sortable: true }, { key: 'title', title: t('deviceName'), sortable: true },
    { key: 'driver', title: t('type'), sortable: true, text: (row) => row.driver_title }, { key: 'group', title: t('group'), sortable: true },
    { key: 'add', title: '', width: 110, render: (row) => (known.has(row.id) ? <span className="quiet">{t('pick.isChosen')}</span>
      : <Button size="small" type="link" icon={<PlusOutlined />} aria-label={t('pick.addOne', { serial: row.serial })} onClick={() => add([row])}>{t('app:add')}</Button>) },
  ];
  const chosenColumns: Column<Chosen>[] = [
    { key: 'serial', title: t('serial'), sortable: true }, { key: 'title', title: t('deviceName'), sortable: true },
    { key: 'remove', title: '', width: 44, render: (row) => <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('pick.removeOne', { serial: row.serial })} onClick={() => remove([row])} /> },
  ];
  return (
    <div style={{ display: 'grid', gap: 12, minWidth: 0 }}>
      <div className="panel"><GroupSelect value={groups} onChange={onGroups} /></div>
      <div className="panel" style={{ paddingTop: 4 }}>
        <Tabs activeKey={tab} onChange={setTab} items={[
          { key: 'all', label: t('pick.all'), children: (
            <DataTable<Device> name="pick-devices" prefix="d." path="/devices" columns={columns} selectable
              actions={({ rows, clear }) => rows.length > 0 && <Button type="primary" icon={<PlusOutlined />} onClick={() => { add(rows); clear(); }}>{t('pick.addChosen', { count: rows.length })}</Button>} />
          ) },
          { key: 'chosen', label: t('pick.chosen', { count: devices.length }), children: (
            <DataTable<Chosen> name="picked-devices" prefix="c." rows={devices} columns={chosenColumns} selectable
              actions={({ rows, clear }) => rows.length > 0 && <Button danger onClick={() => { remove(rows); clear(); }}>{t('pick.removeChosen', { count: rows.length })}</Button>}
              empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('pick.noneChosen')} />} />
          ) },
        ]} />
      </div>
    </div>
  );
}
