// Asking meters for the states of their relays: of those that are chosen, or of any that the list of devices has.
import { Alert, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import type { Column } from '../parts/table/columns';
import { DataTable } from '../parts/table/DataTable';
import { Outcome } from './Outcome';
import type { Run } from './types';

type Device = Row<'/api/v1/devices'>;

/** `run`: already ordered for the chosen; without it one chooses here. */
export default function RelayReadDialog({ run: begun, onClose }: { run?: number; onClose: () => void }) {
  const { t } = useTranslation('collection');
  const [run, setRun] = useState(begun);
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);
  const read = async (devices: number[]) => {
    setBusy(true);
    try {
      setRun((await api.post<Run>('/relays/read', { devices })).id);
    } catch (e) {
      setTrouble(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const columns: Column<Device>[] = [
    { key: 'serial', title: t('serial'), sortable: true }, { key: 'title', title: t('deviceName'), sortable: true }, { key: 'group', title: t('group'), sortable: true },
  ];
  return (
    <Modal open title={t('relays.readTitle')} onCancel={onClose} footer={null} width={run ? 600 : 800} mask={{ closable: false }}>
      {trouble && <Alert type="error" showIcon title={trouble} style={{ marginBottom: 10 }} />}
      {run ? <Outcome id={run} onClose={onClose} /> : (
        <DataTable<Device> name="relay-devices" prefix="p." path="/devices" columns={columns} selectable
          actions={({ keys }) => <Button type="primary" disabled={keys.length === 0} loading={busy} onClick={() => void read(keys as number[])}>{t('relays.readCount', { count: keys.length })}</Button>} />
      )}
    </Modal>
  );
}
