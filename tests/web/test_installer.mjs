#!/usr/bin/env node
// An installer on a ladder with a telephone: the meter table is filled, the link tested, what and when to poll set, the centre's code
// pasted; what the gateway then reads by its own clock is seen at the head-end. Nothing is done past the pages.
import { button, dialog, field, wordsOf } from './support/hands.mjs';
import { freePort, ok, same, test, until } from './support/stand.mjs';

const t = wordsOf('ru');
const phone = { language: 'ru', theme: 'light', width: 390, height: 780 };
const rowAt = (page, number) => page.locator('.meter-table tbody tr').nth(number - 1);
const cell = (page, number, name) => rowAt(page, number).getByLabel(`${t(`table:column.${name}`)}: ${t('table:rowNumber', { number })}`, { exact: true });
const shows = (page, what) => until(`«${what}» is shown`, async () => (await page.evaluate(() => document.body.innerText)).includes(what));

/** Takes what a choice offers under that name. */
async function pick(page, label, option) {
  await dialog(page).getByRole('combobox', { name: label }).first().click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: option }).first().click();
}

async function picture(stand, page, name) {
  await page.mouse.move(0, 0);
  await stand.whole(page, `installer-${name}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  ok(wide <= 0, `${name}: nothing sticks out of the telephone`, `${wide} px`);
}

async function fillTable(box, page) {
  await button(page, t('table:addRow')).click();
  await cell(page, 1, 'driver').selectOption({ label: 'Меркурий 230' });
  await cell(page, 1, 'address').fill('1');
  await cell(page, 1, 'baud').selectOption('115200');
  await cell(page, 1, 'password').fill('111111');
  await cell(page, 1, 'comment').fill('ВРУ-1');
  await button(page, t('save')).click();
  await page.getByText(t('table:written')).last().waitFor();
  same((await box.ask('GET', '/table')).rows.map((row) => [row.driver, row.address, row.interface_title]), [['mercury230', '1', 'Interface 1']], 'the table has its meter, over the interface that the box came with');
  await button(page, t('table:test.contactAll')).click();
  await page.getByTestId('test').getByText(t('table:test.answered', { count: 1 })).waitFor();
  ok(true, 'the link is tested: it answers');
  await picture(box, page, 'table');
}

async function setPolling(box, page) {
  await box.go(page, '/templates?tab=data');
  await button(page, t('templates:data.add')).click();
  await field(dialog(page), t('templates:name')).fill('Показания');
  await button(dialog(page), t('save')).click();
  await page.getByRole('cell', { name: 'Показания' }).first().waitFor();
  await box.go(page, '/templates?tab=polls');
  await button(page, t('templates:polls.add')).click();
  const group = (await box.ask('GET', '/groups')).items.find((one) => one.default).title;
  await pick(page, t('templates:polls.groups'), group);
  await page.keyboard.press('Escape');
  await pick(page, t('templates:polls.template'), 'Показания');
  await button(dialog(page), t('save')).click();
  await page.getByRole('cell', { name: `${group}: Показания` }).first().waitFor();
  await picture(box, page, 'polls');
  return `${group}: Показания`;
}

async function setEvent(box, page, poll) {
  await box.go(page, '/occasions?tab=timetables');
  await button(page, t('occasions:timetables.add')).click();
  await field(dialog(page), t('occasions:field.title')).fill('Каждую минуту');
  await pick(page, t('collection:schedule.kind'), t('collection:schedule.kinds.minutes'));
  await field(dialog(page), t('collection:schedule.everyMinutes')).fill('1');
  await picture(box, page, 'timetable');
  await button(dialog(page), t('save')).click();
  await dialog(page).waitFor({ state: 'hidden' });
  await box.go(page, '/occasions');
  await button(page, t('occasions:events.add')).click();
  await field(dialog(page), t('occasions:field.title')).fill('Опрос');
  await pick(page, t('occasions:field.timetable'), 'Каждую минуту');
  await pick(page, t('occasions:field.action', { number: 1 }), t('occasions:action.poll'));
  await pick(page, t('occasions:field.task'), poll);
  await picture(box, page, 'event');
  await button(dialog(page), t('save')).click();
  await dialog(page).waitFor({ state: 'hidden' });
  await shows(page, 'Опрос');
  ok(true, 'a schedule polls');
}

/** The dispatcher's part, at a desk: he opens the port and sends the code. */
async function codeOf(stand) {
  const port = await stand.ask('GET', '/gateway-port');
  await stand.ask('PATCH', '/gateway-port', { revision: port.revision, enabled: true, host: '127.0.0.1', port: await freePort() });
  await until('the port is open', async () => (await stand.ask('GET', '/gateway-port')).listening);
  return (await stand.ask('POST', '/gateways', { title: 'Подвал' })).code;
}

async function setCentre(box, page, code) {
  await box.go(page, '/centre');
  await field(page, t('centre:field.enabled')).click();
  await field(page, t('centre:field.code')).fill(code);
  await button(page, t('save')).click();
  await shows(page, t('centre:states.connected'));
  await picture(box, page, 'centre');
}

await test(async (stand) => {
  const box = await stand.beside({ face: 'gateway', empty: true, collect: false, meters: 1, fitted: true });
  const page = await box.open('/meter-table', phone);
  await fillTable(box, page);
  await setEvent(box, page, await setPolling(box, page));
  await setCentre(box, page, await codeOf(stand));

  const device = await until('the meter is known at the head-end', async () => (await stand.ask('GET', '/devices')).items[0]);
  same([device.driver, device.title], ['mercury230', 'ВРУ-1'], 'the head-end has the meter, told by its gateway');
  const days = (place, id) => place.ask('GET', `/devices/${id}/readings?archive=day`);
  const here = await until('its readings come by the gateway\'s clock', async () => { const all = await days(stand, device.id); return all.rows.length > 1 && all; }, 400);
  const there = await days(box, (await box.ask('GET', '/devices')).items[0].id);
  same(here.rows.map((row) => [row.time, row.values]), there.rows.map((row) => [row.time, row.values]), 'the same as at the gateway, digit by digit');
  await until('its number is what the meter says', async () => (await stand.ask('GET', `/devices/${device.id}`)).serial === '41000001', 400);
  const desk = await stand.open(`/devices/${device.id}?tab=readings&r.archive=day`);
  await shows(desk, 'A+');
  ok(true, 'and the dispatcher sees them');
  await stand.whole(desk, 'installer-head-end');
}, { meters: 1, quiet: 0, collect: false, empty: true });
