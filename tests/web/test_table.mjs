#!/usr/bin/env node
// The meter table and the templates of a gateway, clicked through (S0 4.3.1, 4.3.2) over simulated meters on a bus; in Russian on a
// wide light screen, in English on a narrow dark one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { button, dialog, field, wordsOf } from './support/hands.mjs';
import { ok, same, test, until } from './support/stand.mjs';

const screens = [{ language: 'ru', theme: 'light', width: 1280 }, { language: 'en', theme: 'dark', width: 390 }];

async function interfaces(stand) {
  await stand.ask('POST', '/links', { kind: 'serial', device: stand.bus, baud: 115200, format: '8N1', title: 'Интерфейс 1' });
  await stand.ask('POST', '/links', { kind: 'serial', device: `${stand.bus}-none`, title: 'Интерфейс 2' });
}

/** Nothing of the other screen's round is left; who left the table keeps its number. */
async function afresh(stand) {
  await stand.ask('PUT', '/table', { revision: 0, rows: [] });
  for (const task of (await stand.ask('GET', '/tasks')).items) await stand.ask('DELETE', `/tasks/${task.id}`);
  for (const template of (await stand.ask('GET', '/templates')).items) await stand.ask('DELETE', `/templates/${template.id}`);
  const devices = (await stand.ask('GET', '/devices?size=1000')).items.map((device) => device.id);
  if (devices.length) await stand.ask('POST', '/devices/wizard', { ids: devices, set: { device: { group: '' } } });
  for (const group of (await stand.ask('GET', '/groups')).items) if (!group.default) await stand.ask('DELETE', `/groups/${group.id}`);
}

/** Takes what a list offers under that name. */
async function pick(page, label, option) {
  await dialog(page).getByRole('combobox', { name: label }).first().click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: option }).first().click();
}

const rowAt = (page, number) => page.locator('.meter-table tbody tr').nth(number - 1);
const told = (page, text) => page.getByText(text).last().waitFor();
const table = (stand) => stand.ask('GET', '/table');

async function fill(stand, page, t) {
  const cell = (number, name) => rowAt(page, number).getByLabel(`${t(`table:column.${name}`)}: ${t('table:rowNumber', { number })}`, { exact: true });
  await page.getByText(t('table:empty')).waitFor();
  await button(page, t('table:addRow')).click();
  await cell(1, 'driver').selectOption({ label: 'Меркурий 230' });
  await cell(1, 'address').fill('999');
  await cell(1, 'password').fill('111111');
  await cell(1, 'comment').fill('ВРУ');
  await button(page, t('table:addRun')).click();
  await pick(page, t('table:column.driver'), 'M-Bus');
  await field(dialog(page), t('table:run.count')).fill('3');
  await field(dialog(page), t('table:run.first')).fill('30');
  await pick(page, t('table:column.interface'), 'Интерфейс 1');
  await button(dialog(page), t('add')).click();
  await until('four rows', async () => (await page.locator('.meter-table tbody tr').count()) === 4);
  await button(page, t('save')).click();
  await rowAt(page, 1).getByRole('alert').waitFor();
  same((await table(stand)).rows.length, 0, 'a wrong table is not written, its cell says why');
  page.complaints = page.complaints.filter((line) => !line.includes('status of 400')); // the refusal that was asked for
  await cell(1, 'address').fill('1');
  await button(page, t('save')).click();
  await told(page, t('table:written'));
  const rows = (await table(stand)).rows;
  same(rows.map((row) => [row.driver, row.address, row.comment]), [['mercury230', '1', 'ВРУ'], ['mbus', '30', ''], ['mbus', '31', ''], ['mbus', '32', '']], 'a row and a run of rows are written');
  ok(rows.every((row) => row.interface_title === 'Интерфейс 1'), 'over the interface that was chosen');
  return cell;
}

async function linkTest(stand, page, t) {
  await button(page, t('table:test.contactAll')).click();
  const panel = page.getByTestId('test');
  await panel.waitFor();
  await panel.getByText(t('table:test.failed', { count: 2 })).waitFor();
  await panel.getByText(t('table:test.answered', { count: 2 })).waitFor();
  await until('its end', async () => !(await panel.getByText(t('table:stop')).count()));
  ok((await rowAt(page, 1).innerText()).includes(t('collection:result.success')), 'who answered is green in the table');
  ok((await rowAt(page, 2).innerText()).includes(t('collection:result.error')), 'who is silent is red');
}

async function copyAndCancel(stand, page, t) {
  const before = await table(stand);
  await rowAt(page, 1).getByRole('button', { name: new RegExp(t('table:copy')) }).click();
  await rowAt(page, 3).getByRole('button', { name: new RegExp(t('table:delete')) }).click();
  same(await page.locator('.meter-table tbody tr').count(), 4, 'a row is copied, another deleted');
  await button(page, t('cancel')).click();
  await until('the saved rows', async () => (await rowAt(page, 3).locator('input[type=text]').evaluateAll((all) => all.map((one) => one.value))).includes('31'));
  same((await table(stand)).rows.map((row) => row.id), before.rows.map((row) => row.id), 'cancelling brings back what was saved');
}

