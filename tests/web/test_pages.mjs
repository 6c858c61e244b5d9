#!/usr/bin/env node
// Every page of the head-end's menu and those behind them: devices by their tabs, a run, a task's wizard, a project; in both languages
// and themes, wide and on a phone (support/walk.mjs).
import { ok, test, until } from './support/stand.mjs';
import { menuOf, tabsOf, walk } from './support/walk.mjs';

async function behind(stand, page) {
  const order = await stand.ask('POST', '/runs', { request: 'pages', title: 'Показания', devices: [1, 2, 9, 11], work: { measurements: [{ archive: 'current' }] } });
  await until('the run', async () => (await stand.ask('GET', `/runs/${order.id}`)).ended, 200);
  await stand.go(page, '/devices/1');
  const tabs = await tabsOf(page, '/devices/1');
  ok(tabs.length >= 6, `a device's tabs: ${tabs.join(' ')}`);
  return [...tabs, `/runs/${order.id}`, '/tasks/new', '/admin/projects/1'];
}

await test(async (stand) => {
  const page = await stand.open('/devices');
  const paths = [...await menuOf(page), ...await behind(stand, page)];
  await page.context().close();
  await walk(stand, paths, 'page');
});
