#!/usr/bin/env node
// «Показания» of a gateway clicked through (S0 4.4): read now, live, and stopped; archives with a period at a thousandth; journals; water,
// heat, pulses, telemechanics; a relay. In Russian on a wide light screen, in English on a narrow dark one.
import { readFileSync } from 'node:fs';
import { button, dialog, wordsOf } from './support/hands.mjs';
import { ok, same, test, until } from './support/stand.mjs';

const screens = [{ language: 'ru', theme: 'light', width: 1280 }, { language: 'en', theme: 'dark', width: 390 }];
const QUIET = 2 + 3, METERS = 3; // three of them on the bus, where waiting for nobody takes long

const lines = (page) => page.getByTestId('lines').locator('.ant-table-row');
const lineOf = (page, text) => lines(page).filter({ hasText: text }).first();
const figures = (page) => page.getByTestId('figures').innerText();
const shown = (text) => text.replace(/[\u202f\s]/g, '').replace(/,/g, '.');

async function openTab(stand, page, path, tab) {
  await stand.go(page, `${path}?tab=${tab}`);
  await page.getByTestId('lines').waitFor();
  await stand.settle(page);
}

async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
  return readFileSync(await file.path());
}

/** One meter is chosen and read; another order is stopped while it asks those that never answer. */
async function electricityNow(stand, page, t, name) {
  await openTab(stand, page, '/readings/electricity', 'now');
  same(await lines(page).count(), METERS + 1 + QUIET, `${name}: a line for every meter`);
  await stand.whole(page, `${name}-now`);
  await page.getByRole('checkbox', { name: t('readings:choose', { serial: '10000002' }) }).check();
  await button(page, t('readings:readCount', { count: 1 })).click();
  const panel = page.getByTestId('test');
  await panel.getByText(t('table:test.answered', { count: 1 })).waitFor();
  await until('its end', async () => !(await panel.getByText(t('table:stop')).count()));
  ok((await lineOf(page, '10000002').innerText()).includes(t('collection:result.success')), `${name}: the one that was read is marked in its line`);
  const answer = (await stand.ask('GET', '/readings?kind=electricity.energy&devices=2')).items[0].values[0];
  await until('its value', async () => shown(await lineOf(page, '10000002').innerText()).includes(String(answer))).catch(() => {});
  ok(shown(await lineOf(page, '10000002').innerText()).includes(String(answer)), `${name}: with the register's every digit`, await lineOf(page, '10000002').innerText());
  await page.getByRole('checkbox', { name: t('readings:choose', { serial: '10000002' }) }).uncheck();
  await page.getByText('1/1000', { exact: true }).click();
  const thousandth = (await stand.ask('GET', '/readings?kind=electricity.energy&devices=2&scale=1/1000')).items[0].values[0];
  await until('thousandths', async () => shown(await lineOf(page, '10000002').innerText()).includes(String(thousandth))).catch(() => {});
  ok(shown(await lineOf(page, '10000002').innerText()).includes(String(thousandth)), `${name}: at a thousandth the same digits`);
  await button(page, t('readings:readCount', { count: METERS + 1 + QUIET })).click();
  const stop = panel.getByRole('button', { name: t('table:stop') });
  await stop.waitFor();
  await stop.click();
  await until('the stop', async () => !(await stop.count()));
  const run = (await stand.ask('GET', '/runs?cause=one-off')).items[0];
  ok(run.ended && ['cancelled-by-user', 'error'].includes(run.result), `${name}: «${t('table:stop')}» ends the order`, run.result);
}

async function networkNow(stand, page, t, name) {
  const kinds = (await stand.ask('GET', '/readings/kinds')).items;
  await stand.go(page, '/readings/electricity?tab=now&kind=electricity.network');
  await page.getByTestId('lines').waitFor();
  await button(page, t('readings:parameters')).click();
  const choice = page.getByTestId('choice');
  await choice.waitFor();
  same(await choice.locator('.choice-list .ant-checkbox-input').count(), kinds.find((kind) => kind.name === 'electricity.network').columns.length, `${name}: all network parameters to choose from`);
  await stand.whole(page, `${name}-parameters`);
  await choice.getByLabel(t('readings:all')).uncheck();
  await choice.getByLabel('UA', { exact: true }).check();
  await until('one column', async () => (await page.getByTestId('lines').locator('thead, .ant-table-thead').innerText()).includes('UA')).catch(() => {});
  ok(!(await page.getByTestId('lines').locator('.ant-table-thead').innerText()).includes('UB'), `${name}: only the chosen parameter is shown`);
  await choice.getByLabel(t('readings:all')).check();
}

