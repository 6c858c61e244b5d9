// The list of devices (S3 2.2.5).
import { DownOutlined, ImportOutlined, InfoCircleOutlined, PlusOutlined, TableOutlined } from '@ant-design/icons';
import { Button, Dropdown, Empty, Flex, Tooltip } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api, type Query } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { PageFrame } from '../parts/page';
import { DataTable, type Selection } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { exportCsv } from '../parts/table/csv';
import { Contact } from './Contact';
import { AddDeviceDialog } from './DeviceDialog';
import { ImportDialog } from './ImportDialog';
import { sources, statuses, useDrivers, useDriverTitle, useGroups, type Device } from './registry';
import { useDeviceMenu } from './useDeviceMenu';

function useColumns(): Column<Device>[] {
  const { t } = useTranslation('devices');
  const drivers = useDrivers();
  const groups = useGroups();
  const driverTitle = useDriverTitle();
  return useMemo(() => [
    { key: 'serial', title: t('serial'), sortable: true, render: (device) => <Link to={`/devices/${device.id}`}>{device.serial}</Link> },
    { key: 'title', title: t('name'), sortable: true },
    { key: 'driver', title: t('type'), sortable: true, groupable: true, text: (device) => driverTitle(device.driver), filter: drivers?.map((driver) => ({ value: driver.name, label: driver.title })) },
    { key: 'model', title: t('model'), sortable: true, hidden: true },
    { key: 'group', title: t('group'), sortable: true, groupable: true, filter: groups?.map((group) => ({ value: group.title, label: group.title })) },
    { key: 'contact', title: t('contact'), sortable: true, groupable: true, text: (device) => device.contact_text, render: (device) => <Contact device={device} />,
      filter: ['good', 'failed', 'never'].map((value) => ({ value, label: t(`contactOf.${value}`) })) },
    { key: 'contact_since', title: t('since'), hidden: true, text: (device) => timeText(device.contact_since) },
    { key: 'asked', title: t('asked'), hidden: true, text: (device) => timeText(device.asked) },
    { key: 'status', title: t('status'), sortable: true, groupable: true, text: (device) => t(`statusOf.${device.status}`), filter: statuses.map((value) => ({ value, label: t(`statusOf.${value}`) })) },
    { key: 'enabled', title: t('enabled'), sortable: true, groupable: true, text: (device) => t(device.enabled ? 'app:yes' : 'app:no'),
      filter: ['true', 'false'].map((value) => ({ value, label: t(value === 'true' ? 'app:yes' : 'app:no') })) },
    { key: 'added', title: t('added'), sortable: true, moment: true, text: (device) => timeText(device.added) },
    { key: 'source', title: t('source'), sortable: true, groupable: true, text: (device) => t(`sourceOf.${device.source}`), filter: sources.map((value) => ({ value, label: t(`sourceOf.${value}`) })) },
    { key: 'lines', title: t('linesCount'), number: true, hidden: true },
    { key: 'note', title: t('note'), sortable: true, hidden: true },
    { key: 'information', title: t('information'), width: 100, text: () => '',
      render: (device) => <Tooltip title={t('menu.open')}><Link to={`/devices/${device.id}`} aria-label={t('informationOf', { serial: device.serial })}><InfoCircleOutlined /></Link></Tooltip> },
  ], [t, drivers, groups, driverTitle]);
}

function Nothing({ onAdd, onImport }: { onAdd?: () => void; onImport?: () => void }) {
  const { t } = useTranslation('devices');
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('list.empty')}>
      <Flex gap={8} justify="center">
        {onAdd && <Button type="primary" icon={<PlusOutlined />} onClick={onAdd}>{t('form.add')}</Button>}
        {onImport && <Button icon={<ImportOutlined />} onClick={onImport}>{t('list.import')}</Button>}
      </Flex>
    </Empty>
  );
}

export default function DeviceList() {
  const { t } = useTranslation('devices');
  const navigate = useNavigate();
  const may = useMay();
  const columns = useColumns();
  const [adding, setAdding] = useState(false);
  const [importing, setImporting] = useState(false);
  const { menu, dialogs } = useDeviceMenu();
  const write = may('Write.Devices');
  const intake = write && may('Write.ChannelSettings') && may('Write.ProtocolSettings');
  const registry = may('Read.DeviceCommline') && may('Read.ChannelSettings') && may('Read.ProtocolSettings');
  const exports = [
    { key: 'csv', label: t('list.exportCsv'), run: (query: Query) => exportCsv('devices', '/devices', query, columns.filter((column) => column.key !== 'information')) },
    ...(registry ? [
      { key: 'xlsx', label: t('list.exportXlsx'), run: (query: Query) => api.download('/devices/export.xlsx', query) },
      { key: 'json', label: t('list.exportJson'), run: (query: Query) => api.download('/devices/export.json', query) },
    ] : []),
  ];
  const bar = (selection: Selection<Device>) => (
    <>
      {write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>{t('app:add')}</Button>}
      {write && (
        <Button icon={<TableOutlined />} onClick={() => void navigate('/devices/wizard', { state: { ids: selection.keys, serials: selection.rows.map((device) => device.serial) } })}>{t('wizard:title')}</Button>
      )}
      {intake && <Button icon={<ImportOutlined />} onClick={() => setImporting(true)}>{t('list.import')}</Button>}
      {selection.rows.length > 0 && (
        <Dropdown trigger={['click']} menu={{ items: menu(selection.rows) }}><Button>{t('app:table.menu')} <DownOutlined /></Button></Dropdown>
      )}
    </>
  );
  return (
    <PageFrame title={t('list.title')}>
      <DataTable<Device> name="devices" path="/devices" groupsPath="/devices/counts" columns={columns} selectable actions={bar} menu={menu}
        searchable={t('list.search')} onOpen={(device) => void navigate(`/devices/${device.id}`)} exports={exports}
        empty={<Nothing onAdd={write ? () => setAdding(true) : undefined} onImport={intake ? () => setImporting(true) : undefined} />} />
      <AddDeviceDialog open={adding} onClose={() => setAdding(false)} />
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
      {dialogs}
    </PageFrame>
  );
}
