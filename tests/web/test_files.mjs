#!/usr/bin/env node
// FTP, hour files, RTU-327 and settings to a file, as an installer clicks them (S4 9, 11, 24): a real FTP server gets what was
// collected, files are listed and downloaded, a file of settings is compared and loaded; both languages, both themes, a telephone.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { button, field, wordsOf } from './support/hands.mjs';
import { ok, root, same, test, until } from './support/stand.mjs';

/** tests/support/ftp_server.py on a free port. */
async function ftpServer(place) {
  const folder = join(place, 'ftp');
  mkdirSync(join(folder, 'home'), { recursive: true });
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  const process_ = spawn(python, [join(root, 'tests/support/ftp_server.py'), folder, '0'], { stdio: 'ignore' });
  await until('the FTP server', () => existsSync(join(folder, 'port')));
  return { port: Number(readFileSync(join(folder, 'port'), 'utf8')), home: join(folder, 'home'), end: () => process_.kill('SIGKILL') };
}

const shows = (page, what) => until(`«${what}» is shown`, async () => (await page.evaluate(() => document.body.innerText)).includes(what)).then(() => true, () => false);
const whole = async (stand, page, name) => {
  await page.mouse.move(0, 0);
  await stand.whole(page, name);
};
const errors = (page) => page.locator('.ant-form-item-explain-error').allTextContents();

async function theFtp(stand, page, at, t) {
  ok(await shows(page, t('files:ftp.noServer')), 'no server at first');
  const first = page.getByTestId('ftp-server-1');
  await page.locator('#enabled').click();
  await button(page, t('app:save')).click();
  await until('the server\'s word', async () => (await errors(page)).length > 0);
  ok(true, 'an address is wanted, told at its field');
  page.complaints.length = 0; // Chromium tells the 400
  await field(first, t('files:field.address')).fill('127.0.0.1');
  await field(first, t('files:field.port')).fill(String(at.port));
  await field(first, t('files:field.login')).fill('box');
  await field(first, t('files:field.password')).fill('слово box');
  await field(page, t('files:field.folder')).fill('house 7');
  await button(page, t('app:save')).click();
  await until('saved', async () => (await stand.ask('GET', '/ftp')).enabled);
  await until('the files are begun', async () => (await stand.ask('GET', '/files')).writing);
  await stand.collect();
  await button(page, t('files:ftp.sendNow')).click();
  ok(await shows(page, t('files:ftp.states.ok')), 'what was collected is sent');
  same(readdirSync(at.home), ['house 7'], 'into the object\'s folder');
  same(await field(first, t('files:field.password')).inputValue(), '***', 'the password is not shown back');
  await whole(stand, page, 'ftp');
}

/** Letters are set up; without a mail server the page says why none goes. */
async function thePost(stand, page, t) {
  await stand.go(page, '/post');
  ok(await shows(page, t('post:states.off')), 'no letters at first');
  ok(await shows(page, t('post:hint.server')), 'that there is no mail server is told');
  await page.locator('#enabled').click();
  await button(page, t('app:save')).click();
  await until('the server\'s word', async () => (await errors(page)).length > 0);
  ok(true, 'a recipient is wanted, told at its field');
  page.complaints.length = 0; // Chromium tells the 400
  await page.locator('#recipients').fill('energy@example.org');
  await page.locator('#recipients').press('Enter');
  await field(page, t('post:field.period_min')).fill('60');
  await field(page, t('post:field.offset_min')).fill('10');
  await button(page, t('app:save')).click();
  await until('saved', async () => (await stand.ask('GET', '/post')).enabled);
  const kept = await stand.ask('GET', '/post');
  same([kept.recipients, kept.period_min, kept.offset_min, kept.format], [['energy@example.org'], 60, 10, 'csv'], 'letters are set up');
  await until('the schedule runs', async () => (await stand.ask('GET', '/post')).next);
  await stand.collect();
  await button(page, t('post:sendNow')).click();
  ok(await shows(page, t('post:states.failed')), 'why none goes is shown');
  await whole(stand, page, 'post');
}

async function theFiles(stand, page, t) {
  await stand.go(page, '/files');
  ok(await shows(page, t('files:files.writing')), 'files are written');
  await page.locator('[data-testid="table-hour-days"] .ant-table-row-expand-icon').first().click();
  const link = page.getByRole('button', { name: /\.csv$/ }).first();
  await link.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  ok(readFileSync(await download.path(), 'utf8').startsWith('serial;archive;time;obis;value;unit;quality\n'), 'a file is downloaded');
  await whole(stand, page, 'files');
}

async function theSettings(stand, page, t) {
  await stand.go(page, '/settings-file');
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, t('files:file.download')).click()]);
  const file = JSON.parse(readFileSync(await download.path(), 'utf8'));
  same([file.format, file.sections.ftp.folder], ['svod-settings', 'house 7'], 'all settings are in the file');
  ok(!JSON.stringify(file).includes('слово box'), 'secrets are not');
  file.sections.ftp.answer_s = 0;
  const path = join(stand.place, 'bad.json');
  writeFileSync(path, JSON.stringify(file));
  await page.locator('input[type=file]').setInputFiles(path);
  await button(page, t('files:file.compare')).click();
  ok(await shows(page, 'ftp.answer_s'), 'a mistake is told by its section and field');
  ok(await button(page, t('files:file.apply')).isDisabled(), 'and nothing can be loaded');
  await whole(stand, page, 'settings-file-mistake');
  file.sections.ftp.answer_s = 77;
  const good = join(stand.place, 'good.json');
  writeFileSync(good, JSON.stringify(file));
  await page.locator('input[type=file]').setInputFiles(good);
  await button(page, t('files:file.compare')).click();
  await page.getByRole('cell', { name: '77' }).waitFor();
  await whole(stand, page, 'settings-file');
  await button(page, t('files:file.apply')).click();
  await until('loaded', async () => (await stand.ask('GET', '/ftp')).answer_s === 77);
  ok(true, 'what was shown is loaded');
}

async function theRtu(stand, page, t) {
  await stand.go(page, '/rtu327');
  ok(await shows(page, t('files:rtu.off')), 'the RTU-327 server is off');
  await whole(stand, page, 'rtu327');
}

async function otherEyes(stand) {
  for (const path of ['/ftp', '/post', '/files', '/rtu327', '/settings-file']) {
    const page = await stand.open(path, { language: 'en', theme: 'dark' });
    await page.locator('h1').waitFor();
    await stand.settle(page);
    await whole(stand, page, `${path.slice(1)}-en-dark`);
    await page.context().close();
  }
  const phone = await stand.open('/ftp', { width: 390, height: 844 });
  await whole(stand, phone, 'ftp-phone');
  same(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing runs over the edge of a telephone');
  await stand.go(phone, '/post');
  await whole(stand, phone, 'post-phone');
  same(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nor here');
  await stand.go(phone, '/settings-file');
  await whole(stand, phone, 'settings-file-phone');
  same(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'here as well');
  await phone.context().close();
}

await test(async (stand) => {
  const at = await ftpServer(stand.place);
  try {
    const t = wordsOf('ru');
    const page = await stand.open('/ftp');
    await theFtp(stand, page, at, t);
    await thePost(stand, page, t);
    await theFiles(stand, page, t);
    await theSettings(stand, page, t);
    await theRtu(stand, page, t);
    await page.context().close();
    await otherEyes(stand);
  } finally {
    at.end();
  }
}, { face: 'gateway', meters: 4, quiet: 0, collect: false });
