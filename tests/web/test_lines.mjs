#!/usr/bin/env node
// The gateway's lines: an interface is given its channel and port, a transit client is seen on the line while he talks, the journal
// says so afterwards; a plan that cannot fit is told; two editors of an interface; in both languages, dark, on a telephone.
import { connect } from 'node:net';
import { freePort, ok, same, test, until } from './support/stand.mjs';

const dialog = (page) => page.locator('.ant-modal:visible');
const press = (place, words) => place.getByRole('button', { name: new RegExp(`^(\\S+ )?${words}$`) }).click();
const choose = async (page, label, words) => {
  await dialog(page).getByLabel(label, { exact: true }).click();
  await page.locator('.ant-select-dropdown:visible').getByText(words, { exact: true }).first().click();
};

/** A Меркурий's test of the channel: 01 00 and the sum; the answer is the same bytes. */
const ping = Buffer.from([0x01, 0x00, 0x00, 0x20]);

const ask = (socket) => new Promise((done, fail) => {
  let got = Buffer.alloc(0);
  const hear = (data) => {
    got = Buffer.concat([got, data]);
    if (got.length < ping.length) return;
    socket.off('data', hear);
    done(got.equals(ping));
  };
  socket.on('data', hear).once('error', fail);
  socket.write(ping);
});

async function setUp(stand, page, port) {
  await stand.go(page, '/interfaces');
  same(await page.locator('tbody tr.ant-table-row').count(), 8, 'eight interfaces');
  await stand.whole(page, 'lines-interfaces-empty');
  await press(page, 'Интерфейс 1');
  await dialog(page).getByLabel('Канал связи').click();
  await page.locator('.ant-select-dropdown:visible').getByText(/serial:/).first().click();
  await choose(page, 'Скорость обмена, бод', '115200');
  await choose(page, 'Линия питания', 'Линия 3');
  await stand.whole(page, 'lines-interface-dialog');
  await dialog(page).getByLabel('Разрешённые адреса').fill('10.0.0.0/40');
  await press(dialog(page), 'Записать');
  await dialog(page).locator('.ant-form-item-explain-error').first().waitFor();
  ok(true, 'a network that is none is told at its field');
  page.complaints.length = 0; // of the refusal
  await dialog(page).getByLabel('Разрешённые адреса').fill('127.0.0.0/8');
  await dialog(page).getByLabel('Освобождать линию после тишины').fill('2');
  await press(dialog(page), 'Записать');
  await dialog(page).waitFor({ state: 'hidden' });
  await until('its power line', async () => (await stand.ask('GET', '/interfaces/1')).power === 'on');
  const one = await stand.ask('GET', '/interfaces/1');
  same([one.baud, one.allowed, one.idle_s, one.link > 0, one.power_line, one.power], [115200, '127.0.0.0/8', 2, true, 3, 'on'], 'the interface is set, its power line is on');
  await page.locator('tbody tr.ant-table-row').first().filter({ hasText: /Линия 3\s+включена/ }).waitFor();
  ok(true, 'the page says so');
  const servers = await stand.ask('GET', '/servers');
  await stand.ask('PATCH', '/servers', { revision: servers.revision, items: [{ type: 'http', port: 80 }, { type: 'transit-1', port }] });
  await page.getByText('открыт', { exact: true }).waitFor();
  ok(true, 'its port is told to be open');
  return one.link;
}

async function seen(stand, page, link, port) {
  await stand.go(page, '/lines');
  await stand.whole(page, 'lines-list');
  await page.locator(`a[href="/lines/${link}"]`).click();
  await stand.settle(page);
  const holder = page.getByTestId('holder');
  await holder.getByText('Свободна').waitFor();
  const socket = await new Promise((done) => { const s = connect(port, '127.0.0.1', () => done(s)); });
  ok(await ask(socket), 'a meter answers through the port');
  await holder.getByText('Транзит').waitFor();
  ok((await holder.innerText()).includes('127.0.0.1:'), 'the page shows who has the line, without being asked again');
  await stand.whole(page, 'lines-line-transit');
  await holder.getByText('Свободна').waitFor();
  ok(true, 'and that it is free after the silence');
  socket.destroy();
  await page.getByRole('tab', { name: 'Кто держал линию' }).click();
  await page.locator('tbody').getByText('Транзит').first().waitFor();
  await page.locator('tbody').getByText('Опрос', { exact: true }).first().waitFor();
  ok(true, 'the journal has transit and collection');
  await stand.whole(page, 'lines-line-journal');
}

async function plan(stand, page, link) {
  const { plan_ms } = await stand.ask('GET', `/lines/${link}`);
  await stand.go(page, '/lines');
  await page.getByLabel('Период опроса приборов').click();
  await page.locator('.ant-select-dropdown:visible').getByText('1 мин 00 с', { exact: true }).click();
  await page.getByText(/следующий опрос/).waitFor();
  same((await stand.ask('GET', '/collection')).every_minutes, 1, 'the period is set on the page of lines');
  await stand.whole(page, 'lines-list-period');
  await stand.collect();
  ok(plan_ms > 0, 'what a cycle takes is known');
  const life = await stand.ask('GET', `/lines/${link}`);
  same(life.fit, life.plan_ms > 60000 ? 'no' : life.plan_ms > 51000 ? 'close' : 'yes', 'the plan is compared with the period');
  // A plan that cannot fit: the answer of the server with a period that is too short.
  await page.route(`**/api/v1/lines/${link}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), fit: 'no', plan_ms: 75000, period_ms: 60000 } });
  });
  await page.route('**/api/v1/collection/stream', (route) => route.abort());
  await stand.go(page, `/lines/${link}`);
  await page.getByText('План опроса не укладывается в период: нужно 1 мин 15 с, а период 1 мин 00 с').waitFor();
  ok(true, 'a plan that cannot fit is told, with what it needs');
  await stand.shot(page, 'lines-line-no-fit');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function editors(stand) {
  const page = await stand.open('/interfaces', { language: 'en' });
  await press(page, 'Interface 2');
  await dialog(page).getByLabel('Longest hold').fill('900');
  const now = await stand.ask('GET', '/interfaces/2');
  await stand.ask('PATCH', '/interfaces/2', { revision: now.revision, hold_s: 300 });
  await press(dialog(page), 'Save');
  await page.getByTestId('changed').waitFor();
  ok((await page.getByTestId('changed').innerText()).includes('300'), 'who saves second is shown what the first one set');
}

await test(async (stand) => {
  const port = await freePort();
  const page = await stand.open('/');
  const link = await setUp(stand, page, port);
  await seen(stand, page, link, port);
  await plan(stand, page, link);
  await editors(stand);
  const dark = await stand.open(`/lines/${link}`, { language: 'en', theme: 'dark' });
  await stand.whole(dark, 'lines-line-en-dark');
  const phone = await stand.open(`/lines/${link}`, { width: 390 });
  await stand.whole(phone, 'lines-line-phone');
  await stand.go(phone, '/lines');
  await stand.whole(phone, 'lines-list-phone');
}, { face: 'gateway', meters: 2, quiet: 0 });
