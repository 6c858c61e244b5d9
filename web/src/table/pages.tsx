// Pages of a gateway's data collection (S0 4.3): the table of meters, groups and templates.
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/meter-table', title: 'table:title', permission: 'Read.DeviceCommline', face: 'gateway', component: lazy(() => import('./MeterTable')), menu: { section: 'collection', order: 2 } },
  { path: '/templates', title: 'templates:title', permission: 'View.DataCollection.Job', face: 'gateway', component: lazy(() => import('./Templates')), menu: { section: 'collection', order: 4 } },
];
