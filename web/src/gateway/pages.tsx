// What only the gateway has (manual S0, chapter 4).
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/centre', title: 'centre:title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Centre')), menu: { section: 'upward', order: 5 } },
  { path: '/mqtt', title: 'mqtt:title', face: 'gateway', permission: 'Read.HesConfig', component: lazy(() => import('./Mqtt')), menu: { section: 'upward', order: 10 } },
];
