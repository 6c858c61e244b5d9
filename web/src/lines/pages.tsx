// The gateway's lines: how they live, and its digital interfaces (S0 4.2.3).
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/lines', title: 'lines:title', permission: 'View.ChannelSettings', component: lazy(() => import('./LineList')), face: 'gateway', menu: { section: 'collection', order: 5 } },
  { path: '/lines/:id', title: 'lines:page', permission: 'View.ChannelSettings', component: lazy(() => import('./LinePage')), face: 'gateway', parent: '/lines' },
  { path: '/interfaces', title: 'lines:interfaces.menu', permission: 'View.ChannelSettings', component: lazy(() => import('./Interfaces')), face: 'gateway', menu: { section: 'box', order: 40 } },
];
