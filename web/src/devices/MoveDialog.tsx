// Devices into a group (S3 2.2.5).
import { App, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../parts/forms';
import { GroupInput } from './DeviceFields';
import { changeMany } from './many';
import { useRegistryChanged, type Device } from './registry';

export function MoveDialog({ devices, onClose }: { devices: Device[]; onClose: () => void }) {
  const { t } = useTranslation('devices');
  const { message } = App.useApp();
  const changed = useRegistryChanged();
  const save = async ({ group }: { group: string }) => {
    const count = await changeMany(devices.map((device) => device.id), { group });
    await changed();
    void message.success(t('move.done', { count, group }));
  };
  return (
    <FormDialog<{ group: string }> open onClose={onClose} title={t('move.title', { count: devices.length })} width={420} saveText={t('move.ok')} save={save}>
      <Form.Item name="group" label={t('group')} extra={t('move.hint')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><GroupInput /></Form.Item>
    </FormDialog>
  );
}
