// What can be done with the devices chosen in a list (S3 2.2.5): every folder of src/ that has a deviceActions.tsx adds items
// to their menu by exporting `useDeviceActions`. The hook is called once a render; what it returns, when the menu opens.
import type { MenuProps } from 'antd';
import type { Row } from '../api/client';

export type Device = Row<'/api/v1/devices'>;
export type MenuItems = Required<MenuProps>['items'];
export type UseDeviceActions = () => (devices: Device[]) => MenuItems;

const found = import.meta.glob<{ useDeviceActions: UseDeviceActions }>('../*/deviceActions.tsx', { eager: true });
const hooks: UseDeviceActions[] = Object.values(found).map((module) => module.useDeviceActions);

/** The items of all folders, in the order of their names; the list never changes, so hooks may be called in a loop. */
export const useDeviceActions: UseDeviceActions = () => {
  const makers = hooks.map((hook) => hook());
  return (devices) => makers.flatMap((make) => make(devices));
};