async function files(stand, page, t) {
  const list = join(stand.place, 'list.txt');
  writeFileSync(list, '7;ЕМ Меркурий 230;31000007;1;ИНК;7;9600;Т\n8;ЕМ Неведомый;31000008;1;ИНК;8;9600;\n');
  await button(page, t('table:file')).click();
  await page.getByRole('menuitem', { name: t('table:import.button') }).click();
  await dialog(page).locator('input[type=file]').setInputFiles(list);
  await button(dialog(page), t('table:import.run')).click();
  await until('six rows', async () => (await page.locator('.meter-table tbody tr').count()) === 6);
  ok(await rowAt(page, 6).getByRole('alert').count(), 'a model that nobody reads is marked in the table');
  await rowAt(page, 6).getByRole('button', { name: new RegExp(t('table:delete')) }).click();
  await button(page, t('save')).click();
  await told(page, t('table:written'));
  const rows = (await table(stand)).rows;
  same(rows.filter((row) => row.serial === '31000007').map((row) => [row.address, row.baud, row.clock]), [['7', 9600, 2]], 'the list is taken, its notes understood');
  await page.keyboard.press('Escape');
  await button(page, t('table:file')).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: t('table:export') }).click()]);
  const file = JSON.parse(readFileSync(await download.path(), 'utf8'));
  same([file.format, file.rows.length], ['svod-meter-table', rows.length], 'and the table comes out as a file');
}

async function scan(stand, page, t, cell) {
  await rowAt(page, 3).getByRole('button', { name: new RegExp(t('table:delete')) }).click();
  await button(page, t('table:scan.title')).click();
  await pick(page, t('table:scan.driver'), 'M-Bus');
  await field(dialog(page), t('table:scan.from')).fill('30');
  await field(dialog(page), t('table:scan.to')).fill('32');
  await button(dialog(page), t('table:scan.begin')).click();
  await dialog(page).getByText(t('table:scan.done', { count: 1 })).waitFor();
  await dialog(page).getByRole('checkbox', { name: '31', exact: true }).check();
  await button(dialog(page), t('table:scan.add', { count: 1 })).click();
  await until('the row', async () => (await page.locator('.meter-table tbody tr').count()) === 5);
  same(await cell(5, 'address').inputValue(), '31', 'what was found is a row by a click');
  await cell(5, 'serial').fill('');
  await button(page, t('save')).click();
  await told(page, t('table:written'));
  ok((await table(stand)).rows.some((row) => row.address === '31' && row.enabled), 'and is written');
}

async function templates(stand, page, t) {
  await stand.go(page, '/templates');
  await button(page, t('templates:groups.new')).click();
  await field(dialog(page), t('groups:field.title')).fill('МКД');
  await button(dialog(page), t('save')).click();
  await page.getByRole('cell', { name: 'МКД' }).first().waitFor();
  await page.locator('tr', { hasText: 'МКД' }).locator('.ant-table-row-expand-icon').click();
  await button(page, t('templates:groups.addMeters')).click();
  await until('meters to choose', async () => (await dialog(page).getByRole('checkbox').count()) > 2);
  await dialog(page).getByRole('checkbox').nth(1).check();
  await dialog(page).getByRole('checkbox').nth(2).check();
  await button(dialog(page), t('templates:groups.choose')).click();
  await button(page, t('save')).click();
  await until('two in the group', async () => (await stand.ask('GET', '/groups')).items.some((group) => group.title === 'МКД' && group.devices === 2));
  await page.mouse.move(2, 2);
  await stand.whole(page, `templates-groups-${t.language}`);
  await stand.go(page, '/templates?tab=data');
  await button(page, t('templates:data.add')).click();
  await field(dialog(page), t('templates:name')).fill('Сутки');
  await stand.shot(page, `templates-data-dialog-${t.language}`);
  await button(dialog(page), t('save')).click();
  await page.getByRole('cell', { name: 'Сутки' }).first().waitFor();
  await page.mouse.move(2, 2);
  await stand.whole(page, `templates-data-${t.language}`);
  await stand.go(page, '/templates?tab=polls');
  await button(page, t('templates:polls.add')).click();
  await pick(page, t('templates:polls.groups'), 'МКД');
  await page.keyboard.press('Escape');
  await pick(page, t('templates:polls.template'), 'Сутки');
  await button(dialog(page), t('save')).click();
  await page.getByRole('cell', { name: 'МКД: Сутки' }).first().waitFor();
  await page.getByRole('button', { name: `${t('templates:polls.run')}: МКД: Сутки` }).click();
  await until('its run', async () => (await stand.ask('GET', '/tasks?templated=true')).items[0].run);
  await stand.settle(page);
  await page.mouse.move(2, 2);
  await stand.whole(page, `templates-polls-${t.language}`);
}

async function clear(stand, page, t) {
  await stand.go(page, '/meter-table');
  await button(page, t('clear')).click();
  await page.locator('.ant-modal-confirm').getByText(t('table:clearHint')).waitFor();
  await page.locator('.ant-modal-confirm').getByRole('button', { name: t('clear') }).click();
  await page.getByText(t('table:empty')).waitFor();
  const devices = (await stand.ask('GET', '/devices?size=1000')).items;
  ok(devices.length >= 5 && devices.every((device) => device.status === 'retired' && !device.enabled), 'clearing asks, takes everybody out of use and deletes nothing');
}

await test(async (stand) => {
  await interfaces(stand);
  for (const screen of screens) {
    const t = Object.assign(wordsOf(screen.language), { language: screen.language });
    await afresh(stand);
    const page = await stand.open('/meter-table', screen);
    await stand.whole(page, `table-empty-${screen.language}`);
    const cell = await fill(stand, page, t);
    await linkTest(stand, page, t);
    await page.mouse.move(2, 2);
    same(await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0, 'the page itself does not scroll sideways');
    await stand.whole(page, `table-${screen.language}`);
    await copyAndCancel(stand, page, t);
    await files(stand, page, t);
    await scan(stand, page, t, cell);
    await templates(stand, page, t);
    await clear(stand, page, t);
    await page.close();
  }
}, { face: 'gateway', empty: true, collect: false, meters: 1 });
