// «Показания» of a gateway (S0 4.4): relays, and a page for each resource: now, archives, journals.
import { lazy } from 'react';
import type { Page } from '../app/pages';
import type { Resource } from './kinds';

const permission = 'Read.Datastore';
const page = (resource: Resource) => lazy(async () => {
  const { ReadingsPage } = await import('./ReadingsPage');
  return { default: () => <ReadingsPage resource={resource} /> };
});

export const pages: Page[] = [
  { path: '/readings/relays', title: 'readings:relays.title', face: 'gateway', permission: 'Read.DataCollection.Job', component: lazy(() => import('./Relays')), menu: { section: 'readings', order: 20 } },
  { path: '/readings/electricity', title: 'readings:resource.electricity', face: 'gateway', permission, component: page('electricity'), menu: { section: 'readings', order: 30 } },
  { path: '/readings/water', title: 'readings:resource.water', face: 'gateway', permission, component: page('water'), menu: { section: 'readings', order: 40 } },
  { path: '/readings/heat', title: 'readings:resource.heat', face: 'gateway', permission, component: page('heat'), menu: { section: 'readings', order: 50 } },
  { path: '/readings/pulses', title: 'readings:resource.pulses', face: 'gateway', permission, component: page('pulses'), menu: { section: 'readings', order: 60 } },
  { path: '/readings/telemechanics', title: 'readings:resource.telemechanics', face: 'gateway', permission, component: page('telemechanics'), menu: { section: 'readings', order: 70 } },
];
