// Pages of devices (S3 2.2.5).
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/devices', title: 'devices:list.title', permission: 'View.Devices', component: lazy(() => import('./DeviceList')), menu: { section: 'devices', order: 10 } },
];
