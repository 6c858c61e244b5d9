// Pages that show the data (home comes with the app: it is what people see first): home (S3 2.2.4), data and statistics (2.2.7), completeness, heat map (2.2.14), events.
import { lazy } from 'react';
import type { Page } from '../app/pages';
import HomePage from './HomePage';

const permission = 'Read.Datastore';

export const pages: Page[] = [
  { path: '/', title: 'seeing:home.title', component: HomePage, menu: { section: 'home', order: 10 } },
  { path: '/data', title: 'seeing:data.title', permission, component: lazy(() => import('./DataPage')), menu: { section: 'devices', order: 50 } },
  { path: '/completeness', title: 'seeing:completeness.title', permission, component: lazy(() => import('./CompletenessPage')), menu: { section: 'devices', order: 52 } },
  { path: '/statistics', title: 'seeing:statistics.title', permission, component: lazy(() => import('./StatisticsPage')), menu: { section: 'devices', order: 54 } },
  { path: '/heatmap', title: 'seeing:heat.title', permission, component: lazy(() => import('./HeatMapPage')), menu: { section: 'devices', order: 56 } },
  { path: '/events/devices', title: 'seeing:events.title', permission, component: lazy(() => import('./DeviceEvents')), menu: { section: 'events', order: 5 } },
];
