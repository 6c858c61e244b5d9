// Pages of devices (S3 2.2.5, 2.2.6, 2.2.11–2.2.13).
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/devices', title: 'devices:list.title', permission: 'View.Devices', component: lazy(() => import('./DeviceList')), menu: { section: 'devices', order: 10 } },
  { path: '/devices/wizard', title: 'wizard:title', permission: 'Write.Devices', component: lazy(() => import('./Wizard')), parent: '/devices' },
  { path: '/devices/:id', title: 'devices:page.title', permission: 'View.Devices', component: lazy(() => import('./DevicePage')), parent: '/devices' },
  { path: '/groups', title: 'groups:title', face: 'head-end', permission: 'View.Devices', component: lazy(() => import('./Groups')), menu: { section: 'devices', order: 80 } },
  { path: '/links', title: 'links:title', permission: 'View.ChannelSettings', component: lazy(() => import('./Links')), menu: { section: 'devices', order: 82 } },
  { path: '/protocols', title: 'protocols:title', permission: 'View.ProtocolSettings', component: lazy(() => import('./Protocols')), menu: { section: 'devices', order: 84 } },
];
