// «История команд» on the page of a device (S3 3.4 step 7).
import { lazy } from 'react';

export const deviceTabs = [
  { key: 'commands', title: 'collection:commands.title', order: 50, permission: 'Read.DataCollection.Job', component: lazy(() => import('./CommandHistory')) },
];
