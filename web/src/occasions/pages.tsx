// The gateway's event model (S0 4.5) and the clocks of its meters (S0 4.4.1.1).
import { lazy } from 'react';
import type { Page } from '../app/pages';

const face = 'gateway';

export const pages: Page[] = [
  { path: '/occasions', title: 'occasions:title', permission: 'Read.DataCollection.Job', face, component: lazy(() => import('./Occasions')), menu: { section: 'collection', order: 8 } },
  { path: '/clocks', title: 'occasions:clocks.title', permission: 'Read.Devices', face, component: lazy(() => import('./Clocks')), menu: { section: 'collection', order: 9 } },
];
