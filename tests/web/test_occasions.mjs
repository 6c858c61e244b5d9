#!/usr/bin/env node
// The gateway's events as an installer sets them (S0 4.5): a timetable, an event with two actions that happens by hand and by the
// clock, a discrete input that is waited for, a letter with data; clocks of meters read and set (S0 4.4.1.1). Both languages, both themes, a telephone.
import { connect } from 'node:net';
import { join } from 'node:path';
import { button, dialog, field, menuItem, save, wordsOf } from './support/hands.mjs';
import { ok, same, test, until } from './support/stand.mjs';

/** A word to the simulated board. */
const say = (stand, words) => new Promise((done, fail) => {
  const socket = connect(join(stand.place, 'board'), () => socket.write(`${words}\n`));
  socket.once('data', (data) => { socket.end(); done(String(data)); }).once('error', fail);
});
const shows = (page, what) => until(`«${what}» is shown`, async () => (await page.evaluate(() => document.body.innerText)).includes(what)).then(() => true, () => false);
const tab = (page, name) => page.getByRole('tab', { name, exact: true }).click();
const pick = async (page, within, label, option) => {
  await within.getByRole('combobox', { name: label }).first().click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: option }).first().click();
};
/** A picture without a pointer over some button. */
const whole = async (stand, page, name) => {
  await page.mouse.move(0, 0);
  await stand.whole(page, name);
};

async function theTimetable(stand, page, t) {
  await tab(page, t('occasions:timetables.title'));
  await button(page, t('occasions:timetables.add')).click();
  await field(dialog(page), t('occasions:field.title')).fill('Ночью');
  ok(await shows(page, 'Каждый день в 01:30'), 'a schedule says itself in words');
  await pick(page, dialog(page), t('collection:schedule.kind'), t('collection:schedule.kinds.yearly'));
  ok(await shows(page, 'Числа 1, месяцы: январь — в 01:30'), 'once a year');
  await whole(stand, page, 'occasions-timetable-dialog');
  await pick(page, dialog(page), t('collection:schedule.kind'), t('collection:schedule.kinds.daily'));
  await save(page, t('app:save'));
  ok(await shows(page, 'Каждый день в 01:30'), 'it is in the list');
  await whole(stand, page, 'occasions-timetables');
}

