#!/usr/bin/env node
// Seeing the data in the browser: home and what was not read tonight, the pivot, statistics, completeness with its reasons, the
// heat map; each clicked through to its result, whole in both languages and themes.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ok, same, test, until } from './support/stand.mjs';

const ago = (days) => new Date(Date.now() - days * 86_400_000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
const text = (page, selector) => page.$eval(selector, (found) => found.textContent);

async function home(stand) {
  const page = await stand.open('/');
  same(await text(page, '[data-testid=tonight]'), '2', 'home says how many were not read tonight');
  ok((await page.content()).includes('нет соединения с линией связи'), 'and why');
  await stand.whole(page, 'seeing-home-ru-light');
  await page.click('section[aria-label="Не собрано за ночь"] .card-head button');
  await page.waitForSelector('[data-testid=collection]:has-text("из 2")');
  ok(true, 'one click asks them again, and the page follows it');
  await until('the end of it', async () => !(await stand.ask('GET', '/collection')).running);
  await page.waitForSelector('[data-testid=collection]:has-text("не прочитано 2 из 2")');
  await page.click('section[aria-label="Не собрано за ночь"] tbody a');
  await page.waitForURL(/completeness/);
  await page.waitForSelector('[data-testid=table-missing] tbody tr.ant-table-row');
  same(await page.$$eval('[data-testid=table-missing] tbody tr.ant-table-row', (rows) => rows.length), 2, 'the reason opens into its devices');
  await stand.settle(page);
  await stand.whole(page, 'seeing-completeness-ru-light');
  return page;
}

async function widget(stand) {
  const page = await stand.open('/');
  await page.click('[data-testid=statistics-widget] button');
  await page.click('.ant-modal .ant-form-item:nth-of-type(1) .ant-select');
  await page.keyboard.type('Молчащие');
  await page.keyboard.press('Enter');
  await page.click('.ant-modal button[type=submit]');
  await page.waitForSelector('[data-testid=statistics-widget]:has-text("· Молчащие")');
  await until('the setting is kept', async () => JSON.stringify(await stand.ask('GET', '/session/settings')).includes('Молчащие'));
  await page.reload();
  await page.waitForSelector('[data-testid=statistics-widget]:has-text("· Молчащие")');
  ok(true, 'the widget is set as one likes it, and stays so');
}

/** Home counts what is important; its card leads to just those events. */
async function alarms(stand) {
  const now = Date.parse(`${(await stand.ask('GET', '/home')).now}Z`) / 1000;
  const happened = [[1, 107], [1, 107], [2, 107], [2, 50]].map(([device, journal], i) => [device, now - 60 * (i + 1), journal, 1, 0, now * 1000]);
  spawnSync('/usr/bin/python3', ['-c', 'import json, sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as d: d.executemany("INSERT INTO event VALUES(?, ?, ?, ?, ?, ?)", json.loads(sys.argv[2]))', stand.database, JSON.stringify(happened)]);
  const page = await stand.open('/', { language: 'en', theme: 'dark' });
  const { events, journals } = (await stand.ask('GET', '/home')).alarms;
  const card = page.locator('section[aria-label="Important events"]');
  ok(events >= 4 && (await card.locator('.big').innerText()).trim() === String(events), 'home counts the important events');
  await card.getByRole('link', { name: journals[0].title }).click();
  await page.waitForURL(/events\/devices/);
  const shown = page.locator('[data-testid=table-events-devices] tbody tr.ant-table-row');
  await until('its events', async () => (await shown.count()) === Math.min(journals[0].events, 50));
  ok((await shown.allInnerTexts()).every((row) => row.includes(journals[0].title)), 'the card leads to the events of its journal, as many as it counts');
  await stand.whole(page, 'seeing-events-en-dark');
  await page.locator('.ant-tag-close-icon').first().click();
  await until('all important ones', async () => (await page.locator('.ant-pagination-total-text').innerText()).endsWith(String(events)));
  await page.getByRole('checkbox', { name: 'Important ones only' }).click();
  await until('all events', async () => Number((await page.locator('.ant-pagination-total-text').innerText()).replace(/^.* of |,/g, '')) > events);
  ok(true, 'and from there to all of them');
  await page.context().close();
}

async function completeness(stand) {
  const page = await stand.open('/completeness', { language: 'en', theme: 'dark' });
  await page.click('.ant-segmented-item:has-text("Group")');
  await page.click('[data-testid=table-completeness-group] a:has-text("Молчащие")');
  await page.waitForSelector('.ant-tag:has-text("Молчащие")');
  await page.waitForSelector('[data-testid=table-missing] tr.ant-table-row');
  const rows = await page.$$eval('[data-testid=table-missing] tr.ant-table-row', (found) => found.map((row) => row.innerText));
  ok(rows.length === 2 && rows.every((row) => row.includes('the link cannot be opened')), 'a group opens into its missing devices with their reasons', rows.join('\n'));
  await page.click('[data-testid=table-missing] tr.ant-table-row .ant-checkbox-input');
  await page.click('button:has-text("Collect from selected")');
  await page.waitForSelector('[data-testid=collection]:has-text("of 1")');
  ok(true, 'a chosen one is asked alone');
  await until('the end of it', async () => !(await stand.ask('GET', '/collection')).running);
  await stand.settle(page);
  await stand.whole(page, 'seeing-completeness-en-dark');
}

async function statistics(stand) {
  const page = await stand.open('/statistics');
  await page.click('tr.ant-table-row:has-text("Молчащие")');
  await page.waitForSelector('.ant-table-expanded-row a:has-text("20000001")');
  const cells = await page.$$eval('.ant-table-expanded-row tr.ant-table-row:has-text("20000001") td', (found) => found.map((cell) => cell.innerText.trim())).catch(() => []);
  const row = await page.$$eval('.ant-table-expanded-row tr.ant-table-row', (rows) => rows[0].innerText);
  ok(row.includes('0\u00a0%'), 'a group opens into its devices with their per cents', row + cells);
  await stand.whole(page, 'seeing-statistics-ru-light');
}

async function data(stand) {
  const page = await stand.open('/data');
  await page.click('button:has-text("Сформировать данные")');
  await page.waitForSelector('[data-testid=data] tr.ant-table-row');
  const shown = await page.$$eval('[data-testid=data] tr.ant-table-row', (rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
  const first = shown.find((row) => row[0] === '10000001' && row[3] === 'A+');
  const csv = await (await fetch(`${stand.url}/api/v1/devices/1/readings.csv?archive=day&obis=1.0.1.8.0.255&from=2020-01-01&to=2100-01-01`, { headers: { Cookie: stand.cookie } })).text();
  const stored = csv.trim().split('\n').slice(1).map((line) => line.split(';')[3]);
  const values = first.slice(5).filter((cell) => /^[\d\u202f]+$/.test(cell)).map((cell) => cell.replaceAll('\u202f', ''));
  ok(values.length > 0 && values.every((value) => stored.includes(value)), 'the table shows the stored digits', `${first} ${stored}`);
  ok(shown.some((row) => row[0].startsWith('2000000') && row.join().includes('нет данных')), 'a device without data says so');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("CSV")')]);
  const lines = readFileSync(await file.path(), 'utf8').split('\n');
  ok(lines[0].startsWith('"Серийный номер"') && lines.some((line) => line.includes(values[0])), 'and goes out as CSV');
  const [book] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("XLSX")')]);
  ok(readFileSync(await book.path()).subarray(0, 2).toString() === 'PK' && book.suggestedFilename() === 'data.xlsx', 'and as a workbook');
  await page.goto(page.url());
  await page.waitForSelector('[data-testid=data] tr.ant-table-row');
  ok(true, 'the address holds the question');
  await stand.whole(page, 'seeing-data-ru-light');
}

async function heat(stand) {
  const page = await stand.open('/heatmap', { language: 'en', theme: 'dark' });
  for (const period of ['Day', 'Week', 'Month', 'Year']) {
    await page.click(`.ant-segmented-item:has-text("${period}")`);
    await page.waitForSelector('[role=img][aria-label^="Heat map"] canvas');
    await stand.settle(page);
    ok(true, `the map of the ${period.toLowerCase()} is drawn`);
  }
  await page.click('.ant-segmented-item:has-text("By device")');
  for (const period of ['Year', 'Month', 'Week', 'Day']) {
    await page.click(`.ant-segmented-item:has-text("${period}")`);
    await page.waitForSelector('[role=img][aria-label^="Heat map"] canvas');
    await stand.settle(page);
    ok(true, `by device, too: ${period.toLowerCase()}`);
  }
  await stand.whole(page, 'seeing-heat-en-dark');
}

async function readings(stand) {
  const page = await stand.open('/devices/1?tab=readings');
  await page.waitForSelector('[role=img][aria-label^="Профиль нагрузки"] canvas');
  await page.waitForSelector('[data-testid=table-readings-profile] tr.ant-table-row');
  await stand.settle(page);
  await stand.whole(page, 'seeing-readings-ru-light');
  const csv = (await (await fetch(`${stand.url}/api/v1/devices/1/readings.csv?archive=profile&obis=1.0.1.29.0.255&from=${ago(2)}&to=${ago(-1)}`, { headers: { Cookie: stand.cookie } })).text()).trim().split('\n').slice(1);
  const total = csv.reduce((sum, line) => sum + BigInt(line.split(';')[3]), 0n);
  const shown = (await page.textContent('[data-testid=consumption] td, [data-testid=consumption] .ant-descriptions-item-content')).replace(/[^\d]/g, '');
  same(shown, String(total), 'consumption is the exact sum of the intervals');
  await page.click('.ant-segmented-item:has-text("На начало суток")');
  await page.waitForSelector('[data-testid=table-readings-day] tr.ant-table-row');
  ok(true, 'registers at the start of the day');
}

async function network(stand) {
  const page = await stand.open('/devices/1?tab=network', { language: 'en', theme: 'dark' });
  const words = await page.getAttribute('svg[role=img]', 'aria-label');
  ok(/U A \d+.*I A \d.*φ .*U B .*U C /.test(words), 'three phases are drawn as vectors', words);
  const latest = (await stand.ask('GET', '/devices/1/latest')).items.find((one) => one.obis === '1.0.32.7.0.255');
  ok((await page.content()).includes(String(latest.value)), 'with the exact values beside them');
  await stand.whole(page, 'seeing-network-en-dark');
}

async function exchange(stand) {
  const page = await stand.open('/devices/1?tab=exchange');
  await page.waitForSelector('[data-testid=frames] [role=option]');
  await page.click('.ant-segmented-item:has-text("Ответ")');
  await stand.settle(page);
  await page.click('[data-testid=frames] [role=option] >> nth=1');
  await page.waitForSelector('[data-testid=tree] button');
  const nodes = await page.$$('[data-testid=tree] button');
  await nodes[nodes.length - 1].click();
  const lit = await page.$$eval('[data-testid=bytes] .lit', (found) => found.map((byte) => byte.textContent));
  ok(lit.length > 0, 'a line of the explanation lights up its bytes', lit.join(' '));
  await page.click('[data-testid=bytes] .frame-byte >> nth=0');
  ok((await page.$$('[data-testid=tree] button.lit')).length === 1, 'a byte lights up its line');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("Текстом")')]);
  ok(/ << [0-9A-F]+/.test(readFileSync(await file.path(), 'utf8')), 'the frames go out as a text');
  await stand.whole(page, 'seeing-exchange-ru-light');
}

await test(async (stand) => {
  await home(stand);
  await widget(stand);
  await alarms(stand);
  await completeness(stand);
  await statistics(stand);
  await data(stand);
  await heat(stand);
  await readings(stand);
  await network(stand);
  await exchange(stand);
});
