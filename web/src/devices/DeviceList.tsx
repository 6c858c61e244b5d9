// The list of devices (S3 2.2.5).
import { useTranslation } from 'react-i18next';
import type { Row } from '../api/client';
import { timeText } from '../app/format';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';

type Device = Row<'/api/v1/devices'>;

function Contact({ device }: { device: Device }) {
  const kind = device.contact === 'good' ? 'ok' : device.contact === 'never' ? 'never' : 'failed';
  return <State kind={kind}>{device.contact_text}</State>;
}

export default function DeviceList() {
  const { t } = useTranslation('devices');
  const columns: Column<Device>[] = [
    { key: 'serial', title: t('serial'), sortable: true },
    { key: 'title', title: t('name'), sortable: true },
    { key: 'driver', title: t('type'), sortable: true },
    { key: 'group', title: t('group'), sortable: true },
    { key: 'contact', title: t('contact'), sortable: true, render: (device) => <Contact device={device} /> },
    { key: 'added', title: t('added'), sortable: true, render: (device) => timeText(device.added) },
  ];
  return (
    <PageFrame title={t('list.title')}>
      <DataTable<Device> name="devices" path="/devices" columns={columns} selectable />
    </PageFrame>
  );
}
