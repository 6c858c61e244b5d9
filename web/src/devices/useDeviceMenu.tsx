// The menu of devices of a list and of one device's page (S3 2.2.5): what is done to the registry here, what is done through
// collection by other folders (actions.ts).
import { App, Checkbox, Flex } from 'antd';
import { AppstoreOutlined, DeleteOutlined, EditOutlined, FolderOutlined, PauseCircleOutlined, PlayCircleOutlined, TableOutlined } from '@ant-design/icons';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { useAct, useDestructive } from '../parts/acts';
import { useDeviceActions, type MenuItems } from './actions';
import { EditDeviceDialog } from './DeviceDialog';
import { changeMany } from './many';
import { MoveDialog } from './MoveDialog';
import { useRegistryChanged, type Device, type OpenDevice } from './registry';

interface MenuOptions {
  /** After a deletion: the selection, or the page, of what is gone must go. */
  onGone?: () => void;
  /** On a device's own page there is nothing to open. */
  alone?: boolean;
}

/** The menu, and the dialogs that it opens: both belong on the page. */
export function useDeviceMenu({ onGone, alone }: MenuOptions = {}): { menu: (devices: Device[]) => MenuItems; dialogs: ReactNode; edit: (id: number) => void } {
  const { t } = useTranslation('devices');
  const { message } = App.useApp();
  const navigate = useNavigate();
  const may = useMay();
  const act = useAct();
  const remove = useDeleteDevices(onGone);
  const changed = useRegistryChanged();
  const others = useDeviceActions();
  const [editing, setEditing] = useState<OpenDevice>();
  const [moving, setMoving] = useState<Device[]>();
  const edit = (id: number) => void act(async () => setEditing(await api.get<OpenDevice>(`/devices/${id}`)));
  const enable = (devices: Device[], enabled: boolean) => void act(async () => {
    const count = await changeMany(devices.map((device) => device.id), { enabled });
    await changed();
    void message.success(t(enabled ? 'menu.enabledDone' : 'menu.disabledDone', { count }));
  });
  const menu = (devices: Device[]): MenuItems => {
    const write = may('Write.Devices');
    const beyond = others(devices);
    return [
      ...(alone || devices.length !== 1 ? [] : [{ key: 'open', icon: <AppstoreOutlined />, label: t('menu.open'), onClick: () => void navigate(`/devices/${devices[0].id}`) }]),
      ...(write && devices.length === 1 ? [{ key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => edit(devices[0].id) }] : []),
      ...(write && !alone ? [{ key: 'wizard', icon: <TableOutlined />, label: t('menu.wizard', { count: devices.length }), onClick: () => void navigate('/devices/wizard', { state: { ids: devices.map((device) => device.id), serials: devices.map((device) => device.serial) } }) }] : []),
      ...(beyond.length ? [{ type: 'divider' as const, key: 'd1' }, ...beyond] : []),
      ...(write ? [
        { type: 'divider' as const, key: 'd2' },
        { key: 'move', icon: <FolderOutlined />, label: t('menu.move'), onClick: () => setMoving(devices) },
        ...(devices.some((device) => !device.enabled) ? [{ key: 'enable', icon: <PlayCircleOutlined />, label: t('menu.enable'), onClick: () => enable(devices, true) }] : []),
        ...(devices.some((device) => device.enabled) ? [{ key: 'disable', icon: <PauseCircleOutlined />, label: t('menu.disable'), onClick: () => enable(devices, false) }] : []),
      ] : []),
      ...(may('Delete.Devices') ? [{ type: 'divider' as const, key: 'd3' }, { key: 'delete', icon: <DeleteOutlined />, danger: true, label: t('app:delete'), onClick: () => remove(devices) }] : []),
    ];
  };
  const dialogs = (
    <>
      {editing && <EditDeviceDialog device={editing} onClose={() => setEditing(undefined)} />}
      {moving && <MoveDialog devices={moving} onClose={() => setMoving(undefined)} />}
    </>
  );
  return { menu, dialogs, edit };
}

/** Asks, with the count, whether the readings are to go too. */
function useDeleteDevices(onGone?: () => void) {
  const { t } = useTranslation('devices');
  const destructive = useDestructive();
  const changed = useRegistryChanged();
  const { message } = App.useApp();
  return (devices: Device[]) => {
    let readings = false;
    const count = devices.length;
    destructive({
      title: t('delete.title', { count }),
      content: (
        <Flex vertical gap={8}>
          <span>{devices.slice(0, 5).map((device) => device.serial).join(', ')}{count > 5 ? t('delete.more', { count: count - 5 }) : ''}</span>
          <span>{t('delete.hint')}</span>
          <Checkbox onChange={(e) => void (readings = e.target.checked)}>{t('delete.readings')}</Checkbox>
        </Flex>
      ),
      okText: t('delete.ok', { count }),
      act: async () => {
        const { deleted } = await api.post<Answer<'/api/v1/devices/delete', 'post'>>('/devices/delete', { ids: devices.map((device) => device.id), readings });
        onGone?.();
        await changed();
        void message.success(t('delete.done', { count: deleted }));
      },
    });
  };
}
