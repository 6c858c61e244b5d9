// Pages of collection and control (S3 2.2.21–2.2.24) and of relays (S3 2.2.10).
import { lazy } from 'react';
import type { Page } from '../app/pages';

const see = 'View.DataCollection.Job';

export const pages: Page[] = [
  { path: '/tasks', title: 'collection:list.title', permission: see, component: lazy(() => import('./TaskList')), menu: { section: 'collection', order: 10 } },
  { path: '/runs', title: 'collection:oneOff.title', permission: see, component: lazy(() => import('./OneOffList')), menu: { section: 'collection', order: 20 } },
  { path: '/relays', title: 'collection:relays.title', face: 'head-end', permission: 'Read.DataCollection.Job', component: lazy(() => import('./RelayList')), menu: { section: 'devices', order: 60 } },
  { path: '/tasks/new', title: 'collection:wizard.new', permission: 'Write.DataCollection.Job', component: lazy(() => import('./TaskWizard')), parent: '/tasks' },
  { path: '/tasks/:id/edit', title: 'collection:wizard.edit', permission: 'Write.DataCollection.Job', component: lazy(() => import('./TaskWizard')), parent: '/tasks' },
  { path: '/tasks/:id/runs', title: 'collection:history.title', permission: see, component: lazy(() => import('./TaskHistory')), parent: '/tasks' },
  { path: '/runs/:id', title: 'collection:run.title', permission: see, component: lazy(() => import('./RunPage')), parent: '/tasks' },
];
