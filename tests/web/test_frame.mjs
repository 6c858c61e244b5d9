#!/usr/bin/env node
// The frame of the app: signing in, languages, themes, addresses, and the table with its keyboard, on a list of many pages.
import { ok, password, same, test, until } from './support/stand.mjs';

const text = (page, selector) => page.locator(selector).first().innerText();
const rows = (page) => page.locator('[data-testid="table-devices"] tbody tr.ant-table-row');
const shows = (page, what) => until(`«${what}» is shown`, async () => (await page.evaluate(() => document.body.innerText)).includes(what)).then(() => true, () => false);

async function signingIn(stand) {
  const enter = () => fetch(`${stand.url}/api/v1/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ login: 'admin', password }) });
  same(await Promise.all(Array.from({ length: 5 }, async () => (await enter()).status)), [200, 200, 200, 200, 200], 'one who signs in at several places at the same moment is let in at each');
  const page = await stand.open('/devices?q=20000007', { login: null });
  await stand.whole(page, 'sign-in-ru-light');
  await page.getByLabel('Имя пользователя').fill('admin');
  await page.getByLabel('Пароль', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Войти' }).click();
  ok(await page.getByRole('alert').innerText(), 'a wrong password is told');
  await page.getByLabel('Пароль', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Войти' }).click();
  await until('the list', async () => (await rows(page).count()) === 1);
  ok(await shows(page, 'Молчащий 7'), 'after signing in the address that was asked is shown');
  page.complaints.length = 0; // Chromium tells the refused password's 401
  await page.getByTestId('user').click();
  await page.getByText('Выйти').click();
  ok(await shows(page, 'Имя пользователя'), 'signing out leads to the front');
  await page.context().close();
}

async function wordsAndColours(stand) {
  const page = await stand.open('/devices');
  same(await text(page, 'h1'), 'Список устройств', 'Russian first');
  await page.getByTestId('language').click();
  ok(await shows(page, 'Serial number'), 'English by one click');
  await page.getByTestId('theme').click();
  same(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'dark by one click');
  await page.reload();
  await stand.settle(page);
  same([await text(page, 'h1'), await page.evaluate(() => document.documentElement.dataset.theme)], ['Devices', 'dark'], 'both survive a reload');
  await page.getByTestId('language').click();
  ok(await shows(page, 'Список устройств'), 'and back');
  await until('the choice is kept', async () => (await stand.ask('GET', '/session')).language === 'ru');
  await stand.go(page, '/no-such-page');
  ok(await shows(page, 'Такой страницы нет'), 'an address that is no page says so');
  same(page.complaints, [], 'the console is silent');
  await page.context().close();
}

async function theTable(stand) {
  const page = await stand.open('/devices?size=25');
  same(await rows(page).count(), 25, 'a page of 25');
  await page.getByRole('columnheader', { name: 'Серийный номер' }).click();
  await until('sorting', () => page.url().includes('sort=serial'));
  ok(page.url().includes('sort=serial'), 'sorting stands in the address');
  await page.getByRole('checkbox', { name: 'Выбрать 10000001' }).check();
  const former = await rows(page).first().innerText();
  await page.locator('.ant-pagination-item-3').click();
  await until('page 3', async () => page.url().includes('page=3') && (await rows(page).first().innerText()) !== former);
  await rows(page).first().getByRole('checkbox').check();
  same(await page.getByTestId('selected').innerText(), 'Выбрано 2', 'the selection survives paging');
  await page.goBack();
  await until('back', async () => !page.url().includes('page=3') && (await rows(page).first().innerText()).includes(former.split('\t')[0].trim().split('\n')[0]));
  ok(await page.getByRole('checkbox', { name: 'Выбрать 10000001' }).isChecked(), 'back works, the choice is still there');

  await page.keyboard.press('Escape');
  await page.locator('h1').click();
  await page.keyboard.press('/');
  await page.keyboard.type('Молчащий 11');
  await until('found', async () => page.url().includes('q=') && (await rows(page).count()) < 25);
  ok((await rows(page).count()) >= 1 && (await rows(page).count()) < 25, '«/» searches');
  await stand.go(page, page.url());
  ok((await rows(page).count()) < 25, 'the address holds the search');
  await stand.go(page, '/devices?q=%D0%BD%D0%B5%D1%82%D1%82%D0%B0%D0%BA%D0%BE%D0%B3%D0%BE');
  ok(await shows(page, 'Ничего не найдено'), 'nothing found says what to do');

  await stand.go(page, '/devices?size=25');
  await page.getByRole('button', { name: 'Столбцы' }).click();
  await page.getByRole('checkbox', { name: 'Дата добавления' }).uncheck();
  await until('the column goes', async () => !(await page.getByRole('columnheader', { name: 'Дата добавления' }).count()));
  await page.waitForTimeout(900); // the choice is written a moment later
  await page.reload();
  await stand.settle(page);
  same(await page.getByRole('columnheader', { name: 'Дата добавления' }).count(), 0, 'the choice of columns is kept on the server');

  await rows(page).first().click();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  ok(await rows(page).nth(1).getByRole('checkbox').isChecked(), 'arrows move, Space selects');
  same(page.complaints, [], 'the console is silent');
  await page.context().close();
}

/** What the list has found on all its pages, chosen and changed at once; days of a column of moments. */
async function allFound(stand) {
  const page = await stand.open('/devices?size=25&q=2000');
  const total = (await stand.ask('GET', '/devices?search=2000&size=1')).total;
  await page.locator('[data-testid="table-devices"] thead').getByRole('checkbox').first().check();
  same(await page.getByTestId('selected').innerText(), 'Выбрано 25', 'the head chooses the page');
  await page.getByRole('button', { name: `Выбрать все найденные: ${total}` }).click();
  ok(await shows(page, `Выбрано ${total}`), 'and then all that were found');
  await page.locator('.ant-pagination-item-3').click();
  await until('page 3', async () => page.url().includes('page=3'));
  ok(await rows(page).first().getByRole('checkbox').isChecked(), 'those of other pages, too');
  await page.getByRole('button', { name: /Действия/ }).first().click();
  await page.getByRole('menuitem', { name: /Выключить$/ }).click();
  await until('all are disabled', async () => (await stand.ask('GET', '/devices?enabled=false&size=1')).total === total);
  ok(true, 'one action is for all of them');

  await stand.go(page, '/devices?size=25');
  await page.getByRole('columnheader', { name: 'Дата добавления' }).locator('.ant-table-filter-trigger').click();
  await page.getByTestId('moment-filter').getByRole('button', { name: 'Сегодня' }).click();
  await until('the filter', async () => /f\.added_from=/.test(page.url()) && /f\.added_to=/.test(page.url()));
  ok(await shows(page, 'Дата добавления: ') && (await rows(page).count()) === 25, 'a range of days filters: all came today');
  await stand.whole(page, 'frame-moments');
  await page.getByLabel('Дата добавления: С').fill('2030-01-01');
  ok(await shows(page, 'Ничего не найдено'), 'from a day to come there are none');
  await stand.go(page, '/devices?f.added_to=2020-01-02');
  ok(await shows(page, 'Ничего не найдено') && await shows(page, '… — 01.01.2020'), 'none came before; the address holds the days, their last included');
  await page.locator('.ant-tag-close-icon').first().click();
  await until('no filter', async () => (await rows(page).count()) > 0 && !page.url().includes('added_to'));
  ok(true, 'the tag takes the filter off');
  same(page.complaints, [], 'the console is silent');
  await page.context().close();
}

await test(async (stand) => {
  await signingIn(stand);
  await wordsAndColours(stand);
  await allFound(stand);
  await theTable(stand);
}, { meters: 2, quiet: 110, collect: false });
