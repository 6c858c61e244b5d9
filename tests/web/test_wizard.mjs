#!/usr/bin/env node
// The edit wizard: one value for many devices (S3 3.8), to each its own (S3 3.9), pasted from a spreadsheet; mistakes at the cells.
import { ok, same, test, until } from './support/stand.mjs';
import { button, wordsOf } from './support/hands.mjs';

const serials = ['10000001', '10000002', '10000003'];

async function addParameter(page, t, title) {
  const box = page.getByRole('combobox', { name: t('wizard:addParameter') });
  await box.click();
  await box.fill(title);
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: new RegExp(`^${title}`) }).first().click();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { level: 1 }).click();
}

const devicesOf = async (stand) => Promise.all((await stand.ask('POST', '/devices/find', { serials })).items.map((device) => stand.ask('GET', `/devices/${device.id}`)));

/** S3 3.8: devices chosen in the list; the device's and the channel's parameters at once. */
async function common(stand, page, t, name) {
  await stand.go(page, '/devices?q=1000000');
  const rows = page.locator('[data-testid="table-devices"] tbody tr.ant-table-row');
  await until('the devices', async () => (await rows.count()) >= 3);
  for (let i = 0; i < 3; i++) await rows.nth(i).getByRole('checkbox').check();
  await button(page, t('wizard:title')).click();
  await stand.settle(page);
  same((await page.getByLabel(t('wizard:serials')).inputValue()).split('\n').sort(), serials, 'the devices chosen in the list are the wizard’s');
  await page.getByText(t('wizard:found', { count: 3 })).waitFor();
  await addParameter(page, t, t('devices:group'));
  await addParameter(page, t, t('devices:status'));
  await addParameter(page, t, t('links:field.connect_ms'));
  await page.getByRole('combobox', { name: t('devices:group') }).fill(`КЕСИ ${name}`);
  await page.getByRole('combobox', { name: t('devices:status') }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: t('devices:statusOf.in-repair') }).click();
  await page.getByRole('spinbutton', { name: t('links:field.connect_ms') }).fill('999999999');
  await button(page, t('wizard:edit')).click();
  await page.locator('.wizard-problem').first().waitFor();
  ok((await devicesOf(stand)).every((device) => device.group !== `КЕСИ ${name}`), 'one wrong value: nothing is written');
  page.complaints.length = 0; // the browser itself tells the console of a refusal
  await page.getByRole('spinbutton', { name: t('links:field.connect_ms') }).fill('7000');
  await stand.whole(page, `wizard-common-${name}`);
  await button(page, t('wizard:edit')).click();
  const after = await until('all are written', async () => { const all = await devicesOf(stand); return all.every((device) => device.group === `КЕСИ ${name}`) && all; });
  ok(after.every((device) => device.status === 'in-repair'), 'all three have the group and the status');
  const links = await Promise.all(after.map((device) => stand.ask('GET', `/links/${device.lines[0].link}`)));
  ok(links.every((link) => link.connect_ms === 7000), 'and their channels have what was set');
}

