#!/usr/bin/env node
// The pictures of the READMEs, taken from the running program over simulated meters: node scripts/pictures.mjs
import { join } from 'node:path';
import { root, Stand, until } from '../tests/web/support/stand.mjs';

const folder = join(root, 'docs/pictures');
const stand = await Stand.begin({ meters: 60, quiet: 4, days: 14 });

async function picture(name, path, prepare = async () => {}) {
  const page = await stand.open(path, { width: 1360, height: 850 });
  await prepare(page);
  await stand.settle(page);
  await page.waitForTimeout(1000); // charts draw themselves in
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
}

/** A one-off run over everybody, as an operator would start it. */
async function run() {
  const ids = (await stand.ask('GET', '/devices?size=100')).items.map((device) => device.id);
  const made = await stand.ask('POST', '/runs', {
    request: 'pictures', title: 'Показания на сейчас', devices: ids,
    work: { measurements: [{ archive: 'current' }, { archive: 'network' }] },
  });
  await until('the run', async () => (await stand.ask('GET', `/runs/${made.id}`)).ended, 300);
  return made.id;
}

const device = (await stand.ask('GET', '/devices?search=10000007')).items[0].id;
const made = await run();
await picture('home', '/');
await picture('devices', '/devices?group=');
await picture('device', `/devices/${device}?tab=readings`);
await picture('frames', `/devices/${device}?tab=exchange`);
await picture('run', `/runs/${made}`);
await stand.end();