async function theEvent(stand, page, t) {
  await tab(page, t('occasions:events.title'));
  ok(await shows(page, 'Clocks of meters'), 'the check of clocks is there from the beginning');
  await button(page, t('occasions:events.add')).click();
  await button(dialog(page), t('app:save')).click();
  await until('what is missing is told', async () => (await dialog(page).locator('.ant-form-item-explain-error').count()) >= 3);
  await field(dialog(page), t('occasions:field.title')).fill('Ночной опрос');
  await pick(page, dialog(page), t('occasions:field.timetable'), 'Ночью');
  const first = dialog(page).getByTestId('action-0');
  await pick(page, first, t('occasions:field.action', { number: 1 }), t('occasions:action.clock'));
  await button(dialog(page), t('occasions:events.addAction')).click();
  const second = dialog(page).getByTestId('action-1');
  await pick(page, second, t('occasions:field.action', { number: 2 }), t('occasions:action.relay-own'));
  await pick(page, second, t('occasions:field.relay'), t('occasions:relay.own', { number: 2 }));
  await second.getByRole('radio', { name: t('occasions:relay.on') }).check();
  await whole(stand, page, 'occasions-event-dialog');
  await save(page, t('app:save'));
  ok(await shows(page, 'Включить: реле устройства №2'), 'its actions are told in plain words');
  await page.locator('[data-testid="table-occasions-events"] tbody tr.ant-table-row').filter({ hasText: 'Ночной опрос' }).click({ button: 'right' });
  await menuItem(page, t('occasions:events.run')).click();
  await until('the relay', async () => (await say(stand, 'show')).includes('relay2=on'));
  ok(true, 'by hand the relay is switched');
  await tab(page, t('occasions:happenings.title'));
  ok(await shows(page, 'вручную: admin'), 'and it is told why');
  await whole(stand, page, 'occasions-happenings');
  const { items } = await stand.ask('GET', '/timetables');
  const night = items.find((one) => one.title === 'Ночью');
  const soon = new Date(Date.now() + 5000);
  const wall = new Date(soon.getTime() - soon.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  await stand.ask('PATCH', `/timetables/${night.id}`, { revision: night.revision, schedule: { kind: 'once', start: wall } });
  ok(await shows(page, 'по времени'), 'when its time comes the open page shows it');
}

async function theInput(stand, page, t) {
  await tab(page, t('occasions:events.title'));
  await button(page, t('occasions:events.add')).click();
  await field(dialog(page), t('occasions:field.title')).fill('Дверь');
  await pick(page, dialog(page), t('occasions:field.condition'), t('occasions:condition.input'));
  await pick(page, dialog(page), t('occasions:field.input'), t('occasions:input.1'));
  await pick(page, dialog(page), t('occasions:field.edge'), t('occasions:edge.appears'));
  const first = dialog(page).getByTestId('action-0');
  await pick(page, first, t('occasions:field.action', { number: 1 }), t('occasions:action.mail'));
  await field(first, t('occasions:field.to')).fill('nobody');
  await button(dialog(page), t('app:save')).click();
  await until('the address is refused', async () => (await dialog(page).locator('.ant-form-item-explain-error').count()) === 1);
  page.complaints.length = 0; // Chromium tells the 400
  await field(first, t('occasions:field.to')).fill('guard@example.org');
  await pick(page, first, t('occasions:field.data'), t('occasions:data.xlsx'));
  await pick(page, first, t('occasions:field.archives'), t('occasions:archive.day'));
  await page.keyboard.press('Escape'); // several may be chosen: the list stays open
  await whole(stand, page, 'occasions-letter-dialog');
  await save(page, t('app:save'));
  ok(await shows(page, 'Письмо: guard@example.org; данные, XLSX: все приборы — Показания на начало суток'), 'what goes with the letter in plain words');
  ok(await shows(page, 'Дискретный вход 1: появление сигнала'), 'the condition in plain words');
  await whole(stand, page, 'occasions-events');
  await tab(page, t('occasions:inputs.title'));
  ok(await shows(page, 'Дверь'), 'the input shows who waits for it');
  await until('the state is known', async () => (await stand.ask('GET', '/occasions')).items.find((one) => one.title === 'Дверь').known === '0');
  await say(stand, 'input 1 on');
  await whole(stand, page, 'occasions-inputs');
  await tab(page, t('occasions:happenings.title'));
  ok(await shows(page, 'было «отключено», стало «включено»'), 'it happens');
}

async function theClocks(stand, page, t) {
  await stand.go(page, '/clocks');
  await page.locator('[data-testid="table-clocks"] tbody tr.ant-table-row').first().waitFor();
  await page.locator('[data-testid="table-clocks"] thead .ant-checkbox-input').check();
  await button(page, t('occasions:clocks.readNow')).click();
  await until('the run ends', async () => (await page.getByTestId('clock-run').innerText()).includes('100'));
  await until('clocks are shown', async () => !(await page.locator('[data-testid="table-clocks"] tbody').innerText()).includes(t('occasions:clocks.states.unread')));
  ok(true, 'all clocks are read while one looks on');
  await whole(stand, page, 'clocks');
  await button(page, `${t('occasions:clocks.set')}…`).click();
  ok(await shows(page, t('occasions:clocks.setHint')), 'setting asks first');
  await page.locator('.ant-modal-confirm-btns').getByRole('button', { name: t('app:cancel') }).click();
}

async function otherEyes(stand) {
  const page = await stand.open('/occasions', { language: 'en', theme: 'dark' });
  ok(await shows(page, 'Discrete input 1: the signal appears'), 'in English');
  await whole(stand, page, 'occasions-events-en-dark');
  await stand.go(page, '/clocks');
  await whole(stand, page, 'clocks-en-dark');
  await page.context().close();
  const phone = await stand.open('/occasions', { width: 390, height: 844 });
  await whole(stand, phone, 'occasions-events-phone');
  await stand.go(phone, '/clocks');
  await whole(stand, phone, 'clocks-phone');
  same(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing runs over the edge of a telephone');
  await phone.context().close();
}

await test(async (stand) => {
  const t = wordsOf('ru');
  const page = await stand.open('/occasions');
  await theTimetable(stand, page, t);
  await theEvent(stand, page, t);
  await theInput(stand, page, t);
  await theClocks(stand, page, t);
  await page.context().close();
  await otherEyes(stand);
}, { face: 'gateway', meters: 4, quiet: 0, collect: false });
