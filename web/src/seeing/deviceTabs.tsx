// What the page of a device shows of its data; found by that page (devices/tabs).
import { lazy } from 'react';

export const deviceTabs = [
  { key: 'readings', title: 'seeing:tab.readings', order: 10, permission: 'Read.Datastore', component: lazy(() => import('./ReadingsPanel')) },
  { key: 'network', title: 'seeing:tab.network', order: 20, permission: 'Read.Datastore', component: lazy(() => import('./NetworkPanel')) },
  { key: 'exchange', title: 'seeing:tab.exchange', order: 60, permission: 'Read.Logs.Debug', component: lazy(() => import('./ExchangePanel')) },
];
