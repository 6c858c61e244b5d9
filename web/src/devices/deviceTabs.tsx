// The tabs of a device's page that are about the registry and its logs; charts and readings are the folder seeing's.
import { lazy } from 'react';
import type { DeviceTab } from './tabs';

export const deviceTabs: DeviceTab[] = [
  { key: 'events', title: 'devices:tab.events', order: 30, permission: 'Read.Datastore', component: lazy(() => import('./EventsPanel')) },
  { key: 'states', title: 'devices:tab.states', order: 40, permission: 'Read.Datastore', component: lazy(() => import('./StatesPanel')) },
];
