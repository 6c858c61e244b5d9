// Pages of the gateway's own box (S0 4.2): time, networks, diagnostics, updates. Its cards on the first page are BoxCards, its bar BoxBar.
import { ClockCircleOutlined, CloudSyncOutlined, GlobalOutlined, MedicineBoxOutlined, PoweroffOutlined } from '@ant-design/icons';
import { lazy } from 'react';
import type { Page } from '../app/pages';

const permission = 'Read.HesConfig', face = 'gateway';

export const pages: Page[] = [
  { path: '/box/time', title: 'box:time.title', permission, face, component: lazy(() => import('./TimePage')), menu: { section: 'box', order: 10, icon: <ClockCircleOutlined /> } },
  { path: '/box/network', title: 'box:network.title', permission, face, component: lazy(() => import('./NetworkPage')), menu: { section: 'box', order: 20, icon: <GlobalOutlined /> } },
  { path: '/box/diagnostics', title: 'box:diagnostics.title', permission, face, component: lazy(() => import('./DiagnosticsPage')), menu: { section: 'box', order: 40, icon: <MedicineBoxOutlined /> } },
  { path: '/box/last-word', title: 'lastword:title', permission, face, component: lazy(() => import('./LastWordPage')), menu: { section: 'box', order: 50, icon: <PoweroffOutlined /> } },
  { path: '/box/update', title: 'update:title', permission, face, component: lazy(() => import('./UpdatePage')), menu: { section: 'box', order: 60, icon: <CloudSyncOutlined /> } },
];
