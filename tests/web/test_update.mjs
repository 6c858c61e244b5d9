#!/usr/bin/env node
// «Обновление прошивки» in the browser (S0 4.7.2): packages that are refused with a reason, a good one that says what changes and is
// installed while the page waits, a bad one that goes back; a gateway without the starter. In Russian and in English on a phone.
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { button, wordsOf } from './support/hands.mjs';
import { ok, same, svod, test, until } from './support/stand.mjs';

/** What a browser says of a refused package, and of a server that goes away and comes back as another program. */
const refusals = /net::ERR_|status of (400|401|50[234])/;
const spill = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** A signed package; the file's path. */
function makePackage(stand, version, program, name = `svod-${version}.bin`) {
  const at = (file) => join(stand.place, file);
  writeFileSync(at('program'), program);
  writeFileSync(at('notes'), 'Быстрее опрос\n---\nFaster polling\n');
  stand.run('admin', 'package', at('program'), at('maker.key'), version, '0.1', at('notes'), at(name));
  return at(name);
}

async function whole(stand, page, name) {
  await page.mouse.move(1, 1);
  await stand.whole(page, name);
}

const choose = (page, path) => page.locator('input[type=file]').setInputFiles(path);

async function refused(stand, page, t, name) {
  const damaged = join(stand.place, 'damaged.bin');
  const good = readFileSync(makePackage(stand, '9.1', `#!/bin/sh\nexec ${resolve(svod)} "$@"\n`));
  good[good.length - 3] ^= 1;
  writeFileSync(damaged, good);
  await choose(page, damaged);
  const told = page.getByTestId('update-refused');
  await told.waitFor();
  ok((await told.innerText()).includes(name.startsWith('ru') ? 'повреждён' : 'damaged'), `${name}: a damaged package is refused, and why`, await told.innerText());
  await choose(page, join(stand.place, 'notes'));
  await until('another reason', async () => (await told.innerText()).includes(name.startsWith('ru') ? 'не пакет' : 'no package'));
  ok(await page.getByTestId('update-checked').count() === 0, `${name}: and nothing can be installed`);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `update-refused-${name}`);
}

async function install(stand, page, t, name, version, program, result) {
  const starts = () => stand.server.said.match(/port \d+/g).length;
  const before = starts();
  await choose(page, makePackage(stand, version, program));
  const checked = page.getByTestId('update-checked');
  await checked.waitFor();
  const words = await checked.innerText();
  ok(words.includes(version) && words.includes(name.startsWith('ru') ? 'Быстрее опрос' : 'Faster polling'), `${name}: the page says what changes`, words);
  await whole(stand, page, `update-checked-${name}-${result}`);
  await button(page, t('update:install')).click();
  await button(page.locator('.ant-modal-confirm'), t('update:install')).click();
  await page.getByTestId('update-waiting').waitFor();
  ok(true, `${name}: the page waits with its timer`);
  await until('the next program', () => starts() > before);
  await page.getByTestId('update-history').getByText(`→ ${version}`).first().waitFor();
  await page.getByTestId('update-waiting').waitFor({ state: 'detached' });
  const [last] = (await stand.ask('GET', '/box/update')).history;
  same([last.version, last.result], [version, result], `${name}: ${result}`);
  ok((await page.innerText('body')).includes(t(`update:last.${result}`, { version })), `${name}: and the page says so`);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `update-${result}-${name}`);
}

async function withoutStarter(stand) {
  const t = wordsOf('ru');
  const other = await stand.beside({ meters: 1, quiet: 0, days: 1, collect: false, face: 'gateway' });
  const page = await other.open('/box/update');
  await page.getByText(t('update:noStarter')).waitFor();
  same(await page.locator('input[type=file]').count(), 0, 'without the starter there is nothing to choose');
  await other.whole(page, 'update-without-starter');
}

await test(async (stand) => {
  stand.run('admin', 'package-key', join(stand.place, 'maker.key'));
  copyFileSync(join(stand.place, 'maker.key.pub'), join(stand.programs, 'update.pub'));
  chmodSync(join(stand.programs, 'update.pub'), 0o644);
  let version = 2;
  for (const [language, theme, width] of [['ru', 'light', 1280], ['en', 'dark', 390]]) {
    const t = wordsOf(language), name = `${language}-${theme}-${width}`;
    const page = await stand.open('/box/update', { language, theme, width });
    page.excused = refusals;
    await refused(stand, page, t, name);
    await install(stand, page, t, name, `${version++}.0`, '#!/bin/sh\nexit 7\n', 'rolled-back');
    await install(stand, page, t, name, `${version++}.0`, `#!/bin/sh\nexec ${resolve(svod)} "$@"\n`, 'installed');
    await page.context().close();
  }
  await withoutStarter(stand);
}, { meters: 1, quiet: 0, days: 1, collect: false, face: 'gateway', starter: true });
