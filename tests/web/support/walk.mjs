// Pages of a menu and those behind them, side by side in several looks: each opens, is whole, has a picture.
import { ok } from './stand.mjs';

/** Language, theme, width. The first two have every colour and every width: axe, which takes as long as all else, looks at these. */
export const looks = [['ru', 'light', 1280], ['en', 'dark', 390], ['en', 'dark', 1280], ['ru', 'light', 390]];

/** Addresses in the menu of an opened page. */
export async function menuOf(page) {
  for (const title of await page.$$('nav .ant-menu-submenu-title[aria-expanded="false"]')) await title.click();
  const paths = [...new Set(await page.$$eval('nav a[href]', (found) => found.map((a) => a.getAttribute('href'))))];
  ok(paths.length > 0, `the menu has pages: ${paths.join(' ')}`);
  return paths;
}

/** The tabs of a page, as addresses. */
export async function tabsOf(page, path) {
  const tabs = await page.$$eval('[role="tab"]', (found) => found.map((tab) => tab.id.replace(/^.*-tab-/, '')));
  return tabs.map((tab) => `${path}?tab=${tab}`);
}

async function lookAt(stand, page, name, axe) {
  ok(await page.$eval('h1', (h) => h.textContent.trim().length > 0), `${name}: has a title`);
  const spill = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  ok(spill <= 0, `${name}: nothing spills over the edge`, `${spill} px`);
  await stand.whole(page, name, { axe });
}

export async function walk(stand, paths, prefix, seen = looks) {
  await Promise.all(seen.map(async ([language, theme, width], look) => {
    const opened = await stand.open(undefined, { language, theme, width });
    let former;
    for (const path of paths) {
      const place = path.split('?')[0];
      // The first opens every address; the others go through the app, which is loaded once.
      if (look === 0 || !former || place === former) await stand.go(opened, path);
      else await stand.walk(opened, path);
      former = place;
      await lookAt(stand, opened, `${prefix}${path.replaceAll(/[/?=]/g, '-')}-${language}-${theme}-${width}`, look < 2);
    }
    await opened.context().close();
  }));
}
