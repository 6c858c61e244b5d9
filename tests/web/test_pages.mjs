#!/usr/bin/env node
// Every page of the menu and those behind them, in both languages and themes, wide and on a phone, side by side: opens, is whole, has
// a picture.
import { ok, test, until } from './support/stand.mjs';

/** Pages that are opened from others: a device by its tabs, a run, a task's wizard. */
async function behind(stand, page) {
  const order = await stand.ask('POST', '/runs', { request: 'pages', title: 'Показания', devices: [1, 2, 9, 11], work: { measurements: [{ archive: 'current' }] } });
  await until('the run', async () => (await stand.ask('GET', `/runs/${order.id}`)).ended, 200);
  await stand.go(page, '/devices/1');
  const tabs = await page.$$eval('[role="tab"]', (found) => found.map((tab) => tab.id.replace(/^.*-tab-/, '')));
  ok(tabs.length >= 6, `a device's tabs: ${tabs.join(' ')}`);
  return [...tabs.map((tab) => `/devices/1?tab=${tab}`), `/runs/${order.id}`, '/tasks/new', '/admin/projects/1'];
}

async function lookAt(stand, page, name) {
  ok(await page.$eval('h1', (h) => h.textContent.trim().length > 0), `${name}: has a title`);
  const spill = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  ok(spill <= 0, `${name}: nothing spills over the edge`, `${spill} px`);
  await stand.whole(page, name);
}

await test(async (stand) => {
  const page = await stand.open('/devices');
  const links = async () => [...new Set(await page.$$eval('nav a[href]', (found) => found.map((a) => a.getAttribute('href'))))];
  for (const title of await page.$$('nav .ant-menu-submenu-title[aria-expanded="false"]')) await title.click();
  const paths = await links();
  ok(paths.length > 0, `the menu has pages: ${paths.join(' ')}`);
  paths.push(...await behind(stand, page));
  await page.context().close();
  const looks = [['ru', 'light', 1280], ['en', 'dark', 1280], ['ru', 'dark', 390], ['en', 'light', 390]];
  await Promise.all(looks.map(async ([language, theme, width], look) => {
    const opened = await stand.open(undefined, { language, theme, width });
    let former;
    for (const path of paths) {
      const place = path.split('?')[0];
      // The first opens every address; the others go through the app, which is loaded once.
      if (look === 0 || !former || place === former) await stand.go(opened, path);
      else await stand.walk(opened, path);
      former = place;
      await lookAt(stand, opened, `page${path.replaceAll(/[/?=]/g, '-')}-${language}-${theme}-${width}`);
    }
    await opened.context().close();
  }));
});
