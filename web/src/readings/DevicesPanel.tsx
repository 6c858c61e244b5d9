// Whose readings: the meters of a resource, found by words, group and type, chosen one by one or all.
import { DownOutlined, UpOutlined } from '@ant-design/icons';
import { Button, Input, Select, Table } from 'antd';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countText } from '../app/format';
import type { Device } from './kinds';
import { Contact } from './LinesTable';

export interface Filter {
  search: string;
  group?: string;
  type?: string;
}

export const noFilter: Filter = { search: '' };

export function passes(device: Device, filter: Filter): boolean {
  const words = filter.search.trim().toLowerCase();
  return (!filter.group || device.group === filter.group) && (!filter.type || device.type === filter.type) &&
    (!words || [device.id, device.serial, device.title, device.type, device.address, device.interface, device.note].some((text) => String(text).toLowerCase().includes(words)));
}

const distinct = (list: string[]) => [...new Set(list)].filter(Boolean).sort((a, b) => a.localeCompare(b)).map((value) => ({ value, label: value }));

export function FilterBar({ devices, filter, change }: { devices: Device[]; filter: Filter; change: (filter: Filter) => void }) {
  const { t } = useTranslation('readings');
  const groups = useMemo(() => distinct(devices.map((device) => device.group)), [devices]);
  const types = useMemo(() => distinct(devices.map((device) => device.type)), [devices]);
  return (
    <>
      <Input.Search allowClear value={filter.search} placeholder={t('search')} aria-label={t('search')} style={{ width: 220 }} onChange={(e) => change({ ...filter, search: e.target.value })} />
      {groups.length > 0 && <Select allowClear value={filter.group} placeholder={t('group')} aria-label={t('group')} style={{ minWidth: 150 }} popupMatchSelectWidth={false} showSearch={{ optionFilterProp: 'label' }} options={groups} onChange={(group) => change({ ...filter, group })} />}
      {types.length > 1 && <Select allowClear value={filter.type} placeholder={t('type')} aria-label={t('type')} style={{ minWidth: 150 }} popupMatchSelectWidth={false} showSearch={{ optionFilterProp: 'label' }} options={types} onChange={(type) => change({ ...filter, type })} />}
    </>
  );
}

interface Props {
  devices: Device[];
  chosen: number[];
  choose: (ids: number[]) => void;
  filter: Filter;
  change: (filter: Filter) => void;
}

/** Folded to one line until somebody wants to choose. Nobody chosen: all. */
export function DevicesPanel({ devices, chosen, choose, filter, change }: Props) {
  const { t } = useTranslation('readings');
  const [open, setOpen] = useState(false);
  const id = useId();
  const shown = devices.filter((device) => passes(device, filter));
  return (
    <section className="panel" aria-label={t('meters')}>
      <div className="toolbar">
        <Button type="text" icon={open ? <UpOutlined /> : <DownOutlined />} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {chosen.length ? t('chosen', { count: chosen.length, total: countText(devices.length) }) : shown.length < devices.length ? t('found', { count: shown.length, total: countText(devices.length) }) : t('everybody', { count: devices.length })}
        </Button>
        {chosen.length > 0 && <Button type="link" size="small" onClick={() => choose([])}>{t('chooseNone')}</Button>}
        <span className="grow" />
        <FilterBar devices={devices} filter={filter} change={change} />
      </div>
      {open && (
        <div id={id} role="region" aria-label={t('meters')} tabIndex={0} style={{ marginTop: 8 }} data-testid="meters">
          <Table<Device> virtual size="small" rowKey="id" dataSource={shown} pagination={false} scroll={{ x: 900, y: 240 }}
            rowSelection={{
              selectedRowKeys: chosen, columnWidth: 40, preserveSelectedRowKeys: true, onChange: (keys) => choose(keys as number[]),
              getTitleCheckboxProps: () => ({ 'aria-label': t('chooseAll') }) as object, getCheckboxProps: (device) => ({ 'aria-label': t('choose', { serial: device.serial }) }) as object,
            }}
            columns={[
              { key: 'id', title: 'ID', dataIndex: 'id', width: 62 }, { key: 'serial', title: t('serial'), dataIndex: 'serial', width: 130 },
              { key: 'title', title: t('title'), dataIndex: 'title', width: 200, ellipsis: true }, { key: 'type', title: t('type'), dataIndex: 'type', width: 170, ellipsis: true },
              { key: 'address', title: t('address'), dataIndex: 'address', width: 90 }, { key: 'interface', title: t('interface'), dataIndex: 'interface', width: 130, ellipsis: true },
              { key: 'contact', title: t('status'), width: 150, render: (_, device) => <Contact device={device} /> },
            ]} />
        </div>
      )}
    </section>
  );
}
