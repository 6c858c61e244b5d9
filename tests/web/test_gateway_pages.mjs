#!/usr/bin/env node
// Every page that only a gateway has, with the tabs of each, over meters that answer and meters that do not (support/walk.mjs).
import { ok, test } from './support/stand.mjs';
import { looks, menuOf, tabsOf, walk } from './support/walk.mjs';

/** Pages that the head-end has, too, are looked at there. */
const shared = /^\/(|admin.*|settings\/.*|about.*|devices|data|completeness|statistics|heatmap|groups|links|protocols|host|tasks|runs|events.*|notices)$/;

await test(async (stand) => {
  const page = await stand.open('/lines');
  const paths = [];
  const menu = (await menuOf(page)).filter((path) => path === '/' || !shared.test(path) || path === '/settings-file');
  for (const path of menu) {
    await stand.go(page, path);
    const tabs = await tabsOf(page, path);
    paths.push(...(tabs.length ? tabs : [path]));
  }
  paths.push(`/lines/${(await stand.ask('GET', '/lines')).items[0].id}`);
  ok(paths.length > 35, `${paths.length} views`);
  await page.context().close();
  await walk(stand, paths, 'gateway', looks.slice(0, 2)); // the others are those of the subjects' own tests
}, { face: 'gateway', modules: true, meters: 3, quiet: 1 });