async function electricityArchive(stand, page, t, name) {
  await stand.go(page, '/readings/electricity?tab=archive&kind=electricity.day-use&scale=1%2F1000');
  await page.getByTestId('lines').waitFor();
  await until('its lines', async () => (await lines(page).count()) > 0);
  same(await page.getByTestId('lines').getByRole('columnheader').filter({ hasText: /^A\+0/ }).count() > 0, true, `${name}: use per day has the sum`);
  ok(/\d/.test(await figures(page)) && (await figures(page)).includes(t('readings:gaps', { count: 0 }).replace(/^0\s*/, '').slice(0, 3)), `${name}: gaps are counted`, await figures(page));
  await stand.whole(page, `${name}-use`);
  const json = JSON.parse(await download(page, t('readings:json')));
  same([json.kind, json.scale, json.devices.length], ['electricity.day-use', '1/1000', METERS + 1 + QUIET], `${name}: the JSON file is what is shown`);
  const known = json.devices[0].rows.filter((row) => row['A+0'] !== undefined && row['A+0'] !== null);
  ok(known.length >= 2, `${name}: with uses of days`);
  const book = await download(page, t('readings:excel'));
  same(book.subarray(0, 2).toString(), 'PK', `${name}: and a workbook`);
  await page.getByRole('button', { name: new RegExp(t('readings:everybody', { count: METERS + 1 + QUIET })) }).click();
  await page.getByTestId('meters').getByRole('checkbox', { name: t('readings:choose', { serial: '20000001' }) }).check();
  await until('one meter', async () => (await figures(page)).includes(t('readings:figures', { meters: '1', lines: '7' }))).catch(() => {});
  same((await figures(page)).split('\n')[0], t('readings:figures', { meters: '1', lines: '7' }), `${name}: one meter, seven days, asked again with one press`);
  await button(page, t('readings:askGaps', { count: 1 })).click();
  await page.getByTestId('test').getByText(t('table:test.failed', { count: 1 })).waitFor();
  await page.getByTestId('meters').getByRole('checkbox', { name: t('readings:choose', { serial: '20000001' }) }).uncheck();
}

async function journals(stand, page, t, name) {
  await openTab(stand, page, '/readings/electricity', 'journal');
  await button(page, t('readings:journals')).click();
  const choice = page.getByTestId('choice');
  await choice.waitFor();
  same(await choice.locator('.journal-list .ant-checkbox-input').count(), 43, `${name}: 42 journals and the others`);
  await stand.whole(page, `${name}-journals`);
  await choice.getByLabel(t('readings:all')).uncheck();
  await page.getByText(t('readings:nothingChosen')).waitFor();
  ok(true, `${name}: without journals there is nothing to show, and it says so`);
  await choice.getByLabel(t('readings:all')).check();
}

async function others(stand, page, t, name) {
  await openTab(stand, page, '/readings/water', 'now');
  const water = (await stand.ask('GET', '/readings?kind=water.now')).items[0].values[0];
  ok(shown(await lineOf(page, '51000032').innerText()).includes(String(water)), `${name}: water in litres`);
  await stand.whole(page, `${name}-water`);
  await openTab(stand, page, '/readings/heat', 'archive');
  await stand.whole(page, `${name}-heat`);
  await openTab(stand, page, '/readings/pulses', 'now');
  ok((await page.getByTestId('lines').innerText()).includes('Pls1'), `${name}: pulses by channels`);
  await stand.whole(page, `${name}-pulses`);
  await openTab(stand, page, '/readings/telemechanics', 'now');
  same(await lineOf(page, '63000016').getByRole('img').filter({ hasText: /[●○]/ }).count() >= 12, true, `${name}: eight inputs and four outputs`);
  await stand.whole(page, `${name}-telemechanics`);
}

/** An output of a module: one relay at a time, asked twice, read back; then it stands in the journal of changes. */
async function relay(stand, page, t, name) {
  await stand.go(page, '/readings/relays');
  const row = page.locator('[data-testid="table-relays"] tbody tr.ant-table-row', { hasText: '63000016' }).nth(1);
  await row.waitFor();
  await stand.whole(page, `${name}-relays`);
  const on = (await stand.ask('GET', '/relays?search=63000016&size=50')).items.find((one) => one.relay === 2)?.output === 'on', action = on ? 'off' : 'on';
  await page.waitForTimeout(1100); // states have times of whole seconds: a change has one of its own
  await row.getByRole('checkbox').check();
  await button(page, `${t(`collection:relays.${action}`)}…`).click();
  await dialog(page).getByRole('textbox').last().fill('проверка');
  await button(dialog(page), t('collection:relays.check')).click();
  await dialog(page).getByTestId('confirmation').waitFor();
  await button(dialog(page), t(`collection:relays.do.${action}`, { count: 1 })).click();
  await dialog(page).getByTestId('outcome').getByText(t('collection:result.success')).first().waitFor();
  await button(dialog(page), t('close')).click();
  await openTab(stand, page, '/readings/telemechanics', 'journal');
  await until('the change', async () => (await lines(page).count()) > 0);
  const changes = (await stand.ask('GET', '/readings?kind=telemechanics.journal')).items;
  ok(changes.some((line) => line.values[1] && line.values[0].includes('#2')), `${name}: the switching is in the journal of changes`);
  await stand.whole(page, `${name}-changes`);
}

await test(async (stand) => {
  for (const screen of screens) {
    const t = wordsOf(screen.language), name = `readings-${screen.language}-${screen.width}`;
    const page = await stand.open('/readings/electricity', screen);
    await electricityNow(stand, page, t, name);
    await networkNow(stand, page, t, name);
    await electricityArchive(stand, page, t, name);
    await journals(stand, page, t, name);
    await others(stand, page, t, name);
    await relay(stand, page, t, name);
    await page.close();
  }
}, { face: 'gateway', meters: METERS, quiet: 2, days: 9, modules: true });
