// What only the gateway has (manual S0, chapter 4).
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/centre', title: 'centre:title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Centre')), menu: { section: 'upward', order: 5 } },
  { path: '/mqtt', title: 'mqtt:title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Mqtt')), menu: { section: 'upward', order: 10 } },
  { path: '/ftp', title: 'files:ftp.title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Ftp')), menu: { section: 'upward', order: 20 } },
  { path: '/post', title: 'post:title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Post')), menu: { section: 'upward', order: 25 } },
  { path: '/files', title: 'files:files.title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Files')), menu: { section: 'upward', order: 30 } },
  { path: '/rtu327', title: 'files:rtu.title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Rtu327')), menu: { section: 'upward', order: 40 } },
  { path: '/settings-file', title: 'files:file.title', face: 'gateway', permission: 'Write.HesConfig', component: lazy(() => import('./SettingsFile')), menu: { section: 'upward', order: 50 } },
];