/** S3 3.9: serial numbers typed in; a column pasted; a mistake at its cell. */
async function unique(stand, page, t, name) {
  await stand.go(page, '/devices/wizard');
  await page.getByLabel(t('wizard:serials')).fill([...serials, '777'].join('\n'));
  await page.getByText(t('wizard:found', { count: 3 })).waitFor();
  await page.getByText(t('wizard:missing', { count: 1, serials: '777' })).waitFor();
  await page.getByText(t('wizard:unique'), { exact: true }).click();
  await addParameter(page, t, t('devices:note'));
  await addParameter(page, t, t('devices:enabled'));
  await addParameter(page, t, t('links:field.port'));
  const cell = (title, serial) => page.getByLabel(`${title}: ${serial}`);
  const note = t('devices:note');
  await cell(note, serials[0]).focus();
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, `подъезд 1\t${t('no')}\nподъезд 2\t${t('yes')}\nподъезд 3\t${t('no')}\n`);
  same(await Promise.all(serials.map((serial) => cell(note, serial).inputValue())), ['подъезд 1', 'подъезд 2', 'подъезд 3'], 'a block of a spreadsheet fills the cells');
  await cell(note, serials[0]).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  ok(await cell(note, serials[2]).evaluate((input) => input === document.activeElement), 'arrows and Enter go down the column');
  const port = await cell(t('links:field.port'), serials[1]).inputValue();
  await cell(t('links:field.port'), serials[1]).fill('70000');
  await button(page, t('save')).click();
  await page.locator('td .wizard-problem').waitFor();
  ok((await devicesOf(stand)).every((device) => !device.note.startsWith('подъезд')), 'one wrong cell: nothing is written');
  ok((await cell(t('links:field.port'), serials[1]).getAttribute('aria-invalid')) === 'true', 'the wrong cell is marked');
  page.complaints.length = 0;
  await stand.whole(page, `wizard-unique-${name}`);
  await cell(t('links:field.port'), serials[1]).fill(port);
  const now = (await devicesOf(stand)).find((device) => device.serial === serials[2]);
  await stand.ask('PATCH', `/devices/${now.id}`, { revision: now.revision, title: 'чужая правка' });
  await button(page, t('save')).click();
  await button(page, t('wizard:faster.reread')).click();
  await page.getByText('чужая правка').waitFor();
  ok((await cell(note, serials[2]).inputValue()) === 'подъезд 3', 'somebody was faster: what was typed stays');
  page.complaints.length = 0;
  await button(page, t('save')).click();
  const after = await until('each is written', async () => { const all = await devicesOf(stand); return all.every((device) => device.note.startsWith('подъезд')) && all; });
  same(after.sort((a, b) => (a.serial < b.serial ? -1 : 1)).map((device) => [device.note, device.enabled]), [['подъезд 1', false], ['подъезд 2', true], ['подъезд 3', false]], 'each device has its own values');
  ok(page.complaints.length === 0, 'the console is silent', page.complaints.join('\n'));
}

/** What was typed stays after a reload and after the page was left. */
async function kept(stand, page, t) {
  const note = t('devices:note');
  const cell = page.getByLabel(`${note}: ${serials[0]}`);
  await stand.go(page, '/devices/wizard');
  await page.getByLabel(t('wizard:serials')).fill(serials.join('\n'));
  await page.getByText(t('wizard:unique'), { exact: true }).click();
  await addParameter(page, t, note);
  await cell.fill('не дописано');
  await page.reload();
  await until('back after a reload', async () => (await cell.count()) === 1 && (await cell.inputValue()) === 'не дописано');
  await page.locator('nav a[href="/devices"]').first().click();
  await page.getByText(t('unsaved.kept')).waitFor();
  await button(page, t('unsaved.leave')).click();
  await page.waitForURL(/\/devices$/);
  await button(page, t('wizard:title')).click();
  await until('back after leaving', async () => (await cell.count()) === 1 && (await cell.inputValue()) === 'не дописано');
  ok(true, 'the edits are kept over a reload and over leaving');
  await button(page, t('clear')).click();
  await until('cleared', async () => (await cell.inputValue()) !== 'не дописано');
  await page.reload();
  await stand.settle(page);
  ok(!(await page.getByText('не дописано').count()) && (await page.getByLabel(t('wizard:serials')).inputValue()) === '', 'cleared, they are gone');
}

await test(async (stand) => {
  for (const [language, theme] of [['ru', 'light'], ['en', 'dark']]) {
    const t = wordsOf(language), name = `${language}-${theme}`;
    const page = await stand.open(undefined, { language, theme });
    for (const device of await devicesOf(stand)) await stand.ask('PATCH', `/devices/${device.id}`, { revision: device.revision, note: '', status: 'in-use', enabled: true });
    await common(stand, page, t, name);
    await unique(stand, page, t, name);
    await kept(stand, page, t);
    await page.context().close();
  }
}, { meters: 3, quiet: 0, collect: false });
