#!/usr/bin/env node
// Devices from files and into them (S3 2.2.34–2.2.35, appendix 1): a workbook with one bad row changes nothing and says which cell;
// corrected it is taken; the export comes back with changes; the JSON of one system is taken by another.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, same, test, until } from './support/stand.mjs';
import { button, dialog, wordsOf } from './support/hands.mjs';

/** Another program than ours, of Debian's packages, looks into workbooks and makes them: rows of the first sheet ⇄ JSON. */
function python(script, ...words) {
  const ended = spawnSync('/usr/bin/python3', ['-c', `import json, openpyxl, sys\n${script}`, ...words], { encoding: 'utf8' });
  if (ended.status !== 0) throw new Error(ended.stderr);
  return ended.stdout;
}
const rowsOf = (path) => JSON.parse(python('print(json.dumps([[c.value for c in r] for r in openpyxl.load_workbook(sys.argv[1]).worksheets[0].iter_rows()]))', path));
function writeRows(path, rows) {
  python('b = openpyxl.Workbook()\nfor r in json.loads(sys.argv[2]): b.active.append(r)\nb.save(sys.argv[1])', path, JSON.stringify(rows));
}

async function downloaded(page, stand, name, act) {
  const [file] = await Promise.all([page.waitForEvent('download'), act()]);
  const path = join(stand.place, name);
  await file.saveAs(path);
  return path;
}

async function openImport(stand, page, t) {
  await stand.go(page, '/devices');
  await button(page, t('devices:list.import')).click();
}

async function send(page, t, path) {
  await dialog(page).locator('input[type=file]').setInputFiles(path);
  await button(dialog(page), t('import:run')).click();
}

const count = async (stand) => (await stand.ask('GET', '/devices?size=1')).total;

async function workbook(stand, page, t, name, serials) {
  await openImport(stand, page, t);
  const template = await downloaded(page, stand, `template-${name}.xlsx`, () => button(dialog(page), t('import:template')).click());
  const [heads] = rowsOf(template);
  same(heads.length, 12, 'the template has the twelve columns of table 6');
  const row = (serial, port) => [`канал ${serial}`, 'TCP', '10.5.114.138', port, `протокол ${serial}`, 'DLMS', 16, '1234567812345678', 35, `Импорт ${name}`, 'CE307', serial];
  const book = join(stand.place, `book-${name}.xlsx`), before = await count(stand);
  writeRows(book, [heads, row(serials[0], 5000), row(serials[1], 99999), row(serials[2], 5002)]);
  await send(page, t, book);
  const mistakes = page.getByTestId('import-mistakes');
  await mistakes.waitFor();
  ok((await mistakes.textContent()).includes(t('import:mistakes', { count: 1 })) && (await mistakes.textContent()).includes('D3'), 'one bad row: its cell is named', await mistakes.textContent());
  same(await count(stand), before, 'and nothing is changed');
  const report = await downloaded(page, stand, `errors-${name}.xlsx`, () => button(mistakes, t('import:report')).click());
  ok(rowsOf(report).length === 4, 'the file with the mistakes opens in another program');
  page.complaints.length = 0; // the browser itself tells the console of a refusal
  await stand.whole(page, `import-mistakes-${name}`);
  writeRows(book, [heads, row(serials[0], 5000), row(serials[1], 5001), row(serials[2], 5002)]);
  await send(page, t, book);
  await page.getByTestId('import-done').waitFor();
  same(await count(stand), before + 3, 'corrected it is taken');
  await button(dialog(page), t('close')).click();
  const [device] = (await stand.ask('POST', '/devices/find', { serials: [serials[1]] })).items;
  same([device.source, device.group, device.model], ['imported', `Импорт ${name}`, 'CE307'], 'a device of the workbook says where it came from');
}

async function update(stand, page, t, name, serials) {
  await stand.go(page, `/devices?f.group=${encodeURIComponent(`Импорт ${name}`)}`);
  await page.getByRole('button', { name: t('table.export') }).click();
  const path = await downloaded(page, stand, `export-${name}.xlsx`, () => page.getByText(t('devices:list.exportXlsx')).click());
  const [heads, ...rows] = rowsOf(path);
  same(rows.length, 3, 'the export has what the list shows');
  const at = heads.findIndex((head) => /ip.*port|порт ip/i.test(head));
  const changed = join(stand.place, `changed-${name}.xlsx`);
  writeRows(changed, [heads, ...rows.map((cells) => cells.map((cell, i) => (i === at ? 7000 : cell)))]);
  await button(page, t('devices:list.import')).click();
  await dialog(page).getByText(t('import:update')).click();
  await send(page, t, changed);
  await page.getByTestId('import-done').waitFor();
  const [device] = (await stand.ask('POST', '/devices/find', { serials: [serials[0]] })).items;
  same((await stand.ask('GET', `/links/${device.link}`)).port, 7000, 'import with update changes the port of the channel');
}

async function json(stand, page, t, name, serials) {
  await stand.go(page, `/devices?f.group=${encodeURIComponent(`Импорт ${name}`)}`);
  await page.getByRole('button', { name: t('table.export') }).click();
  const path = await downloaded(page, stand, `export-${name}.json`, () => page.getByText(t('devices:list.exportJson')).click());
  const file = JSON.parse(readFileSync(path, 'utf8'));
  const named = (rows, word) => rows.filter((row) => serials.some((serial) => row.Name === `${word} ${serial}`)).length;
  same([file.Meta.SchemaVersion, named(file.Channels, 'канал'), named(file.Protocols, 'протокол')], ['v1', 3, 3], 'the JSON has the parts of appendix 1');
  const ids = (await stand.ask('POST', '/devices/find', { serials })).items.map((device) => device.id);
  await stand.ask('POST', '/devices/delete', { ids, readings: true });
  await openImport(stand, page, t);
  await send(page, t, path);
  await page.getByTestId('import-done').waitFor();
  same((await stand.ask('POST', '/devices/find', { serials })).items.length, 3, 'and what was deleted comes back from it');
  await button(dialog(page), t('close')).click();
  const csv = await downloaded(page, stand, `list-${name}.csv`, async () => {
    await page.getByRole('button', { name: t('table.export') }).click();
    await page.getByText(t('devices:list.exportCsv')).click();
  });
  const lines = readFileSync(csv, 'utf8').trim().split('\r\n');
  ok(lines.length === (await count(stand)) + 1 && lines[0].includes(t('devices:serial')), 'the CSV has a line a device', lines[0]);
  await until('the dialog is gone', async () => (await page.locator('.ant-modal-wrap:visible').count()) === 0);
  ok(page.complaints.length === 0, 'the console is silent', page.complaints.join('\n'));
}

await test(async (stand) => {
  for (const [language, theme, first] of [['ru', 'light', 1], ['en', 'dark', 11]]) {
    const t = wordsOf(language), name = `${language}-${theme}`;
    const serials = [0, 1, 2].map((i) => String(900000000000 + first + i));
    const page = await stand.open(undefined, { language, theme });
    await workbook(stand, page, t, name, serials);
    await update(stand, page, t, name, serials);
    await json(stand, page, t, name, serials);
    await page.context().close();
  }
}, { meters: 2, quiet: 0, collect: false });
