// Gateways that deliver to this head-end.
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/gateways', title: 'gateways:title', face: 'head-end', permission: 'Read.ChannelSettings', component: lazy(() => import('./Gateways')), menu: { section: 'devices', order: 86 } },
  { path: '/gateways/:id', title: 'gateways:page', face: 'head-end', permission: 'Read.ChannelSettings', component: lazy(() => import('./GatewayMeters')), parent: '/gateways' },
];
