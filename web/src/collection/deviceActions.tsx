// What collection and control adds to the menu of devices (S3 2.2.5).
import { BuildOutlined, PlayCircleOutlined, PlusSquareOutlined, PoweroffOutlined } from '@ant-design/icons';
import type { MenuProps } from 'antd';
import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../api/session';
import { openDialog } from './dialogs';
import type { Chosen } from './types';

const RelayDialog = lazy(() => import('./RelayDialog'));
const ActionConstructor = lazy(() => import('./ActionConstructor'));
const TaskChoice = lazy(() => import('./TaskChoice'));

type Items = Required<MenuProps>['items'];

export function useDeviceActions(): (devices: Chosen[]) => Items {
  const { t } = useTranslation('collection');
  const may = useMay();
  return (devices) => {
    if (devices.length === 0) return [];
    const relay = (action: 'on' | 'off', number: number) => () => openDialog((close) => <RelayDialog devices={devices} relay={number} action={action} onClose={close} />);
    const items: Items = [];
    if (may('Write.Devices'))
      items.push({ key: 'relays', icon: <PoweroffOutlined />, label: t('actions.relays'), children: [
        { key: 'load-off', label: t('actions.loadOff'), danger: true, onClick: relay('off', 0) }, { key: 'load-on', label: t('actions.loadOn'), onClick: relay('on', 0) },
        { key: 'signal-off', label: t('actions.signalOff'), onClick: relay('off', 1) }, { key: 'signal-on', label: t('actions.signalOn'), onClick: relay('on', 1) },
      ] });
    if (may('Write.Scheduler.JobLaunches')) {
      items.push({ key: 'constructor', icon: <BuildOutlined />, label: t('actions.constructor'), onClick: () => openDialog((close) => <ActionConstructor devices={devices} onClose={close} />) });
      items.push({ key: 'run-once', icon: <PlayCircleOutlined />, label: t('actions.runOnce'), onClick: () => openDialog((close) => <TaskChoice devices={devices} purpose="run" onClose={close} />) });
    }
    if (may('Write.DataCollection.Job'))
      items.push({ key: 'add-to-task', icon: <PlusSquareOutlined />, label: t('actions.addToTask'), onClick: () => openDialog((close) => <TaskChoice devices={devices} purpose="add" onClose={close} />) });
    return items;
  };
}
