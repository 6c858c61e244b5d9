#!/usr/bin/env node
// Every page of the menu, in both languages and themes, wide and on a phone: opens, is whole, has a picture.
import { ok, test } from './support/stand.mjs';

await test(async (stand) => {
  const page = await stand.open('/devices');
  const links = async () => [...new Set(await page.$$eval('nav a[href]', (found) => found.map((a) => a.getAttribute('href'))))];
  for (const title of await page.$$('nav .ant-menu-submenu-title[aria-expanded="false"]')) await title.click();
  const paths = await links();
  ok(paths.length > 0, `the menu has pages: ${paths.join(' ')}`);
  await page.context().close();
  for (const [language, theme, width] of [['ru', 'light', 1280], ['en', 'dark', 1280], ['ru', 'dark', 390], ['en', 'light', 390]]) {
    const opened = await stand.open(undefined, { language, theme, width });
    for (const path of paths) {
      await stand.go(opened, path);
      const name = `page${path.replaceAll('/', '-')}-${language}-${theme}-${width}`;
      ok(await opened.$eval('h1', (h) => h.textContent.trim().length > 0), `${name}: has a title`);
      const spill = await opened.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      ok(spill <= 0, `${name}: nothing spills over the edge`, `${spill} px`);
      await stand.whole(opened, name);
    }
    await opened.context().close();
  }
});
